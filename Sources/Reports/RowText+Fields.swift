import RefundPolicy

/// Fields of a CSV row (RFC 4180, LF). Each writes its value and a comma; ``RowText/endRow()`` turns the last comma into the line feed.
extension RowText {
  private static let comma = UInt8(ascii: ",")

  /// A text column.
  mutating func field(_ text: some ReportText) {
    let start = count
    unsafe text.withBytes { unsafe raw($0) }
    endText(from: start)
    byte(RowText.comma)
  }

  /// Each record once, joined by `+`.
  mutating func field(_ evidence: ReportedEvidence<some ReportText>) {
    if evidence.others.isEmpty { field(evidence.first) } else { field(evidence.records.joined(separator: "+")) }
  }

  /// The sentence, written straight into the file.
  mutating func field(_ explanation: borrowing RefundExplanation) {
    if explanation.isOwnWords {
      byte(RowText.quote)
      explanation.write(to: &self)
      byte(RowText.quote)
    } else {
      let start = count
      explanation.write(to: &self)
      endText(from: start)
    }
    byte(RowText.comma)
  }

  /// One of our own words, which never needs quotes.
  mutating func field(word: String) {
    raw(word)
    byte(RowText.comma)
  }

  mutating func field(_ number: Int) { field(Int64(number)) }

  mutating func field(_ number: Int64) {
    if number < 0 { byte(UInt8(ascii: "-")) }
    digits(number.magnitude, then: RowText.comma)
  }

  /// A number, so never with a leading `'`.
  mutating func field(_ amount: Cents) { put(amount, then: RowText.comma) }

  mutating func field(_ day: ServiceDay) { self.day(day, then: RowText.comma) }

  mutating func field(_ day: ServiceDay?) { if let day { field(day) } else { emptyField() } }

  mutating func field(_ instant: Instant) {
    let day = instant.day
    let second = UInt64(instant.seconds - day.start.seconds)
    self.day(day, then: UInt8(ascii: "T"))
    twoDigits(second / 3600, then: UInt8(ascii: ":"))
    twoDigits(second / 60 % 60, then: UInt8(ascii: ":"))
    twoDigits(second % 60, then: UInt8(ascii: "Z"))
    byte(RowText.comma)
  }

  mutating func field(_ flag: Bool) { field(word: flag ? "true" : "false") }

  mutating func field(_ item: ItemID) {
    write(item)
    byte(RowText.comma)
  }

  mutating func field(_ items: [ItemID]) {
    for (index, item) in items.enumerated() {
      if index > 0 { byte(UInt8(ascii: "+")) }
      write(item)
    }
    byte(RowText.comma)
  }

  mutating func field(_ causes: CauseSet) { field(word: SetWords.causes[Int(causes.rawValue)]) }

  /// The clauses of the causes, in the causes' order.
  mutating func field(clausesOf causes: CauseSet) { field(word: SetWords.clauses[Int(causes.rawValue)]) }

  mutating func field(_ flags: FlagSet) {
    if !flags.isEmpty {
      var isFirst = true
      for (flag, word) in SetWords.flags where flags.contains(flag) {
        if !isFirst { byte(UInt8(ascii: "+")) }
        raw(word)
        isFirst = false
      }
    }
    byte(RowText.comma)
  }

  mutating func emptyField() { byte(RowText.comma) }

  /// Dollars with two places: `29.99`, `-0.05`.
  @inline(__always)
  private mutating func put(_ amount: Cents, then last: UInt8? = nil) {
    let magnitude = amount.count.magnitude
    if amount.count < 0 { byte(UInt8(ascii: "-")) }
    digits(magnitude / 100, then: UInt8(ascii: "."))
    twoDigits(magnitude % 100, then: last)
  }

  private mutating func write(_ item: ItemID) {
    byte(UInt8(ascii: "R"))
    digits(item.number.magnitude, width: ItemID.width)
  }
}

extension RowText: SentenceSink {
  mutating func put(_ words: String) { raw(words) }

  mutating func put(_ number: Int, _ words: String) {
    if number < 0 { byte(UInt8(ascii: "-")) }
    digits(UInt64(number.magnitude))
    raw(words)
  }

  mutating func put(_ amount: Cents, _ words: String) {
    put(amount)
    raw(words)
  }
}

extension RefundExplanation {
  /// Whether it has figures and our own words alone: a comma is among them, no quote, and nothing that begins a formula.
  fileprivate var isOwnWords: Bool { dayCount > 0 && amount >= .zero && obstacle == nil }
}

/// What the columns of words say: for every set of causes, by its raw value, and for each flag. So a row builds no list.
private enum SetWords {
  static let causes = CauseSet.allSets.map { $0.causes.map(\.name).joined(separator: "+") }
  static let clauses = CauseSet.allSets.map { $0.causes.map(\.clause.rawValue).joined(separator: "+") }
  /// Sorted by their words.
  static let flags = ItemFlag.allCases.map { (FlagSet($0), $0.rawValue) }
}
