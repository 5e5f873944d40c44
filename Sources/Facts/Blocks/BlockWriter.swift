import Storage

/// Writes blocks and patches, their digests' sum and the index of their keys, inside an import's transaction.
struct BlockWriter {
  private let importID: Int64
  private let insert, update, updateFirst, former: RawStatement
  private let insertPatch, updatePatch, deletePatch, formerPatch: RawStatement
  private var nextBlock: Int64
  private var keys: KeyCollector
  /// How many orders there are more, and by how much the sum over all digests changes; it wraps around.
  private(set) var addedOrders: Int64 = 0
  private(set) var sum: UInt64 = 0

  init(importID: Int64, on connection: Connection) throws {
    self.importID = importID
    insert = try connection.prepare(
      "INSERT INTO order_blocks (block, order_count, import_id, digest, orders, first_order, split_from) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    update = try connection.prepare("UPDATE order_blocks SET order_count = ?2, import_id = ?3, digest = ?4, orders = ?5 WHERE block = ?1")
    updateFirst = try connection.prepare("UPDATE order_blocks SET first_order = ?2 WHERE block = ?1")
    former = try connection.prepare("SELECT digest, order_count, split_from, first_order FROM order_blocks WHERE block = ?1")
    insertPatch = try connection.prepare(
      "INSERT INTO block_patches (block, added_count, import_id, digest, entries) VALUES (?1, ?2, ?3, ?4, ?5)")
    updatePatch = try connection.prepare(
      "UPDATE block_patches SET added_count = ?2, import_id = ?3, digest = ?4, entries = ?5 WHERE block = ?1")
    deletePatch = try connection.prepare("DELETE FROM block_patches WHERE block = ?1")
    formerPatch = try connection.prepare("SELECT digest, added_count FROM block_patches WHERE block = ?1")
    let last = try connection.prepare("SELECT coalesce(max(block), 0) + 1 FROM order_blocks")
    _ = try last.step()
    nextBlock = last.int(0)
    keys = try KeyCollector(connection)
  }

  mutating func write(_ output: BlockOutput) throws {
    let number: Int64
    switch output.place {
    case .patch(let block, let hasPatch):
      number = block
      try write(output, over: block, hasPatch)
    case .block(let block, let hasPatch):
      number = block
      if hasPatch { try removePatch(over: block) }
      try rewrite(output, block)
    case .new(let splitFrom):
      number = nextBlock
      nextBlock += 1
      unsafe try output.firstOrder.withUnsafeBufferPointer { unsafe try insert.bind(6, bytes: $0) }
      try insert.bind(7, splitFrom)
      try write(output, number, splitFrom, insert)
    }
    try keys.add(output.newKeys, block: number)
  }

  private mutating func rewrite(_ output: BlockOutput, _ block: Int64) throws {
    var splitFrom: Int64?
    try former.bind(1, block)
    if try former.step() {
      sum &-= UInt64(bitPattern: former.int(0))
      addedOrders -= former.int(1)
      splitFrom = former.optionalInt(2)
      if unsafe !former.bytes(3).elementsEqual(output.firstOrder) {
        try updateFirst.bind(1, block)
        unsafe try output.firstOrder.withUnsafeBufferPointer { unsafe try updateFirst.bind(2, bytes: $0) }
        try updateFirst.run()
      }
    }
    former.reset()
    try write(output, block, splitFrom, update)
  }

  private mutating func write(_ output: BlockOutput, _ block: Int64, _ splitFrom: Int64?, _ statement: RawStatement) throws {
    let digest = BlockDigest.row(
      block: block, firstOrder: String(decoding: output.firstOrder, as: UTF8.self), orderCount: Int64(output.orderCount), importID: importID,
      splitFrom: splitFrom, bytes: output.digest)
    try write(output, block, digest, statement)
  }

  private mutating func write(_ patch: BlockOutput, over block: Int64, _ hasPatch: Bool) throws {
    if hasPatch { try forgetPatch(over: block) }
    let digest = BlockDigest.patch(block: block, addedCount: Int64(patch.orderCount), importID: importID, bytes: patch.digest)
    try write(patch, block, digest, hasPatch ? updatePatch : insertPatch)
  }

  /// - Parameter statement: Takes block, number of orders, import, digest and bytes, in this order.
  private mutating func write(_ output: BlockOutput, _ block: Int64, _ digest: Int64, _ statement: RawStatement) throws {
    sum &+= UInt64(bitPattern: digest)
    addedOrders += Int64(output.orderCount)
    try statement.bind(1, block)
    try statement.bind(2, Int64(output.orderCount))
    try statement.bind(3, importID)
    try statement.bind(4, digest)
    try unsafe output.bytes.withUnsafeBufferPointer { bytes in
      unsafe try statement.bind(5, blobBytes: bytes)
      try statement.run()
    }
  }

  /// Takes a patch out of the sums.
  private mutating func forgetPatch(over block: Int64) throws {
    try formerPatch.bind(1, block)
    if try formerPatch.step() {
      sum &-= UInt64(bitPattern: formerPatch.int(0))
      addedOrders -= formerPatch.int(1)
    }
    formerPatch.reset()
  }

  private mutating func removePatch(over block: Int64) throws {
    try forgetPatch(over: block)
    try deletePatch.bind(1, block)
    try deletePatch.run()
  }

  /// - Returns: False where an id seems to be there twice.
  mutating func finish(mayRepeat: Bool) throws -> Bool { try keys.finish(mayRepeat: mayRepeat) }
}
