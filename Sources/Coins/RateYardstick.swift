public import RefundPolicy

/// The price at which a period was paid for: what it cost in USD for so much of the coin.
public struct PaidPrice: Hashable, Sendable {
  public let paid: Cents
  /// Decimal text, as the facts give it.
  public let amount: String
  let value: Decimal128

  /// Nil where the facts give no amount of the coin, or nothing was paid.
  public init?(paid: Cents, amount: String) {
    guard paid > .zero, let value = Decimal128(amount), value.digits > 0 else { return nil }
    (self.paid, self.amount, self.value) = (paid, amount, value)
  }
}

/// G6: what a rate is measured by.
public enum RateYardstick: Hashable, Sendable {
  /// The middle ones of the coin's other quotes of the 30 days before: one and the same where their number is odd.
  case quotes(lower: ExchangeRate, upper: ExchangeRate, count: Int)
  /// The rate of the coin's last batch that was not taken back.
  case lastBatch(ExchangeRate, batch: String)
  /// The price that the item's own period was paid at.
  case ownPrice(PaidPrice)

  /// Seconds before a quote whose other quotes it is measured by, inclusive: 30 days.
  public static let window: Int64 = 30 * 86_400

  /// The yardstick of the coin, which all its items share.
  ///
  /// - Parameters:
  ///   - quotes: The coin's other quotes of the 30 days before that are not void, in any order.
  ///   - lastBatch: The rate of the coin's last batch that was not taken back.
  /// - Returns: Nil where there is none: then each item's own price is asked.
  public static func ofCoin(quotes: [ExchangeRate], lastBatch: (rate: ExchangeRate, batch: String)?) -> RateYardstick? {
    if !quotes.isEmpty {
      let sorted = quotes.sorted()
      return .quotes(lower: sorted[(sorted.count - 1) / 2], upper: sorted[sorted.count / 2], count: sorted.count)
    }
    return lastBatch.map { .lastBatch($0.rate, batch: $0.batch) }
  }

  /// Whether a rate is more than `factor` times away, either way; of two middle quotes both are asked, and one that is far is enough.
  public func isFar(from rate: ExchangeRate, moreThan factor: RateFactor) -> Bool {
    switch self {
    case .quotes(let lower, let upper, _):
      rate.isFar(from: lower, moreThan: factor) || rate.isFar(from: upper, moreThan: factor)
    case .lastBatch(let other, _): rate.isFar(from: other, moreThan: factor)
    case .ownPrice(let price): rate.isFar(from: price, moreThan: factor)
    }
  }

  /// What it is, with its value: `the rate of batch B000001, 158.2 USD`.
  public func words(of coin: String) -> String {
    switch self {
    case .quotes(let lower, _, 1): "its other quote of the 30 days before, \(lower) USD"
    case .quotes(let lower, let upper, let count) where count % 2 == 0:
      "the two middle ones of its \(count) other quotes of the 30 days before, \(lower) and \(upper) USD"
    case .quotes(let lower, _, let count): "the median of its \(count) other quotes of the 30 days before, \(lower) USD"
    case .lastBatch(let rate, let batch): "the rate of batch \(batch), \(rate) USD"
    case .ownPrice(let price): "the price that the period was paid at, \(price.paid) USD for \(price.amount) \(coin)"
    }
  }
}

/// What measuring a rate came to (G6).
public struct RateCheck: Hashable, Sendable {
  /// A doubtful rate pays nothing until a person accepts it.
  public let isDoubtful: Bool
  /// What it was measured by and what came of it: `not more than 2 times away from the rate of batch B000001, 158.2 USD`.
  public let words: String

  public init(isDoubtful: Bool, words: String) { (self.isDoubtful, self.words) = (isDoubtful, words) }

  /// Measures a rate.
  ///
  /// - Parameter yardstick: Nil where there is none: then every rate is doubtful.
  public init(_ rate: ExchangeRate, of coin: String, by yardstick: RateYardstick?, factor: RateFactor) {
    guard let yardstick else {
      self.init(
        isDoubtful: true,
        words: "without anything to measure it by: no other quote of the 30 days before, no batch, no price of the period")
      return
    }
    let isFar = yardstick.isFar(from: rate, moreThan: factor)
    self.init(
      isDoubtful: isFar, words: "\(isFar ? "more" : "not more") than \(factor) times away from \(yardstick.words(of: coin))")
  }
}

extension ExchangeRate: Comparable {
  public static func < (left: ExchangeRate, right: ExchangeRate) -> Bool {
    ExactProduct(left.value.digits, right.value.scale) < ExactProduct(right.value.digits, left.value.scale)
  }

  /// Whether one of the two is more than `factor` times the other. Everything but zero is far from zero.
  public func isFar(from other: ExchangeRate, moreThan factor: RateFactor) -> Bool {
    exceeds(other, times: factor) || other.exceeds(self, times: factor)
  }

  private func exceeds(_ other: ExchangeRate, times factor: RateFactor) -> Bool {
    // digits / scale > factor * other
    ExactProduct(value.digits, other.value.scale, factor.scale)
      > ExactProduct(other.value.digits, value.scale, UInt128(factor.digits))
  }

  fileprivate func isFar(from price: PaidPrice, moreThan factor: RateFactor) -> Bool {
    // This rate, digits / scale, and the price, (cents / 100) / (amount / its scale), both over one denominator.
    let (cents, hundred) = (UInt128(price.paid.count.magnitude), UInt128(100))
    func exceeds(_ mine: UInt128, _ theirs: UInt128) -> Bool {
      ExactProduct(value.digits, price.value.digits, hundred, mine) > ExactProduct(cents, price.value.scale, value.scale, theirs)
    }
    func isExceeded(_ mine: UInt128, _ theirs: UInt128) -> Bool {
      ExactProduct(value.digits, price.value.digits, hundred, mine) < ExactProduct(cents, price.value.scale, value.scale, theirs)
    }
    // rate > factor * price, or price > factor * rate
    return exceeds(factor.scale, UInt128(factor.digits)) || isExceeded(UInt128(factor.digits), factor.scale)
  }
}

extension Decimal128 {
  /// 10^`decimals`; decimals are 38 at most, which fits.
  var scale: UInt128 { powerOfTen(decimals) ?? 1 }
}

extension RateFactor {
  fileprivate var scale: UInt128 { powerOfTen(decimals) ?? 1 }
}
