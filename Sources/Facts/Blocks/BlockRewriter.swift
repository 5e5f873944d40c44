import Storage

/// Goes to orders in ascending order and puts them, new or changed, into the blocks they belong to or into patches over those.
final class BlockRewriter {
  private let editor: BlockEditor
  private let reader = BlockReader()
  private var former = OrderRows()
  private let place, blocks: RawStatement
  /// The order that the reader stands on, while it was not handed on yet.
  private var head: (id: ByteText, sourceHash: UInt64)?
  private var isOpen = false
  private var isFormer = false
  /// Where the next block begins, which ``blocks`` stands on; nil is no further one.
  private var limit: [UInt8]?
  /// Whether block follows on block: then the next one is read without being looked for.
  private var isRunning = false
  private let source = Source()

  /// The block at hand as it was read: most blocks stay as they are, and their digests are not asked for.
  private final class Source {
    private var columns: (block: Int64, firstOrder: String, orderCount: Int64, importID: Int64, splitFrom: Int64?)?
    private var patch: (addedCount: Int64, importID: Int64)?
    /// Copies: the database's own bytes would be gone when they are written.
    let bytes = ByteWriter()
    let patchBytes = ByteWriter()

    func take(_ row: RawStatement) {
      columns = (row.int(0), row.text(2), row.int(4), row.int(5), row.optionalInt(6))
      patch = row.isNull(3) ? nil : (row.int(7), row.int(8))
      bytes.clear()
      unsafe bytes.raw(row.blobBytes(1))
      patchBytes.clear()
      unsafe patchBytes.raw(row.blobBytes(3))
    }

    /// An output with what lay in its place before.
    func completed(_ output: BlockOutput) -> BlockOutput {
      guard let columns else { return output }
      if case .new = output.place { return output }
      var output = output
      output.former = unsafe BlockDigest.Former(
        block: columns.block, orderCount: columns.orderCount,
        row: BlockDigest.row(
          block: columns.block, firstOrder: columns.firstOrder, orderCount: columns.orderCount, importID: columns.importID,
          splitFrom: columns.splitFrom, bytes: BlockDigest.of(bytes.bytes)),
        addedCount: patch?.addedCount ?? 0,
        patch: patch.map {
          unsafe BlockDigest.patch(
            block: columns.block, addedCount: $0.addedCount, importID: $0.importID, bytes: BlockDigest.of(patchBytes.bytes))
        }, firstOrder: columns.firstOrder)
      return output
    }
  }

  init(_ connection: some StatementSource, emit: @escaping (BlockOutput) throws -> Void) throws {
    let source = source
    editor = BlockEditor { try emit(source.completed($0)) }
    place = try connection.prepare("SELECT first_order FROM order_blocks WHERE first_order <= ?1 ORDER BY first_order DESC LIMIT 1")
    blocks = try connection.prepare(
      """
      SELECT block, orders, first_order, entries, order_count, order_blocks.import_id, split_from, added_count, block_patches.import_id
      FROM \(BlockSchema.patchedBlocks) WHERE first_order >= ?1 ORDER BY first_order
      """)
  }

  /// Goes to the place of an order; what lies before it is taken over.
  ///
  /// - Returns: What is known of it, good until it is put or kept; nil where there is no such order yet.
  func go(to id: ByteText) throws -> OrderRows? {
    guard try find(id) else { return nil }
    read(into: &former)
    return former
  }

  /// Of the rows that made the order that it went to what it is; 0 where that is not known.
  var sourceHash: UInt64 { isFormer ? head?.sourceHash ?? 0 : 0 }

  /// Goes to the place of an order, and reads no more of it than its beginning.
  func find(_ id: ByteText) throws -> Bool {
    if isOpen, !isBeforeLimit(id) { try end() }
    if !isOpen { try begin(id) }
    isFormer = false
    while let head {
      let order = ByteText.compare(head.id, id)
      isFormer = order == 0
      if order >= 0 { break }
      try editor.keep(reader)
      try advance()
    }
    return isFormer
  }

  /// Reads what is known of the order that it found; once.
  func read(into rows: inout OrderRows) {
    guard isFormer else { return }
    reader.readRow()
    reader.read(into: &rows)
  }

  /// Puts the order that it went to as it is now.
  ///
  /// - Parameter keys: Hashes of its ids that are new.
  func put(_ file: OrderRows, keys: [UInt64]) throws {
    try editor.put(file, isFormer: isFormer, keys: keys)
    if isFormer { try advance() }
  }

  /// Leaves the order that it went to as it is.
  func keep() throws {
    guard isFormer else { return }
    try editor.keep(reader)
    try advance()
  }

  private func begin(_ id: ByteText) throws {
    isOpen = true
    head = nil
    if isRunning, limit != nil {
      let block = try copyBlock()
      if isBeforeLimit(id) { return try open(block) }
    }
    let next = limit
    unsafe try place.bind(1, bytes: id.bytes)
    defer { place.reset() }
    blocks.reset()
    // An order before all others goes into the first block.
    let first = try place.step() ? unsafe Array(place.bytes(0)) : []
    isRunning = first == next
    unsafe try first.withUnsafeBufferPointer { unsafe try blocks.bind(1, bytes: $0) }
    guard try blocks.step() else {
      limit = nil
      return
    }
    try open(copyBlock())
  }

  /// Copies the block that the statement stands on, and goes on to see where the next one begins.
  private func copyBlock() throws -> Int64 {
    let block = blocks.int(0)
    source.take(blocks)
    limit = try blocks.step() ? unsafe Array(blocks.bytes(2)) : nil
    return block
  }

  private func isBeforeLimit(_ id: ByteText) -> Bool {
    limit.map { limit in unsafe limit.withUnsafeBufferPointer { unsafe id < ByteText($0) } } ?? true
  }

  private func open(_ block: Int64) throws {
    guard unsafe reader.open(source.bytes.bytes, patch: source.patchBytes.bytes) else { throw OrderBlocks.broken }
    editor.begin(block, reader)
    try advance()
  }

  /// - Throws: Where what follows cannot be read: it would be lost if the block were written anew.
  private func advance() throws {
    head = reader.nextHead()
    if head == nil, reader.isBroken { throw OrderBlocks.broken }
  }

  func end() throws {
    if head != nil, try editor.needsRest(of: reader) {
      while head != nil {
        try editor.keep(reader)
        try advance()
      }
    }
    if isOpen { try editor.end() }
    (isOpen, head) = (false, nil)
  }
}
