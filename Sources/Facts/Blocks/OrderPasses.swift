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

  /// Calls `body` with every order of which a row came or changed after an import, read whole, and where its line is among the block's words.
  ///
  /// - Parameter opened: Called for each block that is opened.
  /// - Throws: ``Damage`` where a block is not as an import made it.
  public func eachChanged(since importID: Int64, opened: (BlockReader) -> Void, _ body: (OrderRows, LinePlace) throws -> Void) throws {
    let reader = BlockReader()
    var file = OrderRows()
    func tell() throws {
      let place = reader.place
      reader.read(into: &file)
      if file.lastImport > importID { try body(file, place) }
    }
    try eachBlock("WHERE order_blocks.import_id > ?1", importID, reader) {
      opened(reader)
      while reader.next() { try tell() }
      return .on
    }
    // Of blocks that did not change only what lies over them is read.
    try eachBlock(
      """
      WHERE order_blocks.import_id <= ?1 AND order_blocks.block IN (SELECT block FROM block_patches WHERE import_id > ?1)
      """, importID, reader
    ) {
      opened(reader)
      while reader.nextPatched() { try tell() }
      return .on
    }
  }

  /// Calls `body` with some orders, read whole, in the order of their ids; those that are not there are passed by.
  ///
  /// - Throws: ``Damage`` where a block is not as an import made it.
  public func each(ofOrders ids: Set<String>, _ body: (OrderRows) throws -> Void) throws {
    let walk = try OrderWalk(connection, BlockReader())
    var file = OrderRows()
    for id in ids.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let isThere = try unsafe Array(id.utf8).withUnsafeBufferPointer { unsafe try walk.go(to: ByteText($0)) }
      if !isThere { continue }
      walk.reader.read(into: &file)
      try body(file)
    }
  }
}
