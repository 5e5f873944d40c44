import AuditLog
public import Foundation
public import RefundPolicy
public import Storage

/// Why a settings file is refused (78).
public enum SettingsError: Error, Hashable, Sendable {
  case unreadable(String)
  case unknownKey(String)
  case wrongValue(key: String, what: String)
  case alreadySet(Instant)
}

/// Settings as JSON: what `policy show` prints and `policy set` takes.
public enum SettingsFormat {
  /// The keys in the order in which they are shown.
  private static let keys = [
    "window_days", "outage_over_hours", "troubleshooting_over_hours", "feature_over_days", "automatic_due_business_days",
    "review_due_business_days", "non_monero_extra_hours", "second_approval_usd", "night_limit_items", "night_limit_usd",
    "rate_max_age_minutes", "rate_max_factor", "catch_up_max_nights", "facts_max_age_hours", "untagged_coins", "coins", "holidays",
  ]

  public static func json(_ set: SettingsSet) -> String {
    let policy = set.policy
    let operating = set.operating
    func optional(_ value: (some CustomStringConvertible)?, quoted: Bool = false) -> String {
      value.map { quoted ? "\"\($0)\"" : "\($0)" } ?? "null"
    }
    let holidays = operating.holidays.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
    let values = [
      "\(policy.windowDays)", "\(policy.outageOverHours)", "\(policy.troubleshootingOverHours)", "\(policy.featureOverDays)",
      "\(operating.automaticDueBusinessDays)", "\(operating.reviewDueBusinessDays)", "\(operating.nonMoneroExtraHours)",
      "\"\(operating.secondApproval)\"", optional(operating.nightLimitItems), optional(operating.nightLimit, quoted: true),
      "\(operating.rateMaxAgeMinutes)", "\(operating.rateMaxFactor)", "\(operating.catchUpMaxNights)", "\(operating.factsMaxAgeHours)",
      "[\(operating.untaggedCoins.sorted().map { "\"\($0)\"" }.joined(separator: ", "))]",
      "[\(operating.coins.map(CoinSettingsFormat.json).joined(separator: ", "))]", "[\(holidays)]",
    ]
    let lines = zip(keys, values).map { "  \"\($0)\": \($1)" }.joined(separator: ",\n")
    return "{\n  \"effective_from\": \"\(set.effectiveFrom)\",\n\(lines)\n}"
  }

  /// Reads a settings file. Keys that are left out keep the policy's defaults.
  public static func parse(_ data: Data) throws(SettingsError) -> SettingsSet {
    let object: [String: Any]
    do {
      guard let dictionary = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
        throw SettingsError.unreadable("it is not a JSON object")
      }
      object = dictionary
    } catch let error as SettingsError {
      throw error
    } catch {
      throw .unreadable("it is not JSON: \(error.localizedDescription)")
    }
    for key in object.keys.sorted() where key != "effective_from" && !keys.contains(key) { throw .unknownKey(key) }
    guard let from = object["effective_from"] as? String, let effectiveFrom = instant(from) else {
      throw .wrongValue(key: "effective_from", what: "an instant like 2026-01-01T00:00:00Z")
    }
    let reader = Reader(object: object)
    var policy = PolicyNumbers()
    policy.windowDays = try reader.count("window_days") ?? policy.windowDays
    policy.outageOverHours = try reader.count("outage_over_hours") ?? policy.outageOverHours
    policy.troubleshootingOverHours = try reader.count("troubleshooting_over_hours") ?? policy.troubleshootingOverHours
    policy.featureOverDays = try reader.count("feature_over_days") ?? policy.featureOverDays
    var operating = OperatingNumbers()
    operating.automaticDueBusinessDays = try reader.count("automatic_due_business_days") ?? operating.automaticDueBusinessDays
    operating.reviewDueBusinessDays = try reader.count("review_due_business_days") ?? operating.reviewDueBusinessDays
    operating.nonMoneroExtraHours = try reader.count("non_monero_extra_hours") ?? operating.nonMoneroExtraHours
    operating.secondApproval = try reader.cents("second_approval_usd") ?? operating.secondApproval
    operating.nightLimitItems = try reader.count("night_limit_items")
    operating.nightLimit = try reader.cents("night_limit_usd")
    operating.rateMaxAgeMinutes = try reader.count("rate_max_age_minutes") ?? operating.rateMaxAgeMinutes
    operating.rateMaxFactor = try reader.count("rate_max_factor") ?? operating.rateMaxFactor
    if operating.rateMaxFactor < 1 { throw .wrongValue(key: "rate_max_factor", what: "a whole number from 1 on") }
    operating.catchUpMaxNights = try reader.positive("catch_up_max_nights") ?? operating.catchUpMaxNights
    operating.factsMaxAgeHours = try reader.positive("facts_max_age_hours") ?? operating.factsMaxAgeHours
    operating.untaggedCoins = try CoinSettingsFormat.codes(object["untagged_coins"])
    operating.coins = try CoinSettingsFormat.parse(object["coins"])
    operating.holidays = try reader.days("holidays")
    return SettingsSet(effectiveFrom: effectiveFrom, policy: policy, operating: operating)
  }

  /// `YYYY-MM-DD` for its midnight UTC, or `YYYY-MM-DDTHH:MM:SSZ`.
  private static func instant(_ text: String) -> Instant? {
    if let day = ServiceDay(text) { return day.start }
    guard text.utf8.count == 20, let day = ServiceDay(text.prefix(10)) else { return nil }
    let parts = text.dropFirst(11).dropLast().split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
    guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2], (0..<24).contains(hour),
      (0..<60).contains(minute), (0..<60).contains(second)
    else { return nil }
    let instant = day.start.advanced(bySeconds: hour * 3600 + minute * 60 + second)
    return instant.description == text ? instant : nil
  }

  private struct Reader {
    let object: [String: Any]

    func count(_ key: String) throws(SettingsError) -> Int? {
      guard let value = object[key], !(value is NSNull) else { return nil }
      guard let number = value as? Int, !isBoolean(value), (0...1_000_000).contains(number) else {
        throw .wrongValue(key: key, what: "a whole number from 0 to 1000000")
      }
      return number
    }

    /// A count that cannot be 0.
    func positive(_ key: String) throws(SettingsError) -> Int? {
      guard let number = try count(key) else { return nil }
      guard number > 0 else { throw .wrongValue(key: key, what: "a whole number from 1 to 1000000") }
      return number
    }

    /// Foundation hands numbers and booleans over as one type, and takes 0 and 1 for either: only what it writes back tells them apart.
    private func isBoolean(_ value: Any) -> Bool {
      let text = try? JSONSerialization.data(withJSONObject: [value])
      return text.map { ["[true]", "[false]"].contains(String(decoding: $0, as: UTF8.self)) } ?? true
    }

    func cents(_ key: String) throws(SettingsError) -> Cents? {
      guard let value = object[key], !(value is NSNull) else { return nil }
      guard let text = value as? String, let cents = Cents(parsing: text) else {
        throw .wrongValue(key: key, what: "an amount in quotes like \"500.00\"")
      }
      return cents
    }

    func days(_ key: String) throws(SettingsError) -> Set<ServiceDay> {
      guard let value = object[key], !(value is NSNull) else { return [] }
      let texts = value as? [String]
      let days = texts?.compactMap { ServiceDay($0) }
      guard let texts, let days, texts.count == days.count else {
        throw .wrongValue(key: key, what: "a list of days like [\"2026-12-25\"]")
      }
      return Set(days)
    }
  }
}

