/// Where an order of a patch belongs: in the stead of an order of the block, or before one; after the last there are as many as the block has.
struct PatchPlace: Equatable {
  /// As it stands in a patch: twice the index of the block's order, and one more where that is replaced.
  let number: Int

  init(number: Int) { self.number = number }
  init(index: Int, replaces: Bool) { number = 2 * index + (replaces ? 1 : 0) }

  var index: Int { number >> 1 }
  var replaces: Bool { number & 1 != 0 }
}

/// Puts orders together to a patch, in ascending order.
struct PatchBuilder {
  private var encoder = OrderEncoder()
  private let body = ByteWriter()
  private let scratch = ByteWriter(capacity: 1024)
  private let finished = ByteWriter()
  /// Words of the block itself: they are not told again.
  private var blockWordCount = 0
  private var blockHeaderSize = 0
  private var isNotable = false
  /// How many orders it has that the block has not.
  private(set) var addedCount = 0

  private var size: Int { 8 + encoder.orderTemplate.count + encoder.headerSize - blockHeaderSize + body.count }

  /// Begins a patch that goes on from the one that a reader has laid over the block, with the entries that it has passed.
  ///
  /// - Returns: False where that was too long already.
  mutating func begin(over block: BlockReader) -> Bool {
    encoder.clear(goingOnFrom: block, makesTemplates: false)
    body.clear()
    blockWordCount = block.blockWordCount
    blockHeaderSize = encoder.headerSize
    isNotable = block.isNotable
    addedCount = 0
    return take(entries: block.entriesBefore)
  }

  private func hasRoom(_ bytes: Int) -> Bool { size + bytes <= BlockFormat.patchSize }

  /// Takes over entries of the patch that it goes on from.
  ///
  /// - Returns: False where the patch would become too long by it; nothing is added then. So do the others.
  mutating func take(entries: ByteText) -> Bool {
    guard hasRoom(entries.count) else { return false }
    unsafe body.raw(entries.bytes)
    var reader = unsafe ByteReader(entries.bytes)
    while !reader.isAtEnd, !reader.isBroken {
      count(PatchPlace(number: reader.int()))
      reader.skipText()
    }
    return true
  }

  /// Takes over one order as it stands in the patch that it goes on from.
  mutating func take(_ place: PatchPlace, raw: ByteText) -> Bool {
    guard hasRoom(raw.count + PatchBuilder.most) else { return false }
    append(place, raw)
    return true
  }

  mutating func add(_ file: OrderRows, _ place: PatchPlace) -> Bool {
    scratch.clear()
    let mark = encoder.mark
    encoder.encode(file, to: scratch)
    guard hasRoom(scratch.count + PatchBuilder.most) else {
      encoder.goBack(to: mark)
      return false
    }
    if file.isNotable { isNotable = true }
    append(place, unsafe ByteText(scratch.bytes))
    return true
  }

  /// Bytes that an entry needs beside its order, at most.
  private static let most = 6

  private mutating func append(_ place: PatchPlace, _ order: ByteText) {
    body.number(place.number)
    body.text(order)
    count(place)
  }

  private mutating func count(_ place: PatchPlace) { if !place.replaces { addedCount += 1 } }

  /// The whole patch, good until the next one begins.
  func finish() -> ByteText {
    finished.clear()
    finished.byte(BlockFormat.patchVersion)
    finished.byte(isNotable ? 1 : 0)
    finished.text(encoder.orderTemplate)
    finished.number(encoder.words.count - blockWordCount)
    for word in encoder.words[blockWordCount...] { finished.text(word) }
    unsafe finished.raw(body.bytes)
    return unsafe ByteText(finished.bytes)
  }
}
