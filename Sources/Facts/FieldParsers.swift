public import RefundPolicy

/// Why a field is refused: what is wrong, and what to write instead.
public struct FieldError: Error, Hashable, Sendable {
  public let what: String
  public let hint: String

  public init(_ what: String, hint: String) { (self.what, self.hint) = (what, hint) }
}

extension Instant {
  /// An instant in words, by the rules of the files; nil where it is none.
  public init?(rfc3339 text: String) {
    var text = text
    guard let instant = text.withUTF8({ unsafe try? FieldParser.instant($0) }) else { return nil }
    self = instant
  }
}

/// Strict parsers from bytes to values: integers all the way, no locale, no repair, and no overflow.
public enum FieldParser {
  public typealias Bytes = UnsafeBufferPointer<UInt8>

  /// Decimal dollars with at most two decimals and no sign, up to ``Cents/greatest``.
  public static func money(_ bytes: Bytes) throws(FieldError) -> Cents {
    let point = unsafe bytes.firstIndex(of: UInt8(ascii: "."))
    let whole = unsafe Bytes(rebasing: bytes[..<(point ?? bytes.endIndex)])
    let error = FieldError("is no amount of dollars", hint: "Write decimal dollars with at most two decimals: 29.99.")
    guard let dollars = unsafe digits(whole), dollars <= Cents.greatest.count / 100 else { throw error }
    var cents: Int64 = 0
    if let point {
      let fraction = unsafe Bytes(rebasing: bytes[(point + 1)...])
      guard fraction.count == 1 || fraction.count == 2, let value = unsafe digits(fraction) else { throw error }
      cents = fraction.count == 1 ? value * 10 : value
    }
    let amount = Cents(dollars * 100 + cents)
    guard amount <= .greatest else { throw error }
    return amount
  }

  /// A count of 0 to 1,000,000,000.
  public static func count(_ bytes: Bytes) throws(FieldError) -> Int64 {
    guard let count = unsafe digits(bytes), count <= 1_000_000_000 else {
      throw FieldError("is no count", hint: "Write a whole number from 0 to 1000000000.")
    }
    return count
  }

  /// `YYYY-MM-DD`, a day that exists, from 1900 to 2199.
  public static func day(_ bytes: Bytes) throws(FieldError) -> ServiceDay {
    guard bytes.count == 10, let day = unsafe dayPrefix(bytes) else {
      throw FieldError("is no day", hint: "Write YYYY-MM-DD, a day that exists: 2026-03-01.")
    }
    return day
  }