extension Cents {
  /// Decimal dollars with at most two decimals and no sign.
  public init?(parsing text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    func digits(_ part: some StringProtocol) -> Bool { !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    guard let whole = parts.first, parts.count <= 2, digits(whole), let dollars = Int64(whole), dollars <= Cents.greatest.count / 100 else {
      return nil
    }
    var cents: Int64 = 0
    if parts.count == 2 {
      guard digits(parts[1]), parts[1].utf8.count <= 2, let value = Int64(parts[1]) else { return nil }
      cents = parts[1].utf8.count == 1 ? value * 10 : value
    }
    self.init(dollars * 100 + cents)
  }
}

extension Connection {
  /// All settings there ever were.
  public func settings() throws -> SettingsHistory {
    let rows = try prepare("SELECT numbers FROM settings ORDER BY effective_from")
    var sets: [SettingsSet] = []
    while try rows.step() { sets.append(try SettingsFormat.parse(Data(rows.text(0).utf8))) }
    return SettingsHistory(sets)
  }

  /// The settings that were there when a run was recorded: what is set later, for an earlier date too, does not change what the run said.
  public func settings(knownTo run: RunID) throws -> SettingsHistory {
    let rows = try prepare(
      """
      SELECT numbers FROM settings JOIN seals ON kind = 'settings' AND subject = effective_from
      WHERE seal_id < (SELECT seal_id FROM seals WHERE kind = 'run' AND subject = ?1) ORDER BY effective_from
      """)
    try rows.bind(1, run.number)
    var sets: [SettingsSet] = []
    while try rows.step() { sets.append(try SettingsFormat.parse(Data(rows.text(0).utf8))) }
    return SettingsHistory(sets)
  }

  /// Adds a set of settings; one that takes effect at the same instant is never replaced.
  public func add(_ set: SettingsSet, at now: Instant) throws {
    let insert = try prepare("INSERT INTO settings (effective_from, numbers) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
    try insert.bind(1, set.effectiveFrom.seconds)
    try insert.bind(2, SettingsFormat.json(set))
    try insert.run()
    if insert.changes == 0 { throw SettingsError.alreadySet(set.effectiveFrom) }
    try seal(.settings, set.effectiveFrom.seconds, by: "makegood", at: now) { try SettingsContent.add(set.effectiveFrom, from: self, to: &$0) }
  }
}
