import EightBytes

/// Hashes of ids and of line numbers, 64 bits: the same in every process. The last three bits tell what it is: the kind of the record, or 7 for a line.
enum KeyHash {
  static func hash(_ text: ByteText, _ kind: FactKey.Kind) -> UInt64 {
    let mixed: UInt64
    if kind == .transaction {
      let digits = transactionDigits(text)
      mixed = isHexadecimal(digits) ? mix(digits, foldingCase: true) : mix(text, foldingCase: false)
    } else {
      mixed = mix(text, foldingCase: false)
    }
    return mixed & ~7 | kind.rawValue
  }

  /// Of a line's number, which may stand with several orders.
  static func hash(line: UInt64) -> UInt64 { finished(step(multiplier, line)) | 7 }

  /// Whether more than one order may have what has this hash: a transaction or a line.
  static func mayRepeat(_ hash: UInt64) -> Bool { hash & 3 == 3 }

  /// Q1: ids of hexadecimal digits are compared without `0x` and without regard to case, others to the letter.
  static func isSameTransaction(_ left: ByteText, _ right: ByteText) -> Bool {
    let (one, other) = (transactionDigits(left), transactionDigits(right))
    guard isHexadecimal(one), isHexadecimal(other) else { return left == right }
    return unsafe one.count == other.count && zip(one.bytes, other.bytes).allSatisfy { folded($0) == folded($1) }
  }

  private static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x46).contains(byte) ? byte | 0x20 : byte }

  private static func transactionDigits(_ text: ByteText) -> ByteText {
    let bytes = unsafe text.bytes
    guard bytes.count >= 2, unsafe bytes[0] == UInt8(ascii: "0"), unsafe bytes[1] | 0x20 == UInt8(ascii: "x") else { return text }
    return text.dropFirst(2)
  }

  private static func isHexadecimal(_ text: ByteText) -> Bool {
    if text.isEmpty { return false }
    var place = 0
    while place + 8 <= text.count {
      if !Octets.areHexadecimal(text.octets(at: place)) { return false }
      place += 8
    }
    // Zeros are digits.
    return Octets.areHexadecimal(text.rest(at: place) | Octets.all(0x30) << UInt64(8 * (text.count - place)))
  }

  private static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ text: ByteText, foldingCase: Bool) -> UInt64 {
    var hash = UInt64(text.count) &* multiplier
    var place = 0
    while place + 8 <= text.count {
      let octets = text.octets(at: place)
      hash = step(hash, foldingCase ? Octets.lowered(octets) : octets)
      place += 8
    }
    let rest = text.rest(at: place)
    return finished(step(hash, foldingCase ? Octets.lowered(rest) : rest))
  }

  private static func finished(_ hash: UInt64) -> UInt64 {
    let mixed = (hash ^ hash >> 32) &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ mixed >> 32
  }

  private static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    var next = (hash ^ word) &* multiplier
    next ^= next >> 29
    return next
  }
}
