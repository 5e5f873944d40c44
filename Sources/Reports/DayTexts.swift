import RefundPolicy

/// Days as reports write them. A night tells the same few days again and again, so the latest are kept.
struct DayTexts {
  /// The ten bytes of `2026-11-22`, in the order of the text from the lowest byte on.
  struct Text {
    let day: ServiceDay
    /// `2026-11-`
    let yearAndMonth: UInt64
    /// `22`
    let date: UInt64

    init(_ day: ServiceDay) {
      self.day = day
      let (year, month, date) = day.civil
      let dash = UInt64(UInt8(ascii: "-"))
      yearAndMonth = Text.two(year / 100) | Text.two(year % 100) << 16 | dash << 32 | Text.two(month) << 40 | dash << 56
      self.date = Text.two(date)
    }

    /// Two digits of a number below 100.
    private static func two(_ number: Int) -> UInt64 {
      let zero = UInt64(UInt8(ascii: "0"))
      return zero + UInt64(number / 10) | (zero + UInt64(number % 10)) << 8
    }
  }

  /// As many as a quarter of a year has days: a day takes the place of the one that lies a multiple of this away.
  private static let size: Int32 = 128
  private var kept = (0..<size).map { Text(ServiceDay(ordinal: $0)) }

  subscript(day: ServiceDay) -> Text {
    mutating get {
      let place = Int(day.ordinal & (DayTexts.size - 1))
      if kept[place].day != day { kept[place] = Text(day) }
      return kept[place]
    }
  }
}
