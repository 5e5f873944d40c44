import ReferenceModel
import Storage
import Testing

@testable import Facts

@Suite struct `the index of ids` {
  private static func hash(_ number: Int, _ kind: FactKey.Kind = .period) -> UInt64 { FactKey("id-\(number)").hash(kind) }

  /// Adds ids with their blocks as one import.
  private static func add(_ entries: [(hash: UInt64, block: Int64)], limit: Int, mayRepeat: Bool, to store: Store) throws -> Bool {
    try store.transaction { connection in
      var keys = try KeyCollector(connection, limit: limit)
      for entry in entries { try keys.add([entry.hash], block: entry.block) }
      let isKept = try keys.finish(mayRepeat: mayRepeat)
      return (isKept ? .commit : .rollback, isKept)
    }
  }

  @Test(arguments: 1...UInt64(6)) func `finds what was put into it, over many levels and their joining`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let blocks = try BlockStore()
    var known: [UInt64: Set<Int64>] = [:]
    for _ in 0..<40 {
      // Large and small imports, ids that came before among them.
      let entries = (0..<random.pick([0, 1, 5, 200, 3_000])).map { _ in
        (hash: Self.hash(random.int(0...20_000), random.pick(FactKey.Kind.allCases)), block: Int64(random.int(1...500)))
      }
      #expect(try Self.add(entries, limit: random.pick([2, 7, 1_000]), mayRepeat: true, to: blocks.store))
      for entry in entries { known[entry.hash, default: []].insert(entry.block) }
      let levels = try blocks.store.read { try KeyIndex.levels($0) }
      // Each is at least twice as large as the next: a look-up asks few.
      for (one, next) in zip(levels, levels.dropFirst()) { #expect(one.count > 2 * next.count) }
    }
    try blocks.store.read { connection in
      let index = try KeyIndex(connection)
      for (hash, expected) in known {
        let found = try index.blocks(of: hash)
        #expect(Set(found) == expected && found.count == expected.count)
      }
      for number in 30_000..<30_500 { #expect(try index.blocks(of: Self.hash(number)) == []) }
      #expect(try connection.count("SELECT count(*) FROM key_pages WHERE page >> 24 NOT IN (SELECT level FROM key_levels)") == 0)
      #expect(try connection.count("SELECT sum(length(entries)) / 12 FROM key_pages") == index.entryCount)
    }
  }

  @Test(arguments: [1, 3, 2_048]) func `tells an id that is there twice, in one import or in two, and takes transactions twice`(limit: Int) throws {
    let blocks = try BlockStore()
    func add(_ numbers: some Sequence<Int>, _ kind: FactKey.Kind = .period) throws -> Bool {
      try Self.add(numbers.map { (Self.hash($0, kind), Int64($0 + 1)) }, limit: limit, mayRepeat: false, to: blocks.store)
    }
    #expect(try add(0..<400))
    // Smaller and smaller, so that levels stay apart.
    #expect(try add(400..<500))
    #expect(try add(500..<520))
    #expect(try add(520..<521))
    for repeated in [0, 399, 450, 510, 520] {
      #expect(try !add([1_000, repeated]), "\(repeated)")
      #expect(try !add(Array(1_000..<1_600) + [repeated]), "\(repeated)")
    }
    #expect(try !add(Array(2_000..<2_020) + [2_007]))
    #expect(try !add(Array(2_000..<2_900) + [2_007]))
    #expect(try add([0, 1, 1, 0, 450], .transaction))
    #expect(try add([0, 1, 450], .transaction))
    #expect(try add([0, 1, 450], .addon))
    #expect(try blocks.store.read { try KeyIndex($0).blocks(of: Self.hash(450)) } == [451])
  }
}
