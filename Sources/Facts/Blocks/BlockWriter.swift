import AuditLog
import Storage

/// Writes blocks and patches, their digests and the index of their keys, inside an import's transaction.
struct BlockWriter {
  private let importID: Int64
  private let insert, update, updateFirst, former: RawStatement
  private let insertPatch, updatePatch, deletePatch: RawStatement
  private let leaves: BlockLeaves
  private var nextBlock: Int64
  private var keys: KeyCollector

  init(importID: Int64, on connection: Connection) throws {
    self.importID = importID
    insert = try connection.prepare(
      "INSERT INTO order_blocks (block, order_count, import_id, orders, first_order, split_from) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    update = try connection.prepare("UPDATE order_blocks SET order_count = ?2, import_id = ?3, orders = ?4 WHERE block = ?1")
    updateFirst = try connection.prepare("UPDATE order_blocks SET first_order = ?2 WHERE block = ?1")
    former = try connection.prepare("SELECT split_from, first_order FROM order_blocks WHERE block = ?1")
    insertPatch = try connection.prepare("INSERT INTO block_patches (block, added_count, import_id, entries) VALUES (?1, ?2, ?3, ?4)")
    updatePatch = try connection.prepare(
      "UPDATE block_patches SET added_count = ?2, import_id = ?3, entries = ?4 WHERE block = ?1")
    deletePatch = try connection.prepare("DELETE FROM block_patches WHERE block = ?1")
    leaves = try BlockLeaves(connection)
    let last = try connection.prepare("SELECT coalesce(max(block), 0) + 1 FROM order_blocks")
    _ = try last.step()
    nextBlock = last.int(0)
    keys = try KeyCollector(connection)
  }

  /// - Throws: ``Damage`` where what lay in the place before is not as an import made it: nothing may be sealed over it.
  mutating func write(_ output: BlockOutput) throws {
    if let former = output.former, let finding = try leaves.finding(former) { throw Damage([finding]) }
    let number: Int64
    switch output.place {
    case .patch(let block, let hasPatch):
      number = block
      try write(output, over: block, hasPatch)
    case .block(let block, let hasPatch):
      number = block
      if hasPatch { try removePatch(over: block, output.former) }
      try rewrite(output, block)
    case .new(let splitFrom):
      number = nextBlock
      nextBlock += 1
      unsafe try output.firstOrder.withUnsafeBufferPointer { unsafe try insert.bind(5, bytes: $0) }
      try insert.bind(6, splitFrom)
      try write(output, number, splitFrom, insert)
    }
    try keys.add(output.newKeys, block: number)
  }

  private func rewrite(_ output: BlockOutput, _ block: Int64) throws {
    var splitFrom: Int64?
    try former.bind(1, block)
    if try former.step() {
      splitFrom = former.optionalInt(0)
      if unsafe !former.bytes(1).elementsEqual(output.firstOrder) {
        try updateFirst.bind(1, block)
        unsafe try output.firstOrder.withUnsafeBufferPointer { unsafe try updateFirst.bind(2, bytes: $0) }
        try updateFirst.run()
      }
    }
    former.reset()
    leaves.blocks.rowCount -= output.former?.orderCount ?? 0
    try write(output, block, splitFrom, update)
  }

  private func write(_ output: BlockOutput, _ block: Int64, _ splitFrom: Int64?, _ statement: RawStatement) throws {
    let digest = BlockDigest.row(
      block: block, firstOrder: String(decoding: output.firstOrder, as: UTF8.self), orderCount: Int64(output.orderCount),
      importID: importID, splitFrom: splitFrom, bytes: output.digest)
    try leaves.blocks.set(digest, at: block)
    try write(output, block, statement)
  }

  private func write(_ patch: BlockOutput, over block: Int64, _ hasPatch: Bool) throws {
    leaves.blocks.rowCount -= patch.former?.addedCount ?? 0
    if !hasPatch { leaves.patches.rowCount += 1 }
    let digest = BlockDigest.patch(block: block, addedCount: Int64(patch.orderCount), importID: importID, bytes: patch.digest)
    try leaves.patches.set(digest, at: block)
    try write(patch, block, hasPatch ? updatePatch : insertPatch)
  }

  /// - Parameter statement: Takes block, number of orders, import and bytes, in this order.
  private func write(_ output: BlockOutput, _ block: Int64, _ statement: RawStatement) throws {
    leaves.blocks.rowCount += Int64(output.orderCount)
    try statement.bind(1, block)
    try statement.bind(2, Int64(output.orderCount))
    try statement.bind(3, importID)
    try unsafe output.bytes.withUnsafeBufferPointer { bytes in
      unsafe try statement.bind(4, blobBytes: bytes)
      try statement.run()
    }
  }

  private func removePatch(over block: Int64, _ former: BlockDigest.Former?) throws {
    leaves.blocks.rowCount -= former?.addedCount ?? 0
    leaves.patches.rowCount -= 1
    try leaves.patches.set(nil, at: block)
    try deletePatch.bind(1, block)
    try deletePatch.run()
  }

  /// - Returns: False where an id seems to be there twice.
  mutating func finish(mayRepeat: Bool) throws -> Bool {
    guard try keys.finish(mayRepeat: mayRepeat) else { return false }
    try leaves.finish()
    return true
  }
}
