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
  func field(_ index: Int, ofLineAt place: Int) -> ByteText {
    var begin = place
    for _ in 0..<index {
      let comma = fieldEnd(from: begin)
      guard comma < end, unsafe start[comma] == UInt8(ascii: ",") else { return .none }
      begin = comma + 1
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
    var fields = 0
    var place = position
    // The top bits of bytes that are no plain text.
    var odd: UInt64 = 0
    scan: while place < end {
      var octets: UInt64
      var shown = Octets.tops
      if place + 8 <= end {
        octets = self.octets(place)
      } else {
        octets = 0
        for index in (place..<end).reversed() { octets = unsafe octets << 8 | UInt64(start[index]) }
        shown >>= UInt64(8 * (place + 8 - end))
      }
      let controls = Octets.controls(octets) & shown
      if controls != 0 { shown &= controls ^ (controls &- 1) }
      var commas = Octets.places(of: UInt8(ascii: ","), in: octets) & shown
      while commas != 0 {
        guard fields < PlainRecords.mostFields - 1 else { return .refused }
        unsafe ends[fields] = place + commas.trailingZeroBitCount / 8
        fields += 1
        commas &= commas &- 1
      }
      odd |= (octets | Octets.places(of: UInt8(ascii: "\""), in: octets) | Octets.places(of: 0x7F, in: octets)) & shown
      if controls != 0 {
        place += controls.trailingZeroBitCount / 8
        guard unsafe start[place] == 10 || start[place] == 13 else { return .refused }
        break scan
      }
      place = min(place + 8, end)
    }
    unsafe ends[fields] = place
    fieldCount = fields + 1
    position = place
    return odd == 0 || isPlain(first, place) ? .record : .refused
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
