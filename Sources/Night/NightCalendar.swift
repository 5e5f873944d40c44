import Ledger
public import RefundPolicy
public import Storage

/// Which dates are closed and which are not, by the clock, and whether the clock can be believed (G7).
public struct NightCalendar: Hashable, Sendable {
  public let today: ServiceDay
  /// The first date that a nightly closed; nil before the first.
  public let firstClosed: ServiceDay?
  /// The last date that a nightly closed; nil before the first.
  public let lastClosed: ServiceDay?
  /// The dates up to yesterday that are not closed; nil when there are none. Before the first nightly it is yesterday alone.
  public let missing: DayRange?
  /// `catch_up_max_nights` on the last of them.
  public let limit: Int

  /// - Parameter now: The instant by the clock.
  public init(on connection: Connection, now: Instant) throws {
    today = now.day
    let yesterday = today.advanced(by: -1)
    (firstClosed, lastClosed) = (try connection.firstClosed(), try connection.watermark())
    missing = DayRange(lastClosed?.advanced(by: 1) ?? yesterday, upTo: today)
    limit = try connection.settings().operating(closing: yesterday).catchUpMaxNights
  }

  /// The last closed date is later than yesterday: the clock is wrong now, or was when that date was closed.
  public var isClockBehind: Bool { lastClosed.map { $0 >= today } ?? false }

  /// More dates are missing than one run closes by itself.
  public var isTooMany: Bool { missing.map { $0.dayCount > limit } ?? false }
}

extension DayRange {
  /// Each day, oldest first.
  public var days: [ServiceDay] { (0..<dayCount).map { first.advanced(by: $0) } }
}
