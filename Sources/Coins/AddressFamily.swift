/// The form of addresses of a network.
public enum AddressFamily: String, Hashable, Sendable, CaseIterable {
  case bitcoin, litecoin, dogecoin
  case bitcoinCash = "bitcoin-cash"
  case ethereum, tron, solana, monero, xrp, stellar
}

/// What an address says beside where it is.
public struct CheckedAddress: Hashable, Sendable {
  /// Whether the address itself says which account behind it is meant.
  public enum Tag: Hashable, Sendable {
    /// The form has no place for a tag, so nothing is known.
    case notStated
    /// An X-address that says that there is none.
    case none
    case value(UInt64)
  }
  public var tag = Tag.notStated
  /// A Monero integrated address: it carries a payment id, and a transaction can carry one.
  public var isIntegrated = false
  /// Written so that a typing error cannot be found.
  public var hasNoChecksum = false
}

extension AddressFamily {
  /// Checks an address of the main net by its checksum and form. Nothing is trimmed or repaired.
  ///
  /// - Throws: ``AddressProblem``.
  public func check(_ address: String) throws(AddressProblem) -> CheckedAddress {
    if address.isEmpty { throw .empty }
    for (place, scalar) in address.unicodeScalars.enumerated() where !AddressFamily.visible.contains(scalar.value) {
      switch scalar.properties.generalCategory {
      case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate:
        throw .invisible(at: place + 1)
      default: break
      }
    }
    // The longest that any network has are Monero's integrated addresses, with 106 characters, and what CashAddr allows.
    guard address.utf8.count <= 150 else { throw .malformed("it is too long") }
    guard address.utf8.allSatisfy({ AddressFamily.visible.contains(UInt32($0)) }) else {
      throw .malformed("it holds letters that are not of this alphabet")
    }
    do { return try checkForm(address) } catch {
      guard error.mayBeAnothers, let other = AddressFamily.allCases.first(where: { $0 != self && (try? $0.checkForm(address)) != nil }) else {
        throw error
      }
      throw .wrongNetwork(other.anAddress)
    }
  }

  /// The characters of ASCII that are seen.
  private static let visible: ClosedRange<UInt32> = 0x21...0x7E

  /// How such an address is called.
  private var anAddress: String {
    switch self {
    case .bitcoin: "a Bitcoin address"
    case .litecoin: "a Litecoin address"
    case .dogecoin: "a Dogecoin address"
    case .bitcoinCash: "a Bitcoin Cash address"
    case .ethereum: "an Ethereum address"
    case .tron: "a Tron address"
    case .solana: "a Solana address"
    case .monero: "a Monero address"
    case .xrp: "an XRP address"
    case .stellar: "a Stellar address"
    }
  }

  private func checkForm(_ address: String) throws(AddressProblem) -> CheckedAddress {
    switch self {
    case .bitcoin: return try BitcoinForm.bitcoin.check(address)
    case .litecoin: return try BitcoinForm.litecoin.check(address)
    case .dogecoin: return try BitcoinForm.dogecoin.check(address)
    case .bitcoinCash: return try checkBitcoinCash(address)
    case .ethereum: return try checkEthereum(address)
    case .tron: return try checkTron(address)
    case .solana: return try checkSolana(address)
    case .monero: return try checkMonero(address)
    case .xrp: return try checkXRP(address)
    case .stellar: return try checkStellar(address)
    }
  }
}

extension AddressProblem {
  /// Whether the address does not look like one of the network at all, so that it may be another's.
  fileprivate var mayBeAnothers: Bool {
    switch self {
    case .malformed, .checksum: true
    case .empty, .invisible, .wrongNetwork, .privateKey, .tokenContract, .zeroAddress, .offCurve, .ambiguous: false
    }
  }
}

/// Addresses of Bitcoin and of coins made after it: base58check with a version byte, and bech32 with a prefix.
private struct BitcoinForm {
  let name: String
  let versions: Set<UInt8>
  let testVersions: Set<UInt8>
  /// Old forms that are another coin's too.
  let ambiguous: [UInt8: String]
  let prefix: String?
  let testPrefixes: Set<String>

