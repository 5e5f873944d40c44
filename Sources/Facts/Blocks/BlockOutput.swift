import AuditLog
import Storage

/// A block as it is to be written.
struct BlockOutput {
  /// The block whose place it takes; nil for one more.
  var replaces: Int64?
  /// The block that some of its orders lay in before.
  var splitFrom: Int64?
  var firstOrder: [UInt8]
  var orderCount: Int
  var bytes: [UInt8]
  /// Of the bytes.
  var digest: UInt64
  /// Hashes of the ids that are new in it.
  var newKeys: [UInt64]
}

/// Turns orders in ascending order into blocks: those that are there are taken over, changed or not, and new ones come between.
///
/// A block in which nothing changed is not written. One that became too long goes on in further blocks.
final class BlockEditor {
  private var builder = BlockBuilder()
  private let emit: (BlockOutput) throws -> Void
  private var replaces: Int64?
  private var splitFrom: Int64?
  private var source: BlockReader?
  private var holdsFormer = false
  private(set) var isChanged = false
  /// How many orders were kept before the first change, which one is the first, and where they end in their block.
  private var kept = 0
  private var firstKept: [UInt8] = []
  private var keptEnd = 0
  private(set) var newKeys: [UInt64] = []

  init(emit: @escaping (BlockOutput) throws -> Void) {
    self.emit = emit
    builder.clear()
  }

  /// Begins to rewrite a block.
  func begin(_ block: Int64, _ reader: BlockReader) {
    (replaces, splitFrom, source) = (block, block, reader)
    (holdsFormer, isChanged, kept) = (false, false, 0)
    newKeys.removeAll(keepingCapacity: true)
  }

  /// Takes over the order that the block's reader stands on. Until something changes it only counts: most blocks stay as they are.
  func keep(_ reader: BlockReader) throws {
    if !isChanged {
      holdsFormer = true
      if kept == 0 { firstKept = unsafe Array(reader.order.id.bytes) }
      kept += 1
      keptEnd = reader.orderEnd
      return
    }
    if !builder.isEmpty, builder.size + reader.raw.count + 3 > BlockFormat.size { try flush(isEnd: false) }
    builder.take(reader.order.id, raw: reader.raw)
    holdsFormer = true
  }

  private func beginChanging() {
    if isChanged { return }
    isChanged = true
    guard let source else { return }
    builder.clear(goingOnFrom: source)
    if kept > 0 { builder.take(kept, from: firstKept, raw: source.raw(upTo: keptEnd)) }
  }

  /// - Parameters:
  ///   - isFormer: Whether the order was in the block before.
  ///   - keys: Hashes of its ids that are new.
  func put(_ file: OrderRows, isFormer: Bool, keys: [UInt64]) throws {
    beginChanging()
    if !builder.add(file) {
      try flush(isEnd: false)
      _ = builder.add(file)
    }
    holdsFormer = holdsFormer || isFormer
    newKeys.append(contentsOf: keys)
  }

  /// Ends the block: it is written where something changed.
  func end() throws {
    if isChanged { try flush(isEnd: true) }
    builder.clear()
    (replaces, splitFrom, source) = (nil, nil, nil)
    (holdsFormer, isChanged, kept) = (false, false, 0)
    newKeys.removeAll(keepingCapacity: true)
  }

  private func flush(isEnd: Bool) throws {
    if !builder.isEmpty {
      let bytes = builder.finish()
      try emit(
        BlockOutput(
          replaces: replaces, splitFrom: replaces == nil && holdsFormer ? splitFrom : nil, firstOrder: builder.firstOrder,
          orderCount: builder.orderCount, bytes: bytes, digest: BlockDigest.of(bytes), newKeys: newKeys))
      // A first piece that was cut off counts as changed, and so does the rest.
      isChanged = true
    }
    replaces = nil
    holdsFormer = false
    newKeys.removeAll(keepingCapacity: true)
    if !isEnd { if let source { builder.clear(goingOnFrom: source) } else { builder.clear() } }
  }
}

