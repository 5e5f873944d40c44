/// An amount of US dollars in whole cents.
///
/// All money is whole cents until payout; a refund is never negative, so neither are the amounts facts bring in.
/// Sums of amounts that come from input are bounded when they are read (``Cents/greatest``), so that no total of a database overflows.
public struct Cents: Hashable, Comparable, Sendable {
  public let count: Int64

  public init(_ count: Int64) { self.count = count }

  public static let zero = Cents(0)

  /// The largest amount one field of input may hold: 1,000,000,000.00 USD. More is bad input.
  public static let greatest = Cents(100_000_000_000)

  public static func < (left: Cents, right: Cents) -> Bool { left.count < right.count }
  public static func + (left: Cents, right: Cents) -> Cents { Cents(left.count + right.count) }
  public static func - (left: Cents, right: Cents) -> Cents { Cents(left.count - right.count) }
  public static func += (left: inout Cents, right: Cents) { left = left + right }
}

extension Cents: CustomStringConvertible {
  /// Decimal dollars with two places: `29.99`, `-0.05`.
  public var description: String {
    let magnitude = count.magnitude
    let cents = magnitude % 100
    return "\(count < 0 ? "-" : "")\(magnitude / 100).\(cents < 10 ? "0" : "")\(cents)"
  }
}
