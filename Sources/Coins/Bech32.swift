/// Bech32 and Bech32m (BIP-173, BIP-350): letters with a checksum that finds any four wrong ones.
public struct Bech32 {
  public enum Kind { case bech32, bech32m }

  public let kind: Kind
  /// In lower case.
  let prefix: String
  /// Five bits each, without the checksum.
  let values: [UInt8]

  static let letters = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  static let digits = Dictionary(uniqueKeysWithValues: letters.enumerated().map { ($0.element, UInt8($0.offset)) })

  public init(_ text: String) throws(AddressProblem) {
    let bytes = Array(text.utf8)
    guard bytes.count <= 90, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .malformed("it is too long, or holds other characters") }
    let lower = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let upper = bytes.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }
    guard bytes == lower || bytes == upper else { throw .malformed("it mixes capital and small letters") }
    guard let one = lower.lastIndex(of: UInt8(ascii: "1")), one >= 1, one + 7 <= lower.count else { throw .malformed("it is too short") }
    var values: [UInt8] = []
    for byte in lower[(one + 1)...] {
      guard let value = Bech32.digits[byte] else { throw .malformed("it holds characters that such addresses never have") }
      values.append(value)
    }
    let human = lower[..<one]
    switch Bech32.polymod(human.map { $0 >> 5 } + [0] + human.map { $0 & 31 } + values) {
    case 1: kind = .bech32
    case 0x2BC8_30A3: kind = .bech32m
    default: throw .checksum
    }
    prefix = String(decoding: human, as: UTF8.self)
    self.values = values.dropLast(6)
  }

  private static func polymod(_ values: [UInt8]) -> UInt32 {
    let generators: [UInt32] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3]
    return values.reduce(UInt32(1)) { sum, value in
      let top = sum >> 25
      return (0..<5).reduce((sum & 0x1FF_FFFF) << 5 ^ UInt32(value)) { $0 ^ (top >> UInt32($1) & 1 == 1 ? generators[$1] : 0) }
    }
  }

  /// The bytes of values of five bits; nil where bits are left over that are not a zero padding of less than five.
  static func bytes(of values: some Sequence<UInt8>) -> [UInt8]? {
    var (buffer, count): (UInt32, UInt32) = (0, 0)
    var bytes: [UInt8] = []
    for value in values {
      buffer = buffer << 5 | UInt32(value)
      count += 5
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> count))
        buffer &= 1 << count - 1
      }
    }
    return count < 5 && buffer == 0 ? bytes : nil
  }
}

extension Bech32 {
  /// Checks that it is a witness program that is in use: version 0 of 20 or 32 bytes, or version 1 of 32.
  func checkWitness() throws(AddressProblem) {
    guard let version = values.first, version <= 16 else { throw .malformed("its witness version does not exist") }
    guard let program = Bech32.bytes(of: values.dropFirst()), (2...40).contains(program.count) else { throw .malformed("its length is wrong") }
    guard kind == (version == 0 ? .bech32 : .bech32m) else { throw .checksum }
    switch version {
    case 0: guard program.count == 20 || program.count == 32 else { throw .malformed("its length is wrong") }
    case 1: guard program.count == 32 else { throw .malformed("its length is wrong") }
    // Anybody may be able to spend what is sent there.
    default: throw .malformed("its witness version is not in use yet")
    }
  }
}

/// Bitcoin Cash addresses: letters with a checksum of 40 bits over the prefix too.
struct CashAddr {
  let prefix: String
  let version: UInt8
  let hash: [UInt8]

  /// - Parameter prefix: The one to assume where the text has none.
  init(_ text: String, assuming prefix: String) throws(AddressProblem) {
    let bytes = Array(text.utf8)
    let lower = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let upper = bytes.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }
    guard bytes.count <= 130, bytes == lower || bytes == upper else { throw .malformed("it is too long, or mixes capital and small letters") }
    let parts = lower.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
    let human = parts.count == 2 ? Array(parts[0]) : Array(prefix.utf8)
    guard let payload = parts.last, payload.count > 8, !human.isEmpty else { throw .malformed("it is too short") }
    var values: [UInt8] = []
    for byte in payload {
      guard let value = Bech32.digits[byte] else { throw .malformed("it holds characters that such addresses never have") }
      values.append(value)
    }
    guard CashAddr.polymod(human.map { $0 & 31 } + [0] + values) == 0 else { throw .checksum }
    guard let data = Bech32.bytes(of: values.dropLast(8)), let version = data.first else { throw .malformed("its length is wrong") }
    self.prefix = String(decoding: human, as: UTF8.self)
    (self.version, hash) = (version, Array(data.dropFirst()))
  }

  private static func polymod(_ values: [UInt8]) -> UInt64 {
    let generators: [UInt64] = [0x98_F2BC_8E61, 0x79_B76D_99E2, 0xF3_3E5F_B3C4, 0xAE_2EAB_E2A8, 0x1E_4F43_E470]
    return values.reduce(UInt64(1)) { sum, value in
      let top = sum >> 35
      return (0..<5).reduce((sum & 0x7_FFFF_FFFF) << 5 ^ UInt64(value)) { $0 ^ (top >> UInt64($1) & 1 == 1 ? generators[$1] : 0) }
    } ^ 1
  }
}
