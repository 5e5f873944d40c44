import Storage

/// Goes to orders in ascending order and puts them, new or changed, into the blocks they belong to.
final class BlockRewriter {
  private let editor: BlockEditor
  private let reader = BlockReader()
  private let former = OrderFile()
  private let block, nextFirst: RawStatement
  /// The block's bytes: the database's own would be gone when it is written.
  private let bytes = ByteWriter()
  /// Whether the reader stands on an order that was not handed on yet.
  private var isOn = false
  private var isOpen = false
  private var isFormer = false
  /// Where the next block begins; nil is no further one.
  private var limit: [UInt8]?

  init(_ connection: some StatementSource, emit: @escaping (BlockOutput) throws -> Void) throws {
    editor = BlockEditor(emit: emit)
    // An order before all others goes into the first block.
    block = try connection.prepare(
      """
      SELECT block, orders, first_order FROM order_blocks WHERE first_order = coalesce(
        (SELECT max(first_order) FROM order_blocks WHERE first_order <= ?1), (SELECT min(first_order) FROM order_blocks))
      """)
    nextFirst = try connection.prepare("SELECT min(first_order) FROM order_blocks WHERE first_order > ?1")
  }

  /// Goes to the place of an order; what lies before it is taken over.
  ///
  /// - Returns: What is known of it, good until it is put or kept; nil where there is no such order yet.
  func go(to id: ByteText) throws -> OrderFile? {
    try find(id) ? known() : nil
  }

  /// Of the rows that made the order that it went to what it is; 0 where that is not known.
  var sourceHash: UInt64 { isFormer ? reader.order.sourceHash : 0 }

  /// Goes to the place of an order, and reads no more of it than its beginning.
  func find(_ id: ByteText) throws -> Bool {
    if isOpen, let limit, unsafe limit.withUnsafeBufferPointer({ unsafe !(id < ByteText($0)) }) { try end() }
    if !isOpen { try begin(id) }
    while isOn, reader.order.id < id {
      try editor.keep(reader)
      isOn = reader.next()
    }
    isFormer = isOn && reader.order.id == id
    return isFormer
  }

  /// What is known of the order that it found; once.
  func known() -> OrderFile? {
    guard isFormer else { return nil }
    reader.read(into: former)
    return former
  }

  /// Puts the order that it went to as it is now.
  ///
  /// - Parameter keys: Hashes of its ids that are new.
  func put(_ file: OrderFile, keys: [UInt64]) throws {
    try editor.put(file, isFormer: isFormer, keys: keys)
    if isFormer { isOn = reader.next() }
  }

  /// Leaves the order that it went to as it is.
  func keep() throws {
    guard isFormer else { return }
    try editor.keep(reader)
    isOn = reader.next()
  }

  private func begin(_ id: ByteText) throws {
    isOpen = true
    limit = nil
    unsafe try block.bind(1, bytes: id.bytes)
    defer { block.reset() }
    guard try block.step() else {
      isOn = false
      return
    }
    bytes.clear()
    unsafe bytes.raw(block.blobBytes(1))
    unsafe try nextFirst.bind(1, bytes: block.bytes(2))
    if try nextFirst.step(), !nextFirst.isNull(0) { limit = unsafe Array(nextFirst.bytes(0)) }
    nextFirst.reset()
    guard unsafe reader.open(bytes.bytes) else { throw OrderBlocks.broken }
    editor.begin(block.int(0), reader)
    isOn = reader.next()
  }

  func end() throws {
    while isOn {
      try editor.keep(reader)
      isOn = reader.next()
    }
    if isOpen { try editor.end() }
    isOpen = false
  }
}