  /// RFC 3339 with an offset or Z; a fraction of a second is dropped, and a leap second is the second before it.
  public static func instant(_ bytes: Bytes) throws(FieldError) -> Instant {
    let error = FieldError("is no instant", hint: "Write RFC 3339 with an offset or Z: 2026-03-01T04:05:06Z.")
    guard bytes.count >= 20, let day = unsafe dayPrefix(bytes), unsafe bytes[10] | 0x20 == UInt8(ascii: "t"), unsafe bytes[13] == UInt8(ascii: ":"),
      unsafe bytes[16] == UInt8(ascii: ":"), let hour = unsafe two(bytes, 11), let minute = unsafe two(bytes, 14), let second = unsafe two(bytes, 17),
      hour < 24,
      minute < 60, second <= 60
    else { throw error }
    var position = 19
    if unsafe bytes[position] == UInt8(ascii: ".") {
      let first = position + 1
      position = first
      while position < bytes.count, unsafe isDigit(bytes[position]) { position += 1 }
      guard position > first else { throw error }
    }
    guard position < bytes.count else { throw error }
    var offset: Int64 = 0
    switch unsafe bytes[position] {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): guard position + 1 == bytes.count else { throw error }
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard position + 6 == bytes.count, unsafe bytes[position + 3] == UInt8(ascii: ":"), let hours = unsafe two(bytes, position + 1),
        let minutes = unsafe two(bytes, position + 4), hours < 24, minutes < 60
      else { throw error }
      offset = unsafe (hours * 3600 + minutes * 60) * (bytes[position] == UInt8(ascii: "-") ? -1 : 1)
    default: throw error
    }
    return day.start.advanced(bySeconds: hour * 3600 + minute * 60 + min(second, 59) - offset)
  }

  /// `+` and 1 to 15 digits, the first not 0.
  public static func checkLine(_ bytes: Bytes) throws(FieldError) {
    guard (2...16).contains(bytes.count), unsafe bytes[0] == UInt8(ascii: "+"), unsafe bytes[1] != UInt8(ascii: "0"),
      unsafe bytes[1...].allSatisfy(isDigit)
    else {
      throw FieldError("is no E.164 number", hint: "Write + and up to 15 digits: +12025550123.")
    }
  }

  /// Any text of 1 to 200 bytes without control characters.
  public static func checkText(_ bytes: Bytes) throws(FieldError) {
    guard bytes.count <= 200 else { throw FieldError("is longer than 200 bytes", hint: "Shorten it.") }
    guard unsafe bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw FieldError("holds a control character", hint: "Take tabs, line breaks and other control characters out.")
    }
  }

  /// An id: a text of which everything can be seen, without spaces at its ends.
  public static func checkID(_ bytes: Bytes) throws(FieldError) {
    unsafe try checkText(bytes)
    let isPlain = unsafe bytes.first != 0x20 && bytes.last != 0x20 && bytes.allSatisfy { $0 < 0x80 }
    if isPlain { return }
    if let problem = unsafe HiddenCharacter.problem(in: String(decoding: bytes, as: UTF8.self)) { throw problem }
  }

  /// `true` or `false`.
  public static func flag(_ bytes: Bytes) throws(FieldError) -> Bool {
    if unsafe bytes.elementsEqual("true".utf8) { return true }
    if unsafe bytes.elementsEqual("false".utf8) { return false }
    throw FieldError("is neither true nor false", hint: "Write true, false or nothing.")
  }

  /// An unsigned decimal of any length up to 60 digits, in one spelling for each value: `029.90` becomes `29.9`.
  public static func decimal(_ bytes: Bytes) throws(FieldError) -> String {
    let point = unsafe bytes.firstIndex(of: UInt8(ascii: ".")) ?? bytes.endIndex
    let whole = unsafe bytes[..<point]
    let fraction = unsafe point < bytes.endIndex ? bytes[(point + 1)...] : bytes[point...]
    guard unsafe !whole.isEmpty, unsafe whole.allSatisfy(isDigit), unsafe point == bytes.endIndex || !fraction.isEmpty,
      unsafe fraction.allSatisfy(isDigit),
      bytes.count <= 60
    else { throw FieldError("is no decimal number", hint: "Write digits with a point: 158.2045.") }
    var text = unsafe String(decoding: whole.drop { $0 == UInt8(ascii: "0") }, as: UTF8.self)
    if text.isEmpty { text = "0" }
    var decimals = unsafe Substring(String(decoding: fraction, as: UTF8.self))
    while decimals.last == "0" { decimals.removeLast() }
    return decimals.isEmpty ? text : "\(text).\(decimals)"
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The value of 1 to 18 digits.
  private static func digits(_ bytes: Bytes) -> Int64? {
    guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
    var value: Int64 = 0
    for index in bytes.indices {
      let byte = unsafe bytes[index]
      guard isDigit(byte) else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    return value
  }

  private static func two(_ bytes: Bytes, _ at: Int) -> Int64? {
    guard unsafe isDigit(bytes[at]), unsafe isDigit(bytes[at + 1]) else { return nil }
    return unsafe Int64(bytes[at] - 0x30) * 10 + Int64(bytes[at + 1] - 0x30)
  }

  private static func dayPrefix(_ bytes: Bytes) -> ServiceDay? {
    guard unsafe bytes[4] == UInt8(ascii: "-"), unsafe bytes[7] == UInt8(ascii: "-"), let century = unsafe two(bytes, 0),
      let year = unsafe two(bytes, 2),
      let month = unsafe two(bytes, 5), let day = unsafe two(bytes, 8)
    else { return nil }
    return ServiceDay(year: Int(century * 100 + year), month: Int(month), day: Int(day))
  }
}
