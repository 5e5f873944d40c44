import AuditLog
import Storage

/// The blocks of orders and the patches over them against what imports made of them.
final class BlockCheck {
  private let connection: Connection
  private let splits: RawStatement
  private let reader = BlockReader()
  private var file = OrderRows()
  private var found: [Finding] = []
  private var lastOrder = ""

  init(_ connection: Connection) throws {
    self.connection = connection
    splits = try connection.prepare("SELECT split_from FROM order_blocks WHERE block = ?1")
  }

  /// Every block and patch against its digest, every order against the order of ids, every key against the index.
  ///
  /// - Returns: The first of what is wrong.
  func findings() throws -> [Finding] {
    do {
      let keys = try KeyIndex(connection)
      found += try keys.findings()
      try checkBlocks(found.isEmpty ? keys : nil)
    } catch let damage as Damage {
      found += damage.findings
    }
    return found
  }

  /// - Parameter keys: Nil where the index is not whole: then nothing is looked for in it.
  private func checkBlocks(_ keys: KeyIndex?) throws {
    let leaves = try BlockLeaves(connection)
    let rows = try connection.prepare("SELECT \(BlockDigest.Former.columns) FROM \(BlockSchema.patchedBlocks) ORDER BY first_order")
    var (count, patches): (Int64, Int64) = (0, 0)
    var blocks: Set<Int64> = []
    while try rows.step(), found.count < 20 {
      let read = BlockDigest.Former(rows)
      blocks.insert(read.block)
      count += read.orderCount + read.addedCount
      if read.patch != nil { patches += 1 }
      if let finding = try leaves.finding(read) { found.append(finding) } else { try check(rows, read, keys) }
    }
    if found.count >= 20 { return }
    try leaves.blocks.each { block, _ in
      if !blocks.contains(block) { found.append(Finding("order_blocks", "block \(block) is missing")) }
    }
    if try connection.count("SELECT count(*) FROM block_patches") != patches {
      found.append(Finding("block_patches", "one lies over no block"))
    }
    if found.isEmpty, count != leaves.blocks.rowCount {
      found.append(Finding("order_blocks", "\(count) orders are there, imports made \(leaves.blocks.rowCount)"))
    }
  }

  private func check(_ row: RawStatement, _ read: BlockDigest.Former, _ keys: KeyIndex?) throws {
    let name = read.place
    func add(_ what: String) { found.append(Finding("order_blocks", "\(name) \(what)")) }
    guard unsafe reader.open(row.blobBytes(5), patch: row.blobBytes(8)) else {
      found.append(Finding("order_blocks", "\(name) cannot be read"))
      return
    }
    var orders: Int64 = 0
    while reader.next() {
      reader.read(into: &file)
      let id = reader.order.id.string
      if orders == 0, id != row.text(1) { add("begins with another order") }
      if !lastOrder.isEmpty, !lastOrder.utf8.lexicographicallyPrecedes(id.utf8) { add("does not follow the block before it") }
      if !reader.isNotable, reader.hasTickets || reader.order.reason == OrderRow.withdrawn {
        add("says that none of its orders was withdrawn or has a ticket, and order '\(id)' was or has")
      }
      lastOrder = id
      orders += 1
      try file.eachKey { key in
        guard let keys, try !isFound(key, in: read.block, keys) else { return }
        found.append(Finding("key_pages", "a record of order '\(id)' is not found by its id"))
      }
    }
    let count = read.orderCount + read.addedCount
    if reader.isBroken || orders != count { add("does not hold \(count) orders") }
  }

  /// Whether the index leads to a block, or to the one it was split from.
  private func isFound(_ key: UInt64, in block: Int64, _ keys: KeyIndex) throws -> Bool {
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
