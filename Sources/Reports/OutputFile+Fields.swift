import RefundPolicy

/// Fields of a CSV row (RFC 4180, LF). Each writes its value and a comma; ``OutputFile/endRow()`` turns the last comma into the line feed.
extension OutputFile {
  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")

  /// A text column: quoted where it must be, and with a leading `'` where a spreadsheet would take it for a formula.
  mutating func field(_ text: String) {
    if let first = text.utf8.first {
      let isFormula = OutputFile.beginsFormula(first)
      if OutputFile.needsQuotes(text) {
        byte(OutputFile.quote)
        if isFormula { byte(UInt8(ascii: "'")) }
        for value in text.utf8 {
          if value == OutputFile.quote { byte(OutputFile.quote) }
          byte(value)
        }
        byte(OutputFile.quote)
      } else {
        if isFormula { byte(UInt8(ascii: "'")) }
        raw(text)
      }
    }
    byte(OutputFile.comma)
  }

  /// One of our own words, which never needs quotes.
  mutating func field(word: String) {
    raw(word)
    byte(OutputFile.comma)
  }

  mutating func field(_ number: Int) { field(Int64(number)) }

  mutating func field(_ number: Int64) {
    if number < 0 { byte(UInt8(ascii: "-")) }
    digits(number.magnitude)
    byte(OutputFile.comma)
  }

  /// Dollars with two places: `29.99`, `-0.05`. A number, so never with a leading `'`.
  mutating func field(_ amount: Cents) {
    let magnitude = amount.count.magnitude
    if amount.count < 0 { byte(UInt8(ascii: "-")) }
    digits(magnitude / 100)
    byte(UInt8(ascii: "."))
    digits(magnitude % 100, width: 2)
    byte(OutputFile.comma)
  }

  mutating func field(_ day: ServiceDay) {
    write(day)
    byte(OutputFile.comma)
  }

  mutating func field(_ instant: Instant) {
    let day = instant.day
    let second = UInt64(instant.seconds - day.start.seconds)
    write(day)
    byte(UInt8(ascii: "T"))
    digits(second / 3600, width: 2)
    byte(UInt8(ascii: ":"))
    digits(second / 60 % 60, width: 2)
    byte(UInt8(ascii: ":"))
    digits(second % 60, width: 2)
    byte(UInt8(ascii: "Z"))
    byte(OutputFile.comma)
  }

  mutating func field(_ flag: Bool) { field(word: flag ? "true" : "false") }

  mutating func field(_ item: ItemID) {
    write(item)
    byte(OutputFile.comma)
  }

  mutating func field(_ items: [ItemID]) {
    for (index, item) in items.enumerated() {
      if index > 0 { byte(UInt8(ascii: "+")) }
      write(item)
    }
    byte(OutputFile.comma)
  }

  mutating func field(_ causes: CauseSet) {
    var isFirst = true
    for cause in Cause.allCases where causes.has(cause) { join(cause.name, &isFirst) }
    byte(OutputFile.comma)
  }

  /// The clauses of the causes, in the causes' order.
  mutating func field(clausesOf causes: CauseSet) {
    var isFirst = true
    for cause in Cause.allCases where causes.has(cause) { join(cause.clause.rawValue, &isFirst) }
    byte(OutputFile.comma)
  }

  mutating func field(_ flags: FlagSet) {
    var isFirst = true
    for flag in ItemFlag.allCases where flags.has(flag) { join(flag.rawValue, &isFirst) }
    byte(OutputFile.comma)
  }

  mutating func emptyField() { byte(OutputFile.comma) }

  private mutating func join(_ word: String, _ isFirst: inout Bool) {
    if !isFirst { byte(UInt8(ascii: "+")) }
    isFirst = false
    raw(word)
  }

  private mutating func write(_ day: ServiceDay) {
    let (year, month, date) = day.civil
    digits(UInt64(year.magnitude), width: 4)
    byte(UInt8(ascii: "-"))
    digits(UInt64(month.magnitude), width: 2)
    byte(UInt8(ascii: "-"))
    digits(UInt64(date.magnitude), width: 2)
  }

  private mutating func write(_ item: ItemID) {
    byte(UInt8(ascii: "R"))
    digits(item.number.magnitude, width: ItemID.width)
  }

  /// Spreadsheets run what begins so as a formula.
  private static func beginsFormula(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "\t"), UInt8(ascii: "\r"): true
    default: false
    }
  }

  private static func needsQuotes(_ text: String) -> Bool {
    text.utf8.span.withUnsafeBufferPointer { bytes in
      // No early way out: so the loop runs many bytes at a time.
      var found: UInt8 = 0
      for byte in bytes {
        let isSpecial = byte == comma || byte == quote || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        found |= isSpecial ? 1 : 0
      }
      return found != 0
    }
  }
}
