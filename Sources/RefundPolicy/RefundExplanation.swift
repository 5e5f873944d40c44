/// Where a sentence is written piece by piece: a text for a person, or the buffer of a report.
public protocol SentenceSink: ~Copyable {
  mutating func put(_ words: String)
  mutating func put(_ number: Int, _ words: String)
  /// Dollars with two places, and words: `29.99 USD`.
  mutating func put(_ amount: Cents, _ words: String)
}

/// Why an item is what it is: the figures and reasons of the one sentence that the reports, the review and the customer are told.
///
///     19.35 USD is 20/31 days of 29.99 USD, because an outage of our own infrastructure lasted longer than the policy allows (P2).
public struct RefundExplanation: Hashable, Sendable {
  public var amount: Cents
  /// Days refunded; 0 where nothing is owed any more.
  public var dayCount: Int
  /// Days of the whole period.
  public var periodDays: Int
  /// What the daily shares are taken of.
  public var base: Cents
  public var causes: CauseSet
  /// D2: a person set the amount beyond the policy.
  public var isCorrected: Bool
  /// Why it cannot be paid yet, in words; nil where it can.
  public var obstacle: String?

  public init(
    amount: Cents, dayCount: Int, periodDays: Int, base: Cents, causes: CauseSet, isCorrected: Bool = false, obstacle: String? = nil
  ) {
    (self.amount, self.dayCount, self.periodDays, self.base) = (amount, dayCount, periodDays, base)
    (self.causes, self.isCorrected, self.obstacle) = (causes, isCorrected, obstacle)
  }

  /// Writes the sentence, its full stop included.
  public func write(to sink: inout some SentenceSink & ~Copyable) {
    if dayCount > 0 {
      sink.put(amount, isCorrected ? " USD was set by us for " : " USD is ")
      sink.put(dayCount, "/")
      sink.put(periodDays, " days of ")
      sink.put(base, isCorrected ? " USD (D2), because " : " USD, because ")
      sink.put(RefundExplanation.reasons[Int(causes.rawValue)])
    } else {
      sink.put("Nothing is owed any more for the days this refund was for (D2)")
    }
    if let obstacle {
      sink.put("; it cannot be paid yet, because ")
      sink.put(obstacle)
    }
    sink.put(".")
  }

  /// The reasons of every set of causes, by its raw value: a night tells the same few of them again and again.
  public static let reasons: [String] = CauseSet.allSets.map { list($0.causes.map(reason)) }

  private static func reason(_ cause: Cause) -> String {
    switch cause {
    case .withdrawal: "the number became unavailable from the carrier (P1)"
    case .outage: "an outage of our own infrastructure lasted longer than the policy allows (P2)"
    case .unrestored: "service of the line was not restored in time (P3)"
    case .feature: "a core feature of the plan was not fixed in time (P4)"
    case .cancellation: "the line was cancelled while such a fault was open (Q3)"
    case .unused: "the refund was requested inside the refund window and the line was never used (W1)"
    case .unprovisioned: "the line was never provisioned (S2)"
    }
  }

  private static func list(_ reasons: [String]) -> String {
    guard let last = reasons.last, reasons.count > 1 else { return reasons.first ?? "it is owed" }
    return reasons.dropLast().joined(separator: ", ") + " and " + last
  }
}

extension RefundExplanation: CustomStringConvertible {
  /// The sentence.
  public var description: String {
    var text = SentenceText()
    write(to: &text)
    return text.text
  }

  private struct SentenceText: SentenceSink {
    var text = ""

    mutating func put(_ words: String) { text += words }
    mutating func put(_ number: Int, _ words: String) { text += "\(number)\(words)" }
    mutating func put(_ amount: Cents, _ words: String) { text += "\(amount)\(words)" }
  }
}