  static let bitcoin = BitcoinForm(
    name: "Bitcoin", versions: [0x00, 0x05], testVersions: [0x6F, 0xC4], ambiguous: [:], prefix: "bc", testPrefixes: ["tb", "bcrt"])
  static let litecoin = BitcoinForm(
    name: "Litecoin", versions: [0x30, 0x32], testVersions: [0x6F, 0xC4, 0x3A], ambiguous: [0x05: "a Bitcoin address"], prefix: "ltc",
    testPrefixes: ["tltc", "rltc"])
  static let dogecoin = BitcoinForm(
    name: "Dogecoin", versions: [0x1E, 0x16], testVersions: [0x71, 0xC4, 0x6F], ambiguous: [:], prefix: nil, testPrefixes: [])

  private static let all = [bitcoin, litecoin, dogecoin]
  private static let keyVersions: Set<UInt8> = [0x80, 0xEF, 0xB0, 0x9E, 0xF1]

  func check(_ address: String) throws(AddressProblem) -> CheckedAddress {
    if let separator = address.lastIndex(of: "1"), try checkBech32(address, prefix: address[..<separator].lowercased()) { return CheckedAddress() }
    let payload = try Base58.bitcoin.decodeChecked(address.utf8)
    let version = payload[0]
    if BitcoinForm.keyVersions.contains(version), payload.count == 33 || payload.count == 34 { throw .privateKey }
    guard payload.count == 21 else { throw .malformed("its length is wrong") }
    if versions.contains(version) { return CheckedAddress() }
    if let other = ambiguous[version] { throw .ambiguous(other) }
    if testVersions.contains(version) { throw .wrongNetwork("an address of \(name)'s test net") }
    if version == 0x41 { throw .wrongNetwork("a Tron address") }
    if let other = BitcoinForm.all.first(where: { $0.versions.contains(version) }) { throw .wrongNetwork("a \(other.name) address") }
    throw .wrongNetwork("not a \(name) address")
  }

  /// - Returns: Whether the prefix is one of a known coin, and the address is this coin's.
  private func checkBech32(_ address: String, prefix human: String) throws(AddressProblem) -> Bool {
    let isOurs = human == prefix
    guard isOurs || human == "ltcmweb" || BitcoinForm.all.contains(where: { $0.prefix == human || $0.testPrefixes.contains(human) }) else {
      return false
    }
    if human == "ltcmweb" { throw name == "Litecoin" ? .malformed("MWEB addresses cannot be paid") : .wrongNetwork("a Litecoin address") }
    let decoded = try Bech32(address)
    if testPrefixes.contains(human) { throw .wrongNetwork("an address of \(name)'s test net") }
    if !isOurs {
      let other = BitcoinForm.all.first { $0.prefix == human || $0.testPrefixes.contains(human) }
      throw .wrongNetwork("a \(other?.name ?? "foreign") address")
    }
    try decoded.checkWitness()
    return true
  }
}

extension AddressFamily {
  private func checkBitcoinCash(_ address: String) throws(AddressProblem) -> CheckedAddress {
    // An old address has capital and small letters, a new one never both.
    if let payload = try? Base58.bitcoin.decodeChecked(address.utf8), payload.count >= 21 {
      switch payload[0] {
      case 0x00, 0x05: throw .ambiguous("a Bitcoin address")
      case 0x6F, 0xC4: throw .wrongNetwork("an address of a test net")
      case 0x80, 0xEF: throw .privateKey
      default: throw .wrongNetwork("not a Bitcoin Cash address")
      }
    }
    let own = "bitcoincash"
    let decoded: CashAddr
    do { decoded = try CashAddr(address, assuming: own) } catch {
      for (prefix, what) in CashAddr.others where !address.contains(":") && (try? CashAddr(address, assuming: prefix)) != nil {
        throw .wrongNetwork(what)
      }
      throw error
    }
    if decoded.prefix != own { throw .wrongNetwork(CashAddr.others.first { $0.prefix == decoded.prefix }?.what ?? "of the prefix \(decoded.prefix)") }
    guard decoded.version & 0x07 == 0, decoded.hash.count == 20 else { throw .malformed("its length is wrong") }
    // The four bits above say the kind: 0 a key's hash, 1 a script's.
    guard decoded.version == 0x00 || decoded.version == 0x08 else { throw .malformed("it is no plain payment address") }
    return CheckedAddress()
  }

