/// Puts orders together to a block.
struct BlockBuilder {
  private var encoder = OrderEncoder()
  private let body = ByteWriter()
  private let scratch = ByteWriter(capacity: 1024)
  private(set) var orderCount = 0
  private var isNotable = false
  private(set) var firstOrder: [UInt8] = []

  var isEmpty: Bool { orderCount == 0 }
  var size: Int { 9 + encoder.headerSize + body.count }

  /// Begins an empty block.
  mutating func clear() {
    encoder.clear()
    body.clear()
    (orderCount, isNotable) = (0, false)
  }

  /// Begins a block that orders of another one and its patch can be taken over into as they are.
  mutating func clear(goingOnFrom block: BlockReader) {
    encoder.clear(goingOnFrom: block, makesTemplates: true)
    body.clear()
    (orderCount, isNotable) = (0, block.isNotable)
  }

  private mutating func begin(_ id: ByteText) {
    if orderCount == 0 {
      firstOrder.removeAll(keepingCapacity: true)
      unsafe firstOrder.append(contentsOf: id.bytes)
    }
    orderCount += 1
  }

  /// Takes over an order as it stands in the block that this one goes on from.
  mutating func take(_ id: ByteText, raw: ByteText) {
    begin(id)
    body.number(raw.count)
    unsafe body.raw(raw.bytes)
  }

  /// - Returns: False where the block would become too long by it; nothing is added then.
  mutating func add(_ file: OrderRows) -> Bool {
    scratch.clear()
    let mark = encoder.mark
    encoder.encode(file, to: scratch)
    if orderCount > 0, size + scratch.count + 3 > BlockFormat.size {
      encoder.goBack(to: mark)
      return false
    }
    begin(file.order.id)
    if file.isNotable { isNotable = true }
    body.number(scratch.count)
    unsafe body.raw(scratch.bytes)
    return true
  }

  /// The whole block.
  mutating func finish() -> [UInt8] {
    scratch.clear()
    scratch.byte(BlockFormat.version)
    scratch.byte(isNotable ? 1 : 0)
    scratch.text(encoder.orderTemplate)
    scratch.text(encoder.periodTemplate)
    scratch.number(encoder.words.count)
    for word in encoder.words { scratch.text(word) }
    return unsafe [UInt8](unsafeUninitializedCapacity: scratch.count + body.count) { buffer, count in
      unsafe _ = buffer.update(fromContentsOf: scratch.bytes)
      unsafe _ = buffer.suffix(from: scratch.count).update(fromContentsOf: body.bytes)
      count = scratch.count + body.count
    }
  }
}

extension OrderRows {
  /// Whether a block that holds it is notable.
  var isNotable: Bool { order.reason == OrderRow.withdrawn || !tickets.isEmpty }
}
