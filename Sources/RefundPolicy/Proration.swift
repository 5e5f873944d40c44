/// The daily shares of a base over a period's days (P5).
public struct Proration: Hashable, Sendable {
  public let base: Cents
  /// Days in the period, at least 1.
  public let dayCount: Int

  public init(base: Cents, dayCount: Int) {
    precondition(dayCount >= 1 && base >= .zero)
    (self.base, self.dayCount) = (base, dayCount)
  }

  /// r(i): the part of the base that the first `days` days bear, rounded to the nearest cent, ties down.
  ///
  /// Multiplies before it divides, in 128 bits, and rounds once:
  ///
  ///     Proration(base: Cents(29_99), dayCount: 31).upTo(20)   // 19.35, from 1934.83… cents
  ///
  /// - Parameter days: In `0...dayCount`.
  public func upTo(_ days: Int) -> Cents {
    precondition((0...dayCount).contains(days))
    let whole = Int128(dayCount)
    // Nearest with ties down is ceil(x - 1/2), that is ceil((2·B·i - N) / 2N), that is floor((2·B·i + N - 1) / 2N).
    return Cents(Int64((2 * Int128(base.count) * Int128(days) + whole - 1) / (2 * whole)))
  }

  /// The share of days `range`, counted from 0 at the period's first day.
  public func share(of range: Range<Int>) -> Cents { upTo(range.upperBound) - upTo(range.lowerBound) }
}

extension PeriodTerms {
  /// The share of a stretch of the period's days under a proration over the whole period.
  static func share(of stretch: DayRange, in days: DayRange, _ proration: Proration) -> Cents {
    proration.share(of: days.first.distance(to: stretch.first)..<days.first.distance(to: stretch.end))
  }
}
