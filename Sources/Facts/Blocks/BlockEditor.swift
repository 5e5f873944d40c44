/// Turns orders in ascending order into blocks: those that are there are taken over, changed or not, and new ones come between.
///
/// A block in which nothing changed is not written. Few changes make a patch over the block; for many it is written anew, and goes on in further
/// blocks where it became too long.
final class BlockEditor {
  private enum Way {
    case unchanged
    /// What changed so far is in the patch.
    case patching
    /// All orders so far are in the builder, or were written.
    case rewriting
  }

  private var way = Way.unchanged
  private var builder = BlockBuilder()
  private var patch = PatchBuilder()
  private let emit: (BlockOutput) throws -> Void
  /// The block's number, and what goes through it.
  private var source: (block: Int64, reader: BlockReader)?
  /// How many orders were kept or put.
  private var passed = 0
  /// Goes through the block with the patch made so far.
  private let patched = BlockReader()
  /// What has the words of all orders taken over.
  private var words: BlockReader?
  /// Whether the block's own place is still to be written.
  private var isFirst = true
  private var holdsFormer = false
  private var newKeys: [UInt64] = []

  init(emit: @escaping (BlockOutput) throws -> Void) {
    self.emit = emit
    builder.clear()
  }

  /// Begins to change a block.
  func begin(_ block: Int64, _ reader: BlockReader) {
    clear()
    source = (block, reader)
  }

  private func clear() {
    (way, source, words, passed, isFirst, holdsFormer) = (.unchanged, nil, nil, 0, true, false)
    newKeys.removeAll(keepingCapacity: true)
  }

  /// Leaves the order that the block's reader stands on as it is. Until something changes this only counts: most blocks stay as they are.
  func keep(_ reader: BlockReader) throws {
    if way == .patching, reader.isPatched, !patch.take(reader.patchPlace, raw: reader.raw) { try rewrite() }
    if way == .rewriting { try take(reader) }
    passed += 1
  }

  /// - Parameters:
  ///   - isFormer: Whether the order was in the block before: its reader stands on it then, and else on the one after it.
  ///   - keys: Hashes of its ids that are new.
  func put(_ file: OrderRows, isFormer: Bool, keys: [UInt64]) throws {
    if way == .unchanged { try beginChanging(atFront: passed == 0 && !isFormer) }
    if way == .patching, let reader = source?.reader, !patch.add(file, isFormer ? reader.patchPlace : reader.placeBefore) { try rewrite() }
    if way == .rewriting {
      if !builder.add(file) {
        try flush()
        _ = builder.add(file)
      }
      holdsFormer = holdsFormer || isFormer
    }
    newKeys.append(contentsOf: keys)
    passed += 1
  }

  /// - Parameter atFront: Whether the block begins with another order now, which no patch can say.
  private func beginChanging(atFront: Bool) throws {
    if !atFront, let reader = source?.reader, patch.begin(over: reader) { way = .patching } else { try rewrite() }
  }

  /// Goes over to writing the block anew: the orders passed so far are taken over from the block and the patch made so far.
  private func rewrite() throws {
    let entries = way == .patching ? patch.finish() : source?.reader.patch
    way = .rewriting
    guard let source, let entries else { return builder.clear() }
    guard unsafe patched.open(source.reader.block.bytes, patch: entries.bytes) else { throw OrderBlocks.broken }
    words = patched
    builder.clear(goingOnFrom: patched)
    for _ in 0..<passed {
      guard patched.nextID() else { throw OrderBlocks.broken }
      try take(patched)
    }
  }

  /// Takes an order over as it stands.
  private func take(_ reader: BlockReader) throws {
    if !builder.isEmpty, builder.size + reader.raw.count + 3 > BlockFormat.size { try flush() }
    builder.take(reader.orderID, raw: reader.raw)
    holdsFormer = true
  }

  /// Whether the orders that the reader has not passed must be kept one by one before the end; else they are left as they are.
  func needsRest(of reader: BlockReader) throws -> Bool {
    if way == .patching, !patch.take(entries: reader.entriesLeft) { try rewrite() }
    return way == .rewriting
  }

  /// Ends the block: it or its patch is written where something changed.
  func end() throws {
    switch way {
    case .unchanged: break
    case .patching: try writePatch()
    case .rewriting: try write()
    }
    clear()
    builder.clear()
  }

  private func writePatch() throws {
    guard let source else { return }
    let bytes = unsafe Array(patch.finish().bytes)
    try emit(
      BlockOutput(
        place: .patch(over: source.block, hasPatch: source.reader.hasPatch), firstOrder: [], orderCount: patch.addedCount, bytes: bytes,
        digest: BlockDigest.of(bytes), newKeys: newKeys))
  }

  /// Writes what the builder holds, and goes on with nothing in it.
  private func flush() throws {
    try write()
    if let words { builder.clear(goingOnFrom: words) } else { builder.clear() }
  }

  private func write() throws {
    if !builder.isEmpty {
      let bytes = builder.finish()
      try emit(
        BlockOutput(
          place: place, firstOrder: builder.firstOrder, orderCount: builder.orderCount, bytes: bytes, digest: BlockDigest.of(bytes),
          newKeys: newKeys))
    }
    (isFirst, holdsFormer) = (false, false)
    newKeys.removeAll(keepingCapacity: true)
  }

  private var place: BlockOutput.Place {
    guard let source, isFirst else { return .new(splitFrom: holdsFormer ? source?.block : nil) }
    return .block(source.block, hasPatch: source.reader.hasPatch)
  }
}
