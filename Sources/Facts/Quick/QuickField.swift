import EightBytes
import RefundPolicy

/// Values of fields, by strict rules like ``FieldParser``'s; nil leaves the field to the careful reader.
enum QuickField {
  static func text(_ field: ByteText) -> ByteText? { field.count <= 200 ? field : nil }

  static func required(_ field: ByteText) -> ByteText? { field.isEmpty ? nil : text(field) }

  /// An id that is filled, without anything invisible.
  static func id(_ field: ByteText) -> ByteText? { field.isEmpty ? nil : optionalID(field) }

  static func optionalID(_ field: ByteText) -> ByteText? {
    if field.isEmpty { return field }
    let bytes = unsafe field.bytes
    guard bytes.count <= 200, unsafe bytes[0] != 0x20, unsafe bytes[bytes.count - 1] != 0x20 else { return nil }
    var place = 0
    while place + 8 <= bytes.count {
      if field.octets(at: place) & Octets.tops != 0 { return seen(field) }
      place += 8
    }
    return place == bytes.count || field.rest(at: place) & Octets.tops == 0 ? field : seen(field)
  }

  /// The id where all of it can be seen; for those that are not ASCII.
  private static func seen(_ field: ByteText) -> ByteText? { HiddenCharacter.problem(in: field.string) == nil ? field : nil }

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

  /// Days since 1970-01-01, of a day from 1900 to 2199.
  private static func dayPrefix(_ field: ByteText) -> Int32? {
    // 0000-00- in the order of their bytes.
    guard let pairs = Octets.pairs(field.octets(at: 0), 0x2D30_302D_3030_3030, signs: 0xFF00_00FF_0000_0000) else { return nil }
    let (tens, ones) = unsafe (field.bytes[8] &- 0x30, field.bytes[9] &- 0x30)
    let (century, month) = (Int(pairs & 0xFF), Int(pairs >> 40 & 0xFF))
    guard tens <= 9, ones <= 9, (19...21).contains(century), (1...12).contains(month) else { return nil }
    let index = (century - 19) * 1200 + Int(pairs >> 16 & 0xFF) * 12 + month - 1
    let day = Int32(tens) * 10 + Int32(ones)
    let first = months[index]
    return day >= 1 && day <= months[index + 1] - first ? first + day - 1 : nil
  }

  /// The first days of the months from 1900 to 2199, and of the next one.
  private static let months: [Int32] =
    (1900...2199).flatMap { year in (1...12).compactMap { ServiceDay(year: year, month: $0, day: 1)?.ordinal } }
    + [(ServiceDay(year: 2199, month: 12, day: 31)?.ordinal ?? 0) + 1]

  /// Seconds.
  static func instant(_ field: ByteText) -> Int64? {
    let bytes = unsafe field.bytes
    if bytes.count == 20, unsafe bytes[19] == UInt8(ascii: "Z"), unsafe bytes[10] == UInt8(ascii: "T"), let day = dayPrefix(field),
      // 00:00:00 in the order of its bytes.
      let pairs = Octets.pairs(field.octets(at: 11), 0x3030_3A30_303A_3030, signs: 0x0000_FF00_00FF_0000)
    {
      let (hour, minute, second) = (Int64(pairs & 0xFF), Int64(pairs >> 24 & 0xFF), Int64(pairs >> 48 & 0xFF))
      if hour < 24, minute < 60, second < 60 { return Int64(day) * 86_400 + hour * 3600 + minute * 60 + second }
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
