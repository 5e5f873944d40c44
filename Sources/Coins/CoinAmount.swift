public import RefundPolicy

/// An amount of a coin in its smallest unit: piconero, satoshi, wei.
public struct CoinAmount: Hashable, Sendable {
  public let atomic: UInt128
  /// How many decimals the smallest unit stands behind the point: 12 for XMR.
  public let decimals: Int

  public init(atomic: UInt128, decimals: Int) { (self.atomic, self.decimals) = (atomic, decimals) }

  /// The same amount with at most `most` decimals, rounded down: for a processor that takes no more.
  public func truncated(to most: Int) -> CoinAmount {
    guard decimals > most, let unit = powerOfTen(decimals - most) else { return self }
    return CoinAmount(atomic: atomic / unit, decimals: most)
  }
}

extension CoinAmount: CustomStringConvertible {
  /// With all its decimals, so that it is told apart from a rounded one: `0.123456789012`.
  public var description: String {
    let digits = String(atomic)
    if decimals == 0 { return digits }
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
    return "\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
  }

  /// Without the zeros at the end of its decimals.
  public var brief: String {
    var text = Substring(description)
    if decimals > 0 {
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
    }
    return String(text)
  }

  /// Parses decimal text without a sign; nil when it has more decimals than the coin, or is too large.
  public init?(_ text: some StringProtocol, decimals: Int) {
    guard let number = Decimal128(text), number.decimals <= decimals, let shift = powerOfTen(decimals - number.decimals) else { return nil }
    let (atomic, overflow) = number.digits.multipliedReportingOverflow(by: shift)
    if overflow { return nil }
    self.init(atomic: atomic, decimals: decimals)
  }
}

/// The price of one coin in USD, exactly as it was quoted.
public struct ExchangeRate: Hashable, Sendable {
  let value: Decimal128

  /// Parses decimal text without a sign; nil when it has more digits than can be used exactly: 36 in all, 20 of them decimals.
  public init?(_ text: some StringProtocol) {
    guard let value = Decimal128(text), value.decimals <= 20, value.digits <= ExchangeRate.most else { return nil }
    self.value = value
  }

  private static let most = UInt128(1_000_000_000_000_000_000) * 1_000_000_000_000_000_000

  public var isZero: Bool { value.digits == 0 }
}

extension ExchangeRate: CustomStringConvertible {
  public var description: String { CoinAmount(atomic: value.digits, decimals: value.decimals).description }
}

extension CoinAmount {
  /// H2: floor(usd / rate) in the coin's smallest unit, by exact arithmetic.
  ///
  /// - Parameters:
  ///   - usd: Not negative.
  ///   - decimals: Of the coin, 0 to 18.
  /// - Returns: Nil for a rate of zero, and for more than 128 bits of the smallest unit.
  public init?(worth usd: Cents, at rate: ExchangeRate, decimals: Int) {
    guard !rate.isZero, usd >= .zero, (0...18).contains(decimals), let scale = powerOfTen(decimals + rate.value.decimals) else { return nil }
    // cents / 100 / (digits / 10^rateDecimals) * 10^decimals
    let numerator = UInt128(usd.count.magnitude).multipliedFullWidth(by: scale)
    let denominator = rate.value.digits * 100
    guard numerator.high < denominator else { return nil }
    self.init(atomic: denominator.dividingFullWidth(numerator).quotient, decimals: decimals)
  }
}

/// A decimal number without a sign: `digits` / 10^`decimals`.
struct Decimal128: Hashable, Sendable {
  let digits: UInt128
  let decimals: Int

  init?(_ text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, parts.count == 1 || !parts[1].isEmpty else { return nil }
    var fraction = parts.count == 2 ? Array(parts[1]) : []
    while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
    guard fraction.count <= 38 else { return nil }
    var value: UInt128 = 0
    for byte in Array(whole) + fraction {
      guard (0x30...0x39).contains(byte) else { return nil }
      let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = shifted.addingReportingOverflow(UInt128(byte - 0x30))
      if tooLarge || overflow { return nil }
      value = sum
    }
    (digits, decimals) = (value, fraction.count)
  }
}

/// 10^`exponent`, nil when it does not fit.
func powerOfTen(_ exponent: Int) -> UInt128? {
  guard (0...38).contains(exponent) else { return nil }
  return (0..<exponent).reduce(UInt128(1)) { power, _ in power * 10 }
}
