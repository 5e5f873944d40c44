/// What a person says of one item.
public struct Review: Hashable, Sendable {
  public enum Decision: String, CaseIterable, Sendable { case approve, reject, hold, release, reopen }

  public var decision: Decision
  public var item: ItemPlace
  /// Who decides, as typed.
  public var name: String
  /// Empty: none.
  public var note: String
  /// What the row of an edited queue.csv says the item is worth, in cents; nil when decided by command.
  public var rowAmount: Int?

  public init(_ decision: Decision, _ item: ItemPlace, by name: String, note: String = "", rowAmount: Int? = nil) {
    (self.decision, self.item, self.name, self.note, self.rowAmount) = (decision, item, name, note, rowAmount)
  }
}

/// Names an item without its id, in words that stay right when other steps are dropped.
public struct ItemPlace: Hashable, Sendable {
  public var periodID: String
  /// The period's items in the order in which they were opened, from 1.
  public var number: Int

  public init(_ periodID: String, _ number: Int) { (self.periodID, self.number) = (periodID, number) }
}

public enum ReviewOutcome: String, CaseIterable, Sendable {
  case done
  /// A row of a file that was applied before.
  case unchanged
  /// Exit status 64 or 65; nothing is changed.
  case refused
}

public enum RerunOutcome: String, CaseIterable, Sendable {
  case changed, unchanged
  /// Exit status 64; nothing is changed.
  case refused
}

/// One thing that happens in a seller's year.
public enum SimulationStep: Hashable, Sendable {
  /// Facts come in, as time passes or because somebody was wrong.
  case learn([Fact], Correction?)
  /// The nightly closes a date, and any before it that was missed; a date closed before changes nothing.
  case night(Int)
  /// The machine is off for some nights, then one nightly catches up.
  case missedNights(Int)
  case rerun(from: Int, to: Int)
  /// All facts that are known, once more.
  case importAgain
  case review(Review, Row)
  /// Writes the reports of an earlier run again, by its number.
  case report(run: Int)

  /// How a decision comes in. Amounts of rows are told against what the item is worth then, so that they keep their meaning when steps are dropped.
  public enum Row: Hashable, Sendable {
    case byCommand
    /// A row of an edited queue.csv whose amount is `off` cents from the item's: 0, or it is stale.
    case inFile(off: Int)
  }
}

/// Why facts change that were told differently before.
public enum Correction: String, CaseIterable, Sendable {
  case outageShortened = "an outage was shorter"
  case outageLengthened = "an outage was longer"
  case outageVoided = "an outage never was"
  case outageMoved = "an outage hit other lines"
  case outageReinstated = "an outage was after all"
  case withdrawalReversed = "a withdrawal was reversed"
  case usageArrivedLate = "usage of a past day came late"
  case orderFoundAbusive = "an order was found to be abusive"
  case abuseDisproved = "an order was not abusive"
  case priceCorrected = "a period cost something else"
  case coinCorrected = "a period was paid in another coin"
  case assistantFound = "an AI add-on was active in a period"
  case assistantMoved = "an add-on was another period's"
  case ticketMoved = "a ticket was another order's"
  case periodVoided = "a period never was"
  case featureAdvertised = "a feature was advertised for a plan, or was not"
  case requestByTransaction = "a customer asks by transaction id, long after"
  case orderMoved = "an order has another line, carrier or plan"
  case dateMistyped = "a date was typed years ahead"
  case olderExport = "an older export was imported after a newer one"
  case addressGiven = "a customer gives another address"
}

extension SimulationStep: CustomStringConvertible {
  public var description: String {
    switch self {
    case .learn(let facts, let correction):
      (["learn" + (correction.map { ": \($0.rawValue)" } ?? "")] + facts.map { "    \($0)" }).joined(separator: "\n")
    case .night(let date): "nightly up to \(dayText(date))"
    case .missedNights(let count): "nights missed: \(count), then a nightly"
    case .rerun(let first, let last): "rerun from \(dayText(first)) to \(dayText(last))"
    case .importAgain: "import all again"
    case .review(let review, let row): "\(review.decision.rawValue) \(review.item) by '\(review.name)' note '\(review.note)' \(row)"
    case .report(let run): "report of run \(run)"
    }
  }
}

extension ItemPlace: CustomStringConvertible {
  public var description: String { "item \(number) of period \(periodID)" }
}

extension SimulationStep.Row: CustomStringConvertible {
  public var description: String {
    switch self {
    case .byCommand: "by command"
    case .inFile(let off): off == 0 ? "in a file" : "in a stale file, \(off) cents off"
    }
  }
}
