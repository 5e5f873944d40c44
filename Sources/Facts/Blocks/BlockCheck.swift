import Storage

/// The blocks of orders and the patches over them against what imports made of them.
final class BlockCheck {
  private let connection: Connection
  private let keys: KeyIndex
  private let splits: RawStatement
  private let reader = BlockReader()
  private var file = OrderRows()
  private var faults: [String] = []
  private var lastOrder = ""

  init(_ connection: Connection) throws {
    self.connection = connection
    keys = try KeyIndex(connection)
    splits = try connection.prepare("SELECT split_from FROM order_blocks WHERE block = ?1")
  }

  /// Every block and patch against its digest, all digests against their sum, every order against the order of ids, every key against the index.
  ///
  /// - Returns: The first sentences about what is wrong.
  func faults(expecting expected: (rows: Int64, sum: UInt64)) throws -> [String] {
    let rows = try connection.prepare(
      """
      SELECT block, first_order, order_count, order_blocks.import_id, split_from, order_blocks.digest, orders,
        entries, added_count, block_patches.import_id, block_patches.digest
      FROM \(BlockSchema.patchedBlocks) ORDER BY first_order
      """)
    var (count, sum, patches): (Int64, UInt64, Int64) = (0, 0, 0)
    while try rows.step(), faults.count < 20 {
      count += rows.int(2) + rows.int(8)
      sum &+= UInt64(bitPattern: rows.int(5)) &+ UInt64(bitPattern: rows.int(10))
      let isPatched = !rows.isNull(7)
      if isPatched { patches += 1 }
      let name = "block \(rows.int(0)), from order '\(rows.text(1))' on,"
      let isWhole = isBlockWhole(rows)
      let isPatchWhole = !isPatched || self.isPatchWhole(rows)
      if !isWhole { faults.append("order_blocks: \(name) is not as an import made it") }
      if !isPatchWhole { faults.append("block_patches: what lies over \(name) is not as an import made it") }
      if isWhole && isPatchWhole { try check(rows, "order_blocks: \(name)") }
    }
    if !faults.isEmpty { return faults }
    if try connection.count("SELECT count(*) FROM block_patches") != patches { return ["block_patches: one lies over no block"] }
    if count != expected.rows { return ["order_blocks: \(count) orders are there, imports made \(expected.rows)"] }
    return sum == expected.sum ? [] : ["order_blocks: a block is not as imports made it"]
  }

  private func isBlockWhole(_ row: RawStatement) -> Bool {
    BlockDigest.row(
      block: row.int(0), firstOrder: row.text(1), orderCount: row.int(2), importID: row.int(3), splitFrom: row.optionalInt(4),
      bytes: BlockDigest.of(row.blob(6))) == row.int(5)
  }

  private func isPatchWhole(_ row: RawStatement) -> Bool {
    BlockDigest.patch(block: row.int(0), addedCount: row.int(8), importID: row.int(9), bytes: BlockDigest.of(row.blob(7))) == row.int(10)
  }

  private func check(_ row: RawStatement, _ name: String) throws {
    guard unsafe reader.open(row.blobBytes(6), patch: row.blobBytes(7)) else {
      faults.append("\(name) cannot be read")
      return
    }
    var orders: Int64 = 0
    while reader.next() {
      reader.read(into: &file)
      let id = reader.order.id.string
      if orders == 0, id != row.text(1) { faults.append("\(name) begins with another order") }
      if !lastOrder.isEmpty, !lastOrder.utf8.lexicographicallyPrecedes(id.utf8) { faults.append("\(name) does not follow the block before it") }
      if !reader.isNotable, reader.hasTickets || reader.order.reason == OrderRow.withdrawn {
        faults.append("\(name) says that none of its orders was withdrawn or has a ticket, and order '\(id)' was or has")
      }
      lastOrder = id
      orders += 1
      try file.eachKey { key in
        guard try !isFound(key, in: row.int(0)) else { return }
        faults.append("key_pages: a record of order '\(id)' is not found by its id")
      }
    }
    let count = row.int(2) + row.int(8)
    if reader.isBroken || orders != count { faults.append("\(name) does not hold \(count) orders") }
  }

  /// Whether the index leads to a block, or to the one it was split from.
  private func isFound(_ key: UInt64, in block: Int64) throws -> Bool {
    let found = try keys.blocks(of: key)
    var block: Int64? = block
    while let place = block {
      if found.contains(place) { return true }
      try splits.bind(1, place)
      block = try splits.step() ? splits.optionalInt(0) : nil
      splits.reset()
    }
    return false
  }
}
