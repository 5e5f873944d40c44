/// A whole second of UTC, counted from 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Comparable, Sendable {
  public let seconds: Int64

  public init(seconds: Int64) { self.seconds = seconds }

  public static func < (left: Instant, right: Instant) -> Bool { left.seconds < right.seconds }

  /// The service day this instant lies in.
  public var day: ServiceDay { ServiceDay(ordinal: Int32(truncatingIfNeeded: seconds.flooringDivide(86_400))) }

  public func advanced(bySeconds delta: Int64) -> Instant { Instant(seconds: seconds + delta) }
}

/// A UTC calendar day, counted from 1970-01-01.
public struct ServiceDay: Hashable, Comparable, Sendable {
  public let ordinal: Int32

  public init(ordinal: Int32) { self.ordinal = ordinal }

  public static func < (left: ServiceDay, right: ServiceDay) -> Bool { left.ordinal < right.ordinal }

  public func advanced(by days: Int) -> ServiceDay { ServiceDay(ordinal: ordinal + Int32(days)) }
  public func distance(to other: ServiceDay) -> Int { Int(other.ordinal) - Int(ordinal) }

  /// Midnight UTC that begins the day.
  public var start: Instant { Instant(seconds: Int64(ordinal) * 86_400) }
  /// Midnight UTC that ends the day: the T of "as of D".
  public var end: Instant { Instant(seconds: (Int64(ordinal) + 1) * 86_400) }

  public enum Weekday: Int, Sendable { case monday = 0, tuesday, wednesday, thursday, friday, saturday, sunday }

  public var weekday: Weekday {
    // 1970-01-01 was a Thursday.
    let index = (Int(ordinal) + 3) % 7
    return Weekday(rawValue: index < 0 ? index + 7 : index) ?? .monday
  }
}

extension ServiceDay: CustomStringConvertible {
  /// The proleptic Gregorian date, `nil` when there is no such day or the year is outside 1900...2199.
  public init?(year: Int, month: Int, day: Int) {
    guard (1900...2199).contains(year), (1...12).contains(month), day >= 1, day <= ServiceDay.length(ofMonth: month, in: year) else { return nil }
    // Days from civil, with March as the first month so that the leap day comes last.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.init(ordinal: Int32(era * 146_097 + dayOfEra - 719_468))
  }

  /// Parses `YYYY-MM-DD` and nothing else.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
    self.init(year: year, month: month, day: day)
  }

  static func length(ofMonth month: Int, in year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  public var civil: (year: Int, month: Int, day: Int) {
    let shifted = Int(ordinal) + 719_468
    let era = shifted.flooringDivide(146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  public var description: String {
    let (year, month, day) = civil
    return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
  }
}

extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC: `2026-03-01T04:05:06Z`.
  public var description: String {
    let rest = seconds - day.start.seconds
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(day)T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
  }
}

/// Consecutive days, from `first` up to but not including `end`; never empty.
public struct DayRange: Hashable, Sendable {
  public let first: ServiceDay
  public let end: ServiceDay

  /// Nil when `end` is not after `first`: a range without days is not a range.
  public init?(_ first: ServiceDay, upTo end: ServiceDay) {
    guard first < end else { return nil }
    (self.first, self.end) = (first, end)
  }

  /// Number of days, at least 1.
  public var dayCount: Int { first.distance(to: end) }
  public var last: ServiceDay { end.advanced(by: -1) }
  public func contains(_ day: ServiceDay) -> Bool { first <= day && day < end }

  public func intersection(_ other: DayRange) -> DayRange? {
    DayRange(max(first, other.first), upTo: min(end, other.end))
  }
}

/// A stretch of time from `start` up to but not including `end`; without an end it goes on.
public struct Interval: Hashable, Sendable {
  public let start: Instant
  public let end: Instant?

  /// Nil when nothing lies between start and end: an empty interval touches nothing.
  public init?(_ start: Instant, _ end: Instant?) {
    if let end, end <= start { return nil }
    (self.start, self.end) = (start, end)
  }

  public func contains(_ instant: Instant) -> Bool { start <= instant && end.map { instant < $0 } ?? true }

  /// The days the interval touches; `horizon` stands in for an end that is not there.
  public func days(upTo horizon: ServiceDay) -> DayRange? {
    let last = end.map { $0.advanced(bySeconds: -1).day.advanced(by: 1) } ?? horizon
    return DayRange(start.day, upTo: last)
  }
}

extension FixedWidthInteger {
  /// Division rounded towards negative infinity; `divisor` is positive.
  func flooringDivide(_ divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
