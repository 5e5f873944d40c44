import RefundPolicy

/// One setting of the policy: its name in a file, what it may be, and where its value is kept.
struct SettingsKey: Sendable {
  let name: String
  /// What a right value is, for a person who wrote another one.
  let form: String
  /// Puts a value from a file into the set; false where it is not of that form.
  let read: @Sendable (ExactJSON, inout SettingsSet) -> Bool
  /// The value as a file has it.
  let write: @Sendable (SettingsSet) -> ExactJSON

  /// Every setting there is, in the order in which they are shown: a new one is a row here and a member of the numbers.
  static let all: [SettingsKey] = [
    .count("window_days", \.policy.windowDays),
    .count("outage_over_hours", \.policy.outageOverHours),
    .count("troubleshooting_over_hours", \.policy.troubleshootingOverHours),
    .count("feature_over_days", \.policy.featureOverDays),
    .count("automatic_due_business_days", \.operating.automaticDueBusinessDays),
    .count("review_due_business_days", \.operating.reviewDueBusinessDays),
    .count("non_monero_extra_hours", \.operating.nonMoneroExtraHours),
    .cents("second_approval_usd", \.operating.secondApproval),
    .optionalCount("night_limit_items", \.operating.nightLimitItems),
    .optionalCents("night_limit_usd", \.operating.nightLimit),
    .count("rate_max_age_minutes", \.operating.rateMaxAgeMinutes),
    SettingsKey(
      name: "rate_max_factor", form: "a decimal number from 1 to 1000000 like 1.25",
      read: { value, set in
        // From its own digits, in quotes or not: it is compared exactly (G6).
        guard let factor = value.decimalText.flatMap({ RateFactor($0) }) else { return false }
        set.operating.rateMaxFactor = factor
        return true
      }, write: { .number("\($0.operating.rateMaxFactor)") }),
    .count("catch_up_max_nights", \.operating.catchUpMaxNights, from: 1),
    .count("fault_open_max_days", \.operating.faultOpenMaxDays, from: 1),
    .count("facts_max_age_hours", \.operating.factsMaxAgeHours, from: 1),
    SettingsKey(
      name: "reviewers", form: ReviewerSettingsFormat.form,
      read: { value, set in
        guard let reviewers = ReviewerSettingsFormat.reviewers(value) else { return false }
        set.operating.reviewers = reviewers
        return true
      }, write: { .array($0.operating.reviewers.map(ReviewerSettingsFormat.json)) }),
    SettingsKey(
      name: "untagged_coins", form: "a list of codes like [\"XRP\"]",
      read: { value, set in
        guard let codes = CoinSettingsFormat.codes(value) else { return false }
        set.operating.untaggedCoins = codes
        return true
      }, write: { .strings($0.operating.untaggedCoins.sorted()) }),
    SettingsKey(
      name: "coins", form: CoinSettingsFormat.form,
      read: { value, set in
        guard let coins = CoinSettingsFormat.coins(value) else { return false }
        set.operating.coins = coins
        return true
      }, write: { .array($0.operating.coins.map(CoinSettingsFormat.json)) }),
    SettingsKey(
      name: "holidays", form: "a list of days like [\"2026-12-25\"]",
      read: { value, set in
        guard let texts = value.strings else { return false }
        let days = texts.compactMap { ServiceDay($0) }
        set.operating.holidays = Set(days)
        return days.count == texts.count
      }, write: { .strings($0.operating.holidays.sorted().map(\.description)) }),
  ]

  static func named(_ name: String) -> SettingsKey? { all.first { $0.name == name } }
}

// The usual kinds of values.

extension SettingsKey {
  private static let most = 1_000_000

  private static func count(_ name: String, _ place: any WritableKeyPath<SettingsSet, Int> & Sendable, from least: Int = 0) -> SettingsKey {
    SettingsKey(
      name: name, form: "a whole number from \(least) to \(most)",
      read: { value, set in
        guard let number = value.count, (least...most).contains(number) else { return false }
        set[keyPath: place] = number
        return true
      }, write: { .number("\($0[keyPath: place])") })
  }

  private static func optionalCount(_ name: String, _ place: any WritableKeyPath<SettingsSet, Int?> & Sendable) -> SettingsKey {
    SettingsKey(
      name: name, form: "a whole number from 0 to \(most), or null for none",
      read: { value, set in
        guard value == .null || value.count.map({ (0...most).contains($0) }) ?? false else { return false }
        set[keyPath: place] = value.count
        return true
      }, write: { $0[keyPath: place].map { .number("\($0)") } ?? .null })
  }

  private static func cents(_ name: String, _ place: any WritableKeyPath<SettingsSet, Cents> & Sendable) -> SettingsKey {
    SettingsKey(
      name: name, form: "an amount in quotes like \"500.00\"",
      read: { value, set in
        guard let cents = value.cents else { return false }
        set[keyPath: place] = cents
        return true
      }, write: { .string("\($0[keyPath: place])") })
  }

  private static func optionalCents(_ name: String, _ place: any WritableKeyPath<SettingsSet, Cents?> & Sendable) -> SettingsKey {
    SettingsKey(
      name: name, form: "an amount in quotes like \"500.00\", or null for none",
      read: { value, set in
        guard value == .null || value.cents != nil else { return false }
        set[keyPath: place] = value.cents
        return true
      }, write: { $0[keyPath: place].map { .string("\($0)") } ?? .null })
  }
}

extension ExactJSON {
  /// A whole number written with digits alone.
  var count: Int? {
    guard case .number(let text) = self, !text.hasPrefix("-") else { return nil }
    return Int(text)
  }

  /// Dollars in quotes: as a number they would pass through floating point in other programs.
  var cents: Cents? { string.flatMap { Cents(parsing: $0) } }

  var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// A number as it is written, with or without quotes.
  var decimalText: String? {
    if case .number(let text) = self { return text }
    return string
  }

  /// A list of nothing but texts.
  var strings: [String]? {
    guard case .array(let elements) = self else { return nil }
    let texts = elements.compactMap(\.string)
    return texts.count == elements.count ? texts : nil
  }

  static func strings(_ texts: [String]) -> ExactJSON { .array(texts.map { .string($0) }) }
}
