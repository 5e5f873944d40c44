import ReferenceModel
import Testing

@testable import Facts

@Suite struct `orders put into blocks` {
  private static func ascending(_ ids: some Sequence<String>) -> [String] { ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// Round by round: new orders before, between and after the others, and known ones that say something else, mostly more.
  @Test(arguments: 1...UInt64(12)) func `lie there as they were put, however blocks grow and split, and are found`(seed: UInt64) throws {
    let samples = OrderSamples(seed: seed)
    let blocks = try BlockStore()
    var orders: [String: OrderRows] = [:]
    var patches: Int64 = 0
    for round in 0..<8 {
      var changed: Set<String> = []
      for _ in 0..<samples.random.pick([1, 1, 30, 100]) {
        let known = orders.keys.sorted()
        let isNew = known.isEmpty || samples.random.chance(50)
        let prefix = samples.random.pick(["0", "M", "O", "z"])
        changed.insert(isNew ? "\(prefix)-\(samples.random.int(0...9_999))" : samples.random.pick(known))
      }
      for id in changed { orders[id] = samples.order(id, usageDays: samples.random.pick([0, 0, 10, 30 * round])) }
      try blocks.put(Self.ascending(changed).compactMap { orders[$0] })
      #expect(try blocks.orders() == Self.ascending(orders.keys).compactMap { orders[$0]?.lines }, "round \(round)")
      #expect(try blocks.faults() == [], "round \(round)")
      patches += try blocks.count("SELECT count(*) FROM block_patches")
    }
    #expect(patches > 0)
    #expect(try blocks.count("SELECT count(*) FROM order_blocks WHERE split_from IS NOT NULL") > 0)
    let ofLines = Dictionary(grouping: orders.keys) { orders[$0]?.order.line ?? 0 }
    for (line, ids) in ofLines { #expect(try blocks.orders(ofLine: line) == Set(ids)) }
    #expect(ofLines.count == 3)
    #expect(try blocks.orders(ofLine: 2).isEmpty)
    for (id, file) in orders {
      for row in file.periods {
        #expect(try blocks.orders(with: row.id.string, .period) == [id])
        if !row.txid.isEmpty { #expect(try blocks.orders(with: row.txid.string, .transaction).contains(id)) }
      }
      for row in file.addons { #expect(try blocks.orders(with: row.id.string, .addon) == [id]) }
      for row in file.tickets { #expect(try blocks.orders(with: row.id.string, .ticket) == [id]) }
    }
  }

  @Test func `what moved to another order is found there, and not where it was`() throws {
    let samples = OrderSamples(seed: 5)
    let blocks = try BlockStore()
    let ids = (100..<400).map { "O-\($0)" }
    var files = ids.map { samples.order($0, usageDays: 2) }
    for (index, id) in ids.enumerated() {
      var row = PeriodRow()
      (row.id, row.starts, row.ends, row.coin) = (samples.text("moving-\(id)"), 1, 2, samples.text("XMR"))
      row.txid = samples.text("AB\(id.dropFirst(2))")
      files[index].addons.removeAll()
      files[index].periods = [row]
    }
    try blocks.put(files)
    // Every period goes to the next order, the last one's to the first.
    let periods = files.map(\.periods)
    for index in files.indices { files[index].periods = periods[(index + files.count - 1) % files.count] }
    try blocks.put(files)
    #expect(try blocks.faults() == [])
    for (index, id) in ids.enumerated() {
      let now = ids[(index + 1) % ids.count]
      #expect(try blocks.orders(with: "moving-\(id)", .period) == [now])
      // Q1: with or without 0x, without regard to case.
      for spelling in ["AB", "ab", "0xab", "0XaB"] { #expect(try blocks.orders(with: spelling + id.dropFirst(2), .transaction) == [now]) }
    }
    #expect(try blocks.orders(with: "nothing", .period) == [])
  }

  @Test func `few changed orders lie over their blocks, and leave those as they are`() throws {
    let samples = OrderSamples(seed: 9)
    let blocks = try BlockStore()
    try blocks.put((100..<900).map { samples.small("O-\($0)") })
    try blocks.put([samples.small("O-250"), samples.small("O-250a")])
    #expect(try blocks.count("SELECT count(*) FROM order_blocks WHERE import_id = 2") == 0)
    #expect(try blocks.count("SELECT count(*) FROM order_blocks") > 10)
    #expect(try blocks.count("SELECT count(*) FROM block_patches") == 1)
    #expect(try blocks.count("SELECT sum(added_count) FROM block_patches") == 1)
  }
}
