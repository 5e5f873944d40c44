import Hashing

/// Base58: digits and letters without those that look alike.
struct Base58 {
  static let bitcoin = Base58("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
  static let ripple = Base58("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz")

  /// The character that stands for a zero byte at the beginning.
  private let zero: UInt8
  private let digits: Base58Digits

  private init(_ alphabet: String) {
    zero = alphabet.utf8.first ?? 0
    digits = Base58Digits(alphabet)
  }

  /// The bytes of a text as one large number, a leading first letter standing for a zero byte; nil for other characters.
  func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    // Parts of 32 bits, the lowest first.
    var parts: [UInt32] = []
    parts.reserveCapacity(text.count / 5 + 1)
    for character in text {
      guard let digit = digits[character] else { return nil }
      var carry = UInt64(digit)
      for index in parts.indices {
        carry += UInt64(parts[index]) * 58
        parts[index] = UInt32(truncatingIfNeeded: carry)
        carry >>= 32
      }
      if carry > 0 { parts.append(UInt32(carry)) }
    }
    var bytes = [UInt8](repeating: 0, count: text.prefix { $0 == zero }.count)
    bytes.reserveCapacity(bytes.count + 4 * parts.count)
    let zeros = parts.last.map { $0.leadingZeroBitCount / 8 } ?? 0
    for place in (0..<max(0, 4 * parts.count - zeros)).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: parts[place / 4] >> UInt32(8 * (place % 4))))
    }
    return bytes
  }

  /// The payload of a text that ends with the first four bytes of a double SHA-256.
  func decodeChecked(_ text: some Collection<UInt8>) throws(AddressProblem) -> [UInt8] {
    guard let bytes = decode(text) else { throw .malformed("it holds characters that such addresses never have") }
    guard bytes.count > 4 else { throw .malformed("it is too short") }
    let hash = SHA256.hash(SHA256.hash(bytes.dropLast(4)))
    guard Array(hash.prefix(4)) == Array(bytes.suffix(4)) else { throw .checksum }
    return bytes.dropLast(4)
  }
}

/// The values of the 58 characters of an alphabet.
struct Base58Digits {
  private static let none: UInt8 = 255
  private var values = [UInt8](repeating: none, count: 256)

  init(_ alphabet: String) { for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) } }

  /// Nil for a character that is none of them.
  subscript(_ character: UInt8) -> UInt8? {
    let value = values[Int(character)]
    return value == Base58Digits.none ? nil : value
  }
}

/// Monero's base58: blocks of eight bytes in eleven characters, so that lengths never vary.
public enum MoneroBase58 {
  /// Characters of a block of that many bytes.
  private static let lengths = [0, 2, 3, 5, 6, 7, 9, 10, 11]

  /// Nil for other characters, lengths that no block has, and numbers that do not fit their block.
  static func decode(_ text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: text.count, by: 11) {
      let block = text[start..<min(start + 11, text.count)]
      guard let size = lengths.firstIndex(of: block.count), size > 0 else { return nil }
      var value: UInt128 = 0
      for character in block {
        guard let digit = digits[character] else { return nil }
        value = value * 58 + UInt128(digit)
      }
      guard value < UInt128(1) << UInt128(8 * size) else { return nil }
      bytes += (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> UInt128(8 * $0)) }
    }
    return bytes
  }

  private static let digits = Base58Digits("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")

  /// The tag (a number of seven bits a byte) and the data before a checksum of four bytes of Keccak-256; nil where that does not fit.
  public static func decodeChecked(_ text: [UInt8]) -> (tag: UInt64, data: [UInt8])? {
    guard let bytes = decode(text), bytes.count > 4, Array(Keccak256.hash(bytes.dropLast(4)).prefix(4)) == Array(bytes.suffix(4)) else { return nil }
    var tag: UInt64 = 0
    for (index, byte) in bytes.dropLast(4).enumerated() {
      guard index < 9, index < 8 || byte < 0x80 || bytes.count > 9 else { return nil }
      tag |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte < 0x80 {
        // A number has one spelling only.
        return byte == 0 && index > 0 ? nil : (tag, Array(bytes.dropLast(4).dropFirst(index + 1)))
      }
    }
    return nil
  }
}