  private func checkEthereum(_ address: String) throws(AddressProblem) -> CheckedAddress {
    let digits = Array(address.utf8.dropFirst(2))
    func isHex(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte) }
    guard address.hasPrefix("0x"), digits.count == 40, digits.allSatisfy(isHex) else {
      throw .malformed("it is not 0x and 40 hexadecimal digits")
    }
    let lower = digits.map { (0x41...0x46).contains($0) ? $0 | 0x20 : $0 }
    let isOneCase = digits == lower || digits == digits.map { (0x61...0x66).contains($0) ? $0 & 0xDF : $0 }
    if !isOneCase {
      // EIP-55: a letter is a capital where the digit of the hash is 8 or more.
      let hash = Keccak256.hash(lower)
      for (index, digit) in digits.enumerated() where digit > 0x39 {
        let half = index.isMultiple(of: 2) ? hash[index / 2] >> 4 : hash[index / 2] & 15
        guard (half >= 8) == (digit < 0x60) else { throw .checksum }
      }
    }
    if lower.allSatisfy({ $0 == UInt8(ascii: "0") }) { throw .zeroAddress }
    if let contract = Contracts.ethereum["0x" + String(decoding: lower, as: UTF8.self)] { throw .tokenContract(contract) }
    return CheckedAddress(hasNoChecksum: isOneCase)
  }

  private func checkTron(_ address: String) throws(AddressProblem) -> CheckedAddress {
    if address.utf8.count == 42, address.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) {
      throw .malformed("it is the hexadecimal form, which has no checksum; give the one that begins with T")
    }
    let payload = try Base58.bitcoin.decodeChecked(address.utf8)
    guard payload.count == 21, payload[0] == 0x41 else {
      throw .wrongNetwork(payload.count == 21 && [0x00, 0x05].contains(payload[0]) ? "a Bitcoin address" : "not a Tron address")
    }
    if payload.dropFirst().allSatisfy({ $0 == 0 }) { throw .zeroAddress }
    if let contract = Contracts.tron[address] { throw .tokenContract(contract) }
    return CheckedAddress()
  }

  private func checkSolana(_ address: String) throws(AddressProblem) -> CheckedAddress {
    guard let key = Base58.bitcoin.decode(address.utf8) else { throw .malformed("it holds characters that such addresses never have") }
    guard key.count == 32 else { throw .malformed("its length is wrong") }
    if key.allSatisfy({ $0 == 0 }) { throw .zeroAddress }
    if let contract = Contracts.solana[address] { throw .tokenContract(contract) }
    guard Ed25519.isOnCurve(key) else { throw .offCurve }
    return CheckedAddress(hasNoChecksum: true)
  }

  private func checkMonero(_ address: String) throws(AddressProblem) -> CheckedAddress {
    guard address.utf8.count == 95 || address.utf8.count == 106 else { throw .malformed("it has not 95 characters, nor 106") }
    guard let bytes = MoneroBase58.decode(Array(address.utf8)) else { throw .malformed("it holds characters that such addresses never have") }
    guard let (tag, data) = MoneroBase58.decodeChecked(Array(address.utf8)), bytes.count == 69 || bytes.count == 77 else { throw .checksum }
    let isIntegrated: Bool
    switch tag {
    case 18, 42: isIntegrated = false
    case 19: isIntegrated = true
    case 53, 54, 63: throw .wrongNetwork("an address of Monero's test net")
    case 24, 25, 36: throw .wrongNetwork("an address of Monero's stage net")
    default: throw .wrongNetwork("not a Monero address")
    }
    guard data.count == (isIntegrated ? 72 : 64) else { throw .malformed("its length is wrong") }
    guard Ed25519.isOnCurve(Array(data[0..<32])), Ed25519.isOnCurve(Array(data[32..<64])) else { throw .malformed("its keys are none") }
    return CheckedAddress(isIntegrated: isIntegrated)
  }

  private func checkXRP(_ address: String) throws(AddressProblem) -> CheckedAddress {
    let payload = try Base58.ripple.decodeChecked(address.utf8)
    if payload.count == 17, payload[0] == 0x21 { throw .privateKey }
    if payload.count == 21, payload[0] == 0x00 { return CheckedAddress() }
    guard payload.count == 31 else { throw .malformed("its length is wrong") }
    switch (payload[0], payload[1]) {
    case (0x05, 0x44): break
    case (0x04, 0x93): throw .wrongNetwork("an address of XRP's test net")
    default: throw .malformed("it does not begin as such addresses do")
    }
    let tag = payload[23..<31].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch payload[22] {
    case 0:
      guard tag == 0 else { throw .malformed("it carries a tag, and says that there is none") }
      return CheckedAddress(tag: .none)
    case 1:
      guard tag <= UInt64(UInt32.max) else { throw .malformed("its tag is too large") }
      return CheckedAddress(tag: .value(tag))
    default: throw .malformed("its tag is of a kind that is not in use")
    }
  }

  private func checkStellar(_ address: String) throws(AddressProblem) -> CheckedAddress {
    guard let bytes = Strkey.decode(address) else { throw .malformed("it holds characters that such addresses never have, or its length is wrong") }
    guard bytes.count > 3, Strkey.checksum(bytes.dropLast(2)) == UInt16(bytes[bytes.count - 2]) | UInt16(bytes[bytes.count - 1]) << 8 else {
      throw .checksum
    }
    switch (bytes[0], bytes.count) {
    case (6 << 3, 35): return CheckedAddress()
    case (12 << 3, 43): return CheckedAddress(tag: .value(bytes[33..<41].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
    case (18 << 3, 35): throw .privateKey
    default: throw .malformed("it is no account")
    }
  }
}

/// Stellar's keys: base32 without padding, and a checksum of 16 bits.
private enum Strkey {
  static func decode(_ text: String) -> [UInt8]? {
    var values: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x41...0x5A: values.append(byte - 0x41)
      case 0x32...0x37: values.append(byte - 0x32 + 26)
      default: return nil
      }
    }
    // Bits left over must be fewer than a character has, and zero: one spelling for each key.
    return Bech32.bytes(of: values)
  }

  /// CRC16 of XModem.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
    bytes.reduce(UInt16(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt16(byte) << 8) { crc, _ in crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
    }
  }
}

/// Contracts of tokens that customers paste for their wallet.
private enum Contracts {
  /// In lower case; an address of Ethereum is one of BSC and Polygon too.
  static let ethereum = [
    "0xdac17f958d2ee523a2206206994597c13d831ec7": "USDT on Ethereum", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": "USDC on Ethereum",
    "0x55d398326f99059ff775485246999027b3197955": "USDT on BSC", "0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d": "USDC on BSC",
    "0xc2132d05d31c914a87c6611c10748aeb04b58e8f": "USDT on Polygon", "0x3c499c542cef5e3811e1192ce70d8cc03d5c3359": "USDC on Polygon",
  ]
  static let tron = ["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": "USDT on Tron", "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8": "USDC on Tron"]
  static let solana = [
    "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB": "USDT on Solana", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v": "USDC on Solana",
  ]
}

extension CashAddr {
  fileprivate static let others = [
    (prefix: "ecash", what: "an eCash address"), (prefix: "bchtest", what: "an address of Bitcoin Cash's test net"),
    (prefix: "bchreg", what: "an address of a Bitcoin Cash test chain"),
  ]
}
