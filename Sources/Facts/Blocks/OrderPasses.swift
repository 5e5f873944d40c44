public import Storage

/// Ways through the blocks for what looks at many orders: each block is read once.
extension OrderBlocks {
  /// Calls `body` with each block and what its orders begin with, in the order of ids, until it answers that it has seen enough.
  ///
  /// - Throws: ``Damage`` where a block is not as an import made it.
  public func eachBlock(_ body: (BlockReader, [OrderHead]) throws -> Pass) throws {
    let reader = BlockReader()
    var heads: [OrderHead] = []
    try eachBlock("ORDER BY first_order", nil, reader) {
      heads.removeAll(keepingCapacity: true)
      reader.readHeads(into: &heads)
      return try body(reader, heads)
    }
  }

  public enum Pass { case on, enough }

  /// Calls `body` with some orders, read whole, in the order of their ids, and where its line is among the block's words; those that are not there
  /// are passed by.
  ///
  /// - Parameter opened: Called for each block that is opened.
  /// - Throws: ``Damage`` where a block is not as an import made it.
  public func each(
    ofOrders ids: Set<String>, opened: @escaping (BlockReader) -> Void = { _ in }, _ body: (OrderRows, LinePlace) throws -> Void
  ) throws {
    if ids.isEmpty { return }
    let walk = try OrderWalk(connection, BlockReader(), opened: opened)
    var file = OrderRows()
    for id in ids.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let isThere = try unsafe Array(id.utf8).withUnsafeBufferPointer { unsafe try walk.go(to: ByteText($0)) }
      if !isThere { continue }
      let place = walk.reader.place
      walk.reader.read(into: &file)
      try body(file, place)
    }
  }

  /// Calls `body` with the words of each block: carriers, regions, plans, coins and networks. Whether the blocks are as imports made them is not asked.
  public static func eachWords(on connection: Connection, _ body: ([ByteText]) -> Void) throws {
    let rows = try connection.prepare("SELECT orders, entries FROM \(BlockSchema.patchedBlocks)")
    let reader = BlockReader()
    while try rows.step() {
      guard unsafe reader.open(rows.blobBytes(0), patch: rows.blobBytes(1)) else { throw OrderBlocks.broken }
      body(reader.words)
    }
  }
}
