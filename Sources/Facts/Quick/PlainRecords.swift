import Foundation
import RefundPolicy

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
  private var first = 0
  private(set) var fieldCount = 0

  static let mostFields = 32

  /// - Parameters:
  ///   - bytes: The whole file; it must outlive this.
  ///   - range: The records to go through.
  ///   - ends: Room for ``mostFields`` numbers, which outlives this.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, ends: UnsafeMutablePointer<Int>) {
    guard let base = bytes.baseAddress else { return nil }
    unsafe (start, self.ends) = (base, ends)
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
    var position = place
    var field = 0
    while field < index, position < end {
      guard let comma = unsafe memchr(start + position, CInt(UInt8(ascii: ",")), end - position) else { return .none }
      position = unsafe UnsafePointer(comma.assumingMemoryBound(to: UInt8.self)) - start + 1
      field += 1
    }
    var last = position
    while last < end, unsafe start[last] != UInt8(ascii: ","), unsafe start[last] >= 0x20 { last += 1 }
    return unsafe ByteText(start + position, last - position)
  }

  mutating func next() -> Step {
    while position < end, unsafe start[position] == 10 || start[position] == 13 { position += 1 }
    guard position < end else { return .end }
    first = position
    fieldCount = 0
    var place = position
    var high: UInt8 = 0
    while place < end {
      let byte = unsafe start[place]
      if byte == UInt8(ascii: ",") {
        guard fieldCount < PlainRecords.mostFields - 1 else { return .refused }
        unsafe ends[fieldCount] = place
        fieldCount += 1
      } else if byte < 0x20 {
        if byte == 10 || byte == 13 { break }
        return .refused
      } else {
        high |= byte
        if byte == UInt8(ascii: "\"") || byte == 0x7F { return .refused }
      }
      place += 1
    }
    unsafe ends[fieldCount] = place
    fieldCount += 1
    position = place
    if high & 0x80 != 0, unsafe !CSVReader.isUTF8(UnsafeBufferPointer(start: start, count: end), first, place) { return .refused }
    return .record
  }

  func field(_ index: Int) -> ByteText {
    let begin = index == 0 ? first : unsafe ends[index - 1] + 1
    return unsafe ByteText(start + begin, ends[index] - begin)
  }
}

/// Values of fields, by strict rules like ``FieldParser``'s; nil leaves the field to the careful reader.
enum QuickField {
  static func text(_ field: ByteText) -> ByteText? { field.count <= 200 ? field : nil }

  static func required(_ field: ByteText) -> ByteText? { field.isEmpty ? nil : text(field) }

  static func line(_ field: ByteText) -> UInt64? {
    let bytes = unsafe field.bytes
    guard (2...16).contains(bytes.count), unsafe bytes[0] == UInt8(ascii: "+"), unsafe bytes[1] != UInt8(ascii: "0") else { return nil }
    return digits(field.dropFirst(1)).map { UInt64($0) }
  }

  static func digits(_ field: ByteText) -> Int64? {
    guard field.count >= 1, field.count <= 18 else { return nil }
    var value: Int64 = 0
    let bytes = unsafe field.bytes
    for index in bytes.indices {
      let byte = unsafe bytes[index]
      let digit = byte &- 0x30
      if digit > 9 { return nil }
      value = value &* 10 &+ Int64(digit)
    }
    return value
  }

  static func count(_ field: ByteText) -> Int64? { digits(field).flatMap { $0 <= 1_000_000_000 ? $0 : nil } }

  /// Cents.
  static func money(_ field: ByteText) -> Int64? {
    let bytes = unsafe field.bytes
    guard bytes.count >= 1, bytes.count <= 16 else { return nil }
    var value: Int64 = 0
    var point: Int?
    for index in bytes.indices {
      let byte = unsafe bytes[index]
      let digit = byte &- 0x30
      if digit <= 9 {
        value = value &* 10 &+ Int64(digit)
      } else if byte == UInt8(ascii: "."), point == nil, index > 0 {
        point = index
      } else {
        return nil
      }
    }
    switch point.map({ bytes.count - 1 - $0 }) {
    case nil: value = value &* 100
    case 1: value = value &* 10
    case 2: break
    default: return nil
    }
    return value <= Cents.greatest.count ? value : nil
  }

  static func day(_ field: ByteText) -> Int32? { field.count == 10 ? dayPrefix(field) : nil }

  /// Days before each month of a year, from 1900 to 2199.
  private static let months: [Int32] = (1900...2199).flatMap { year in
    (1...12).map { month in ServiceDay(year: year, month: month, day: 1)?.ordinal ?? 0 }
  }

  private static let lengths: [UInt8] = (1900...2199).flatMap { year in
    (1...12).map { month in UInt8((28...31).last { ServiceDay(year: year, month: month, day: $0) != nil } ?? 28) }
  }

  private static func two(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
    let (tens, ones) = unsafe (bytes[at] &- 0x30, bytes[at + 1] &- 0x30)
    return tens > 9 || ones > 9 ? -1 : Int(tens) * 10 + Int(ones)
  }

  private static func dayPrefix(_ field: ByteText) -> Int32? {
    let bytes = unsafe field.bytes
    guard unsafe bytes[4] == UInt8(ascii: "-"), unsafe bytes[7] == UInt8(ascii: "-") else { return nil }
    let (century, year, month, day) = unsafe (two(bytes, 0), two(bytes, 2), two(bytes, 5), two(bytes, 8))
    guard (19...21).contains(century), year >= 0, (1...12).contains(month), day >= 1 else { return nil }
    let index = ((century - 19) * 100 + year) * 12 + month - 1
    guard day <= Int(lengths[index]) else { return nil }
    return months[index] + Int32(day - 1)
  }

  /// Seconds.
  static func instant(_ field: ByteText) -> Int64? {
    let bytes = unsafe field.bytes
    if bytes.count == 20, unsafe bytes[19] == UInt8(ascii: "Z"), unsafe bytes[10] == UInt8(ascii: "T"), unsafe bytes[13] == UInt8(ascii: ":"),
      unsafe bytes[16] == UInt8(ascii: ":"), let day = dayPrefix(field)
    {
      let (hour, minute, second) = unsafe (two(bytes, 11), two(bytes, 14), two(bytes, 17))
      if (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second) {
        return Int64(day) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
      }
    }
    // Offsets and fractions of a second.
    return unsafe (try? FieldParser.instant(bytes))?.seconds
  }

  /// The decimal in its one spelling: leading zeros and trailing zeros of the fraction are cut off.
  static func decimal(_ field: ByteText) -> ByteText? {
    let bytes = unsafe field.bytes
    guard bytes.count >= 1, bytes.count <= 60 else { return nil }
    var point: Int?
    for index in bytes.indices {
      let byte = unsafe bytes[index]
      if byte &- 0x30 <= 9 { continue }
      guard byte == UInt8(ascii: "."), point == nil, index > 0, index + 1 < bytes.count else { return nil }
      point = index
    }
    let wholeEnd = point ?? bytes.count
    var begin = 0
    while begin + 1 < wholeEnd, unsafe bytes[begin] == UInt8(ascii: "0") { begin += 1 }
    var end = bytes.count
    if let point {
      while end > point + 1, unsafe bytes[end - 1] == UInt8(ascii: "0") { end -= 1 }
      if end == point + 1 { end = point }
    }
    return unsafe ByteText(bytes.baseAddress.map { unsafe $0 + begin }, end - begin)
  }

  static func flag(_ field: ByteText) -> Bool? {
    if field.isEmpty || field.equals("false") { return false }
    return field.equals("true") ? true : nil
  }
}