/// What tells a block from one with any bit changed.
enum BlockDigest {
  static func of(_ bytes: [UInt8]) -> UInt64 {
    var fingerprint = Fingerprint()
    fingerprint.add(blob: bytes)
    return fingerprint.number()
  }

  /// Of a whole row of `order_blocks`.
  static func row(block: Int64, firstOrder: String, orderCount: Int64, importID: Int64, splitFrom: Int64?, bytes: UInt64) -> Int64 {
    var fingerprint = Fingerprint()
    fingerprint.add(block)
    fingerprint.add(firstOrder)
    fingerprint.add(orderCount)
    fingerprint.add(importID)
    fingerprint.add(splitFrom)
    fingerprint.add(Int64(bitPattern: bytes))
    return Int64(bitPattern: fingerprint.number())
  }
}

/// Writes blocks, their digests' sum and the index of their keys, inside an import's transaction.
struct BlockWriter {
  private let importID: Int64
  private let insert, update, updateFirst, former: RawStatement
  private var nextBlock: Int64
  private var keys: KeyCollector
  /// How many orders there are more, and by how much the sum over all digests changes; it wraps around.
  private(set) var addedOrders: Int64 = 0
  private(set) var sum: UInt64 = 0

  init(importID: Int64, on connection: Connection) throws {
    self.importID = importID
    insert = try connection.prepare(
      "INSERT INTO order_blocks (block, first_order, order_count, import_id, split_from, digest, orders) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
    update = try connection.prepare("UPDATE order_blocks SET order_count = ?3, import_id = ?4, digest = ?6, orders = ?7 WHERE block = ?1")
    updateFirst = try connection.prepare("UPDATE order_blocks SET first_order = ?2 WHERE block = ?1")
    former = try connection.prepare("SELECT digest, order_count, split_from, first_order FROM order_blocks WHERE block = ?1")
    let last = try connection.prepare("SELECT coalesce(max(block), 0) + 1 FROM order_blocks")
    _ = try last.step()
    nextBlock = last.int(0)
    keys = try KeyCollector(connection)
  }

  mutating func write(_ block: BlockOutput) throws {
    let number: Int64
    let statement: RawStatement
    var splitFrom = block.splitFrom
    if let replaced = block.replaces {
      number = replaced
      statement = update
      try former.bind(1, replaced)
      if try former.step() {
        sum &-= UInt64(bitPattern: former.int(0))
        addedOrders -= former.int(1)
        splitFrom = former.optionalInt(2)
        if unsafe !former.bytes(3).elementsEqual(block.firstOrder) {
          try updateFirst.bind(1, replaced)
          unsafe try block.firstOrder.withUnsafeBufferPointer { unsafe try updateFirst.bind(2, bytes: $0) }
          try updateFirst.run()
        }
      }
      former.reset()
    } else {
      number = nextBlock
      nextBlock += 1
      statement = insert
      try statement.bind(5, block.splitFrom)
      unsafe try block.firstOrder.withUnsafeBufferPointer { unsafe try statement.bind(2, bytes: $0) }
    }
    let firstOrder = String(decoding: block.firstOrder, as: UTF8.self)
    let digest = BlockDigest.row(
      block: number, firstOrder: firstOrder, orderCount: Int64(block.orderCount), importID: importID, splitFrom: splitFrom, bytes: block.digest)
    sum &+= UInt64(bitPattern: digest)
    addedOrders += Int64(block.orderCount)
    try statement.bind(1, number)
    try statement.bind(3, Int64(block.orderCount))
    try statement.bind(4, importID)
    try statement.bind(6, digest)
    try unsafe block.bytes.withUnsafeBufferPointer { bytes in
      unsafe try statement.bind(7, blobBytes: bytes)
      try statement.run()
    }
    try keys.add(block.newKeys, block: number)
  }

  /// - Returns: False where an id seems to be there twice.
  mutating func finish(mayRepeat: Bool) throws -> Bool { try keys.finish(mayRepeat: mayRepeat) }
}
