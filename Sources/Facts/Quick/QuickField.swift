import RefundPolicy

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

  /// Days since 1970-01-01, of a day from 1900 to 2199.
  private static func dayPrefix(_ field: ByteText) -> Int32? {
    // 0000-00- in the order of their bytes.
    guard let pairs = Octets.pairs(field.octets(at: 0), 0x2D30_302D_3030_3030, signs: 0xFF00_00FF_0000_0000) else { return nil }
    let (tens, ones) = unsafe (field.bytes[8] &- 0x30, field.bytes[9] &- 0x30)
    let (century, month) = (UInt32(truncatingIfNeeded: pairs & 0xFF), UInt32(truncatingIfNeeded: pairs >> 40 & 0xFF))
    let year = century &* 100 &+ UInt32(truncatingIfNeeded: pairs >> 16 & 0xFF)
    let day = UInt32(tens) &* 10 &+ UInt32(ones)
    guard tens <= 9, ones <= 9, (19...21).contains(century), (1...12).contains(month), day >= 1, day <= 31 else { return nil }
    if day > 28, day > length(of: month, year) { return nil }
    // Years that begin in March end with the leap day.
    let (shifted, since) = month > 2 ? (year, month &- 3) : (year &- 1, month &+ 9)
    let before = 365 &* shifted &+ shifted / 4 &- shifted / 100 &+ shifted / 400
    return Int32(truncatingIfNeeded: before &+ (153 &* since &+ 2) / 5 &+ day) &- 719_469
  }

  private static func length(of month: UInt32, _ year: UInt32) -> UInt32 {
    if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
  }

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
