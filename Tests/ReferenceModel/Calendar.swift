/// Seconds in a day; there are no leap seconds in the facts.
public let secondsPerDay = 86_400

/// The UTC day that `instant` lies in.
public func day(of instant: Int) -> Int {
  instant >= 0 ? instant / secondsPerDay : -((-instant + secondsPerDay - 1) / secondsPerDay)
}

/// Whether [start, end) touches service day `day`: it begins before the day's end and ends after the day's start. An empty one touches nothing.
func touches(start: Int, end: Int, day: Int) -> Bool {
  let startOfDay = day * secondsPerDay
  let endOfDay = startOfDay + secondsPerDay
  return start < end && start < endOfDay && end > startOfDay
}

func isLeap(_ year: Int) -> Bool {
  year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

func daysInMonth(_ month: Int, of year: Int) -> Int {
  [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
}

/// `2026-01-31` for 20484. Counts years and months off one by one, from 1970 on.
public func dayText(_ day: Int) -> String {
  var rest = day
  var year = 1970
  while rest >= (isLeap(year) ? 366 : 365) {
    rest -= isLeap(year) ? 366 : 365
    year += 1
  }
  var month = 1
  while rest >= daysInMonth(month, of: year) {
    rest -= daysInMonth(month, of: year)
    month += 1
  }
  return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(rest + 1, to: 2))"
}

/// The ordinal of a calendar day; the inverse of `dayText`.
public func dayOrdinal(_ year: Int, _ month: Int, _ dayOfMonth: Int) -> Int {
  var ordinal = dayOfMonth - 1
  for earlier in 1970..<year { ordinal += isLeap(earlier) ? 366 : 365 }
  for earlier in 1..<month { ordinal += daysInMonth(earlier, of: year) }
  return ordinal
}

/// `2026-01-31T23:59:59Z`.
public func instantText(_ instant: Int) -> String {
  let today = day(of: instant)
  let second = instant - today * secondsPerDay
  return dayText(today) + "T\(padded(second / 3600, to: 2)):\(padded(second / 60 % 60, to: 2)):\(padded(second % 60, to: 2))Z"
}

/// `29.99` for 2999.
public func dollarsText(_ cents: Int) -> String {
  cents < 0 ? "-" + dollarsText(-cents) : "\(cents / 100).\(padded(cents % 100, to: 2))"
}

func padded(_ number: Int, to width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
