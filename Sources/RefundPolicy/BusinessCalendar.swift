/// Counts business days: Monday to Friday less the listed holidays (Q5).
package struct BusinessCalendar: Sendable {
  private let holidays: Set<ServiceDay>

  package init(holidays: Set<ServiceDay>) { self.holidays = holidays }

  package func isBusinessDay(_ day: ServiceDay) -> Bool {
    switch day.weekday {
    case .saturday, .sunday: false
    case .monday, .tuesday, .wednesday, .thursday, .friday: !holidays.contains(day)
    }
  }

  /// The business day `count` business days after `day`; `day` itself does not count.
  package func day(_ count: Int, after day: ServiceDay) -> ServiceDay {
    var day = day
    var left = count
    while left > 0 {
      day = day.advanced(by: 1)
      if isBusinessDay(day) { left -= 1 }
    }
    return day
  }
}

extension OperatingNumbers {
  /// The day by which a refund is promised (Q5): counted from `start`, the day of the earliest request it answers or else the night it was opened;
  /// coins other than Monero may take some days more.
  package func dueDay(from start: ServiceDay, isAutomatic: Bool, coin: String) -> ServiceDay {
    let count = isAutomatic ? automaticDueBusinessDays : reviewDueBusinessDays
    let promised = BusinessCalendar(holidays: holidays).day(count, after: start)
    return coin == "XMR" ? promised : promised.advanced(by: (nonMoneroExtraHours + 23) / 24)
  }
}
