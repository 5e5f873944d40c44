import EightBytes
import Foundation

/// Goes through the records of a CSV file that has no quotes, field by field, and nothing else: what is not quite right is left to the careful
/// reader, which can say what is wrong.
///
/// Fields are told by their places; nothing is allocated or copied.
@safe struct PlainRecords {
  private let start: UnsafePointer<UInt8>
  private let end: Int
  private(set) var position: Int
  /// Where the fields end; field 0 begins at `first`.
  private let ends: UnsafeMutablePointer<Int>
  private let room: FieldRoom
  private var first = 0
  private(set) var fieldCount = 0

  static let mostFields = 32

  /// - Parameters:
  ///   - bytes: The whole file; it must outlive this.
  ///   - range: The records to go through.
  init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    room = FieldRoom()
    unsafe ends = room.ends
    // An empty file has no bytes to point at.
    unsafe start = bytes.baseAddress ?? UnsafeRawPointer(room.ends).assumingMemoryBound(to: UInt8.self)
    (position, end) = (range.lowerBound, range.upperBound)
  }

  enum Step { case record, end, refused }

  /// Where the stretch ends.
  var limit: Int { end }

  /// Goes on at a place where a record begins.
  mutating func seek(_ place: Int) { position = place }

  /// Where the record at hand begins.
  var recordStart: Int { first }

  /// The bytes of a stretch of the file.
  func bytes(_ range: Range<Int>) -> ByteText { unsafe ByteText(start + range.lowerBound, range.count) }

  /// The first place from here on that is no line break.
  func skippingBreaks(from place: Int) -> Int {
    var position = place
    while position < end, unsafe start[position] == 10 || start[position] == 13 { position += 1 }
    return position
  }

  /// Where the line that holds a place ends, its break included, and blank lines after it.
  func lineEnd(after place: Int) -> Int {
    var position = place
    if let found = unsafe memchr(start + position, 10, end - position) {
      position = unsafe UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - start
    } else {
      position = end
    }
    return skippingBreaks(from: position)
  }

  /// A field of the line that begins at a place, as far as no field before it is odd.
  ///
  /// - Parameter text: What mostly stands there: it is looked for no further then.
  func field(_ index: Int, ofLineAt place: Int, like text: ByteText = .none) -> ByteText {
    var begin = place
    for _ in 0..<index {
      let comma = fieldEnd(from: begin)
      guard comma < end, unsafe start[comma] == UInt8(ascii: ",") else { return .none }
      begin = comma + 1
    }
    let next = begin + text.count
    if !text.isEmpty, next < end, unsafe start[next] == UInt8(ascii: ",") {
      let field = unsafe ByteText(start + begin, text.count)
      if field == text { return field }
    }
    return unsafe ByteText(start + begin, fieldEnd(from: begin) - begin)
  }

  /// The first comma or control character from a place on.
  private func fieldEnd(from place: Int) -> Int {
    var position = place
    while position + 8 <= end {
      let octets = octets(position)
      let found = Octets.places(of: UInt8(ascii: ","), in: octets) | Octets.controls(octets)
      if found != 0 { return position + found.trailingZeroBitCount / 8 }
      position += 8
    }
    while position < end, unsafe start[position] != UInt8(ascii: ","), unsafe start[position] >= 0x20 { position += 1 }
    return position
  }

  private func octets(_ place: Int) -> UInt64 {
    UInt64(littleEndian: unsafe UnsafeRawPointer(start).loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }

  /// Goes to the next record; the bytes are looked at eight at a time.
  mutating func next() -> Step {
    position = skippingBreaks(from: position)
    guard position < end else { return .end }
    first = position
    fieldCount = 0
    var place = position
    // Top bits where bytes may be no plain text.
    var odd: UInt64 = 0
    var controls: UInt64 = 0
    while place + 8 <= end {
      let octets = octets(place)
      controls = Octets.controls(octets)
      if controls != 0 { break }
      guard addFields(octets, Octets.tops, place) else { return .refused }
      odd |= oddities(octets)
      place += 8
    }
    if controls != 0 || place < end {
      // The record ends in these bytes, or the file does.
      let octets = unsafe controls == 0 ? ByteText(start + place, end - place).rest(at: 0) : octets(place)
      controls = Octets.controls(octets)
      let length = controls == 0 ? end - place : min(end - place, controls.trailingZeroBitCount / 8)
      let shown = length == 0 ? 0 : Octets.tops >> UInt64(8 * (8 - length))
      guard addFields(octets, shown, place) else { return .refused }
      odd |= oddities(octets) & shown
      place += length
      guard unsafe place == end || start[place] == 10 || start[place] == 13 else { return .refused }
    }
    unsafe ends[fieldCount] = place
    fieldCount += 1
    position = place
    return odd == 0 || isPlain(first, place) ? .record : .refused
  }

  /// Notes the commas among eight bytes, as far as they are `shown`.
  @inline(__always) private mutating func addFields(_ octets: UInt64, _ shown: UInt64, _ place: Int) -> Bool {
    var commas = Octets.places(of: UInt8(ascii: ","), in: octets) & shown
    while commas != 0 {
      guard fieldCount < PlainRecords.mostFields - 1 else { return false }
      unsafe ends[fieldCount] = place + commas.trailingZeroBitCount / 8
      fieldCount += 1
      commas &= commas &- 1
    }
    return true
  }

  /// The top bit of each quote, and of whatever is 0x7F or above; now and then of a byte behind such a one.
  @inline(__always) private func oddities(_ octets: UInt64) -> UInt64 {
    let quotes = octets ^ Octets.all(UInt8(ascii: "\""))
    return (octets | (octets &+ Octets.ones) | (quotes &- Octets.ones) & ~quotes) & Octets.tops
  }

  /// Whether bytes that are not all ASCII text are UTF-8, without quotes and control characters.
  private func isPlain(_ first: Int, _ last: Int) -> Bool {
    let bytes = unsafe UnsafeBufferPointer(start: start, count: end)
    return unsafe bytes[first..<last].allSatisfy { $0 != UInt8(ascii: "\"") && $0 != 0x7F } && CSVReader.isUTF8(bytes, first, last)
  }

  func field(_ index: Int) -> ByteText {
    let begin = index == 0 ? first : unsafe ends[index - 1] + 1
    return unsafe ByteText(start + begin, ends[index] - begin)
  }
}

/// Room for the places of fields.
@safe private final class FieldRoom {
  let ends = UnsafeMutablePointer<Int>.allocate(capacity: PlainRecords.mostFields)

  deinit { unsafe ends.deallocate() }
}
