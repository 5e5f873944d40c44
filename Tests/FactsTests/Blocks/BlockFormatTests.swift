import ReferenceModel
import Testing

@testable import Facts

@Suite struct `a block of orders` {
  private static func ids(_ count: Int, _ samples: OrderSamples) -> [String] {
    Set((0..<count).map { _ in "O-\(samples.random.int(0...99_999_999))" }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func blocks(of files: [OrderRows]) throws -> [BlockOutput] {
    var blocks: [BlockOutput] = []
    let editor = BlockEditor { blocks.append($0) }
    for file in files { try editor.put(file, isFormer: false, keys: []) }
    try editor.end()
    return blocks
  }

  @Test(arguments: 1...UInt64(40)) func `gives back what was put into it, extremes included`(seed: UInt64) throws {
    let samples = OrderSamples(seed: seed)
    let files = Self.ids(60, samples).map { samples.order($0) }
    let blocks = try Self.blocks(of: files)
    let read = blocks.map { readBlock($0.bytes) }
    #expect(read.allSatisfy { !$0.isBroken })
    #expect(read.flatMap(\.orders) == files.map(\.lines))
    #expect(read.map(\.orders.count) == blocks.map(\.orderCount))
  }

  @Test func `has room for more words than a byte can count`() throws {
    let samples = OrderSamples(seed: 1)
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    let files = (0..<400).map { number in
      var file = OrderRows()
      file.order.id = samples.text("O-\(1000 + number)")
      func word(_ column: Int) -> ByteText {
        samples.text("\(letters[(3 * number + column) / 26 % 26])\(letters[(3 * number + column) % 26])\(number / 225)")
      }
      (file.order.line, file.order.carrier, file.order.region, file.order.plan, file.order.importID) = (7, word(0), word(1), word(2), 1)
      return file
    }
    let blocks = try Self.blocks(of: files)
    #expect(blocks.flatMap { readBlock($0.bytes).orders } == files.map(\.lines))
    let first = try #require(blocks.first)
    #expect(withReader(first.bytes, []) { $0?.words.count ?? 0 } > 255)
    #expect(blocks.allSatisfy { $0.bytes.count <= BlockFormat.size })
  }

  @Test func `is seen to be broken where it is cut, and what comes before is right`() throws {
    let samples = OrderSamples(seed: 7)
    let files = Self.ids(25, samples).map { samples.order($0, usageDays: 3) }
    for block in try Self.blocks(of: files) {
      let whole = readBlock(block.bytes).orders
      for length in 0..<block.bytes.count {
        let (orders, isBroken) = readBlock(Array(block.bytes.prefix(length)))
        #expect(orders.count < whole.count && orders == Array(whole.prefix(orders.count)))
        // A cut between two orders shows in the block's number of orders.
        #expect(isBroken || length == 0 || orders.count < block.orderCount)
      }
    }
  }

  /// Also with an order of many days, whose block is longer than any memory that texts are put together in.
  @Test(arguments: 1...UInt64(8)) func `may be damaged in any way: it is read without a crash, and taken over without one`(seed: UInt64) throws {
    let samples = OrderSamples(seed: seed)
    let files = Self.ids(20, samples).map { samples.order($0) } + [samples.order("Z", usageDays: seed == 1 ? 9_000 : 0)]
    for block in try Self.blocks(of: files) {
      for _ in 0..<300 {
        var bytes = block.bytes
        for _ in 0..<samples.random.pick([1, 1, 1, 4, 40]) {
          let place = samples.random.int(0...(bytes.count - 1))
          bytes[samples.random.chance(30) ? min(place, 40) : place] ^= UInt8(1 << samples.random.int(0...7))
        }
        if samples.random.chance(10) {
          bytes = [1] + (0..<200).map { _ in UInt8(samples.random.pick([0xFF, 0x80, 1, samples.random.int(0...255)])) }
        }
        if bytes.count < 5_000 { _ = readBlock(bytes) }
        try Self.takeOver(bytes)
      }
    }
  }

  /// As an import does that rewrites the block.
  private static func takeOver(_ bytes: [UInt8]) throws {
    try withReader(bytes, []) { reader in
      guard let reader else { return }
      let editor = BlockEditor { _ in }
      editor.begin(1, reader)
      let front = OrderSamples(seed: 1).order("", usageDays: 0)
      try editor.put(front, isFormer: false, keys: [])
      while reader.next() { try editor.keep(reader) }
      try editor.end()
    }
  }
}
