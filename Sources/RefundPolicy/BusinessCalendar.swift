/// Counts business days: Monday to Friday less the listed holidays (Q5).
public struct BusinessCalendar: Sendable {
  private let holidays: Set<ServiceDay>

  public init(holidays: Set<ServiceDay>) { self.holidays = holidays }

  public func isBusinessDay(_ day: ServiceDay) -> Bool {
    switch day.weekday {
    case .saturday, .sunday: false
    case .monday, .tuesday, .wednesday, .thursday, .friday: !holidays.contains(day)
    }
  }

  /// The business day `count` business days after `day`; `day` itself does not count.
  public func day(_ count: Int, after day: ServiceDay) -> ServiceDay {
    var day = day
    var left = count
    while left > 0 {
      day = day.advanced(by: 1)
      if isBusinessDay(day) { left -= 1 }
    }
    return day
  }

  /// The business days after `day` up to and including `end`; 0 where `end` is not after it.
  public func count(after day: ServiceDay, through end: ServiceDay) -> Int {
    var count = 0
    var next = day.advanced(by: 1)
    while next <= end {
      if isBusinessDay(next) { count += 1 }
      next = next.advanced(by: 1)
    }
    return count
  }
}

/// How long an item waits for a decision, in business days since the night that opened it (Q5). A raw value is the word in the reports.
public enum Aging: String, Hashable, Sendable, CaseIterable {
  case upToTwo = "0-2"
  case threeToFive = "3-5"
  case sixToTen = "6-10"
  case overTen = "over-10"

  public init(businessDays: Int) {
    switch businessDays {
    case ...2: self = .upToTwo
    case 3...5: self = .threeToFive
    case 6...10: self = .sixToTen
    default: self = .overTen
    }
  }
}

extension OperatingNumbers {
  /// The day by which a refund is promised (Q5): counted from `start`, the day of the earliest request it answers or else the night it was opened;
  /// coins other than Monero may take some days more.
  public func dueDay(from start: ServiceDay, isAutomatic: Bool, coin: String) -> ServiceDay {
    dueDay(promised: promisedDay(from: start, isAutomatic: isAutomatic), coin: coin)
  }

  /// The business day that is promised, whatever the coin.
  public func promisedDay(from start: ServiceDay, isAutomatic: Bool) -> ServiceDay {
    BusinessCalendar(holidays: holidays).day(isAutomatic ? automaticDueBusinessDays : reviewDueBusinessDays, after: start)
  }

  /// The promised business day, and for coins other than Monero some days more.
  public func dueDay(promised: ServiceDay, coin: String) -> ServiceDay {
    coin == "XMR" ? promised : promised.advanced(by: (nonMoneroExtraHours + 23) / 24)
  }
}
