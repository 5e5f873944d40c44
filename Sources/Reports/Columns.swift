import RefundPolicy

/// A CSV file of a report folder. Cases stand in the order in which people meet them.
public enum ReportFile: String, CaseIterable, Hashable, Sendable {
  case refunds
  case refundDays = "refund_days"
  case queue
  case requestDecisions = "request_decisions"
  case exceptions
  case unpaid
  case summary
  case differences

  /// The files of a nightly; a rerun has one more.
  public static let nightly: [ReportFile] = allCases.filter { $0 != .differences }

  public var fileName: String { rawValue + ".csv" }

  /// What the file is for, in one sentence.
  public var purpose: String {
    switch self {
    case .refunds: "Each item that this run opened, restated or withdrew."
    case .refundDays: "The service days of those items: a row for each unbroken stretch with one cause and the same evidence."
    case .queue: "Every item that is undecided at the end of the run; edit decision and note, then give the file to review apply."
    case .requestDecisions: "Each refund request that this run decided, or decided otherwise than before."
    case .exceptions: "What only a person can settle, as open at the end of the run."
    case .unpaid: "Each item that is approved, prepared or sent and not yet paid at the end of the run, and why."
    case .summary: "Control totals of the run, from what was pending to what was paid; they tie the run before to this one."
    case .differences: "Of a rerun: what each item was and is, and the facts that came since the last nightly and made the difference."
    }
  }

  /// The columns that together name a row; empty where nothing does.
  var primaryKey: [String] {
    switch self {
    case .refunds, .queue, .unpaid: ["item_id"]
    case .refundDays: ["item_id", "first_day"]
    case .requestDecisions: ["request_id"]
    // `approved` and `reopened` are lines of both equations.
    case .exceptions, .differences, .summary: []
    }
  }

  /// A column whose values all stand in the column of the same name of another file.
  var foreignKey: (column: String, file: ReportFile)? {
    switch self {
    case .refundDays, .differences: ("item_id", .refunds)
    case .refunds, .queue, .requestDecisions, .exceptions, .unpaid, .summary: nil
    }
  }
}

/// A column of a report file, as the header, the data package and the data dictionary tell it.
public struct Column: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case text
    case itemID
    /// Item ids joined by `+`.
    case itemIDs
    case integer(unit: String, isSigned: Bool = false)
    /// US dollars with two places.
    case usd
    case day
    case instant
    case boolean
    case word([String])
    /// Words joined by `+`.
    case words([String])
    /// Always empty, for a person to fill.
    case blank
  }

  public let name: String
  public let kind: Kind
  /// Whether every row has a value.
  public let isRequired: Bool
  public let meaning: String
  /// The policy clauses behind the column, or empty.
  public let clause: String

  init(_ name: String, _ kind: Kind, required: Bool = true, _ meaning: String, clause: String = "") {
    (self.name, self.kind, self.isRequired, self.meaning, self.clause) = (name, kind, required, meaning, clause)
  }
}

extension Column {
  /// What the data dictionary calls the type.
  public var typeName: String {
    switch kind {
    case .text, .blank: "text"
    case .itemID: "item id"
    case .itemIDs: "item ids, `+`"
    case .integer: "integer"
    case .usd: "decimal, 2 places"
    case .day: "date"
    case .instant: "date and time"
    case .boolean: "`true` or `false`"
    case .word: "one word"
    case .words: "words, `+`"
    }
  }

  public var unit: String {
    switch kind {
    case .usd: "USD"
    case .day, .instant: "UTC"
    case .integer(let unit, _): unit
    case .text, .itemID, .itemIDs, .boolean, .word, .words, .blank: ""
    }
  }
}

extension ReportFile {
  /// The columns, in the order of the file.
  public var columns: [Column] {
    switch self {
    case .refunds:
      [
        Column("run", .integer(unit: "run number"), "The run that wrote the row."),
        .itemID, .orderID, .periodID,
        Column("state", .word(ItemState.words), "Where the item stands after the run."),
        .causes,
        Column(
          "clauses", .words(Cause.allCases.map(\.clause.rawValue)), "The policy clauses of the causes, in the same order.",
          clause: "P1–P4, Q3, W1, S2"),
        .firstDay(required: false), .lastDay(required: false), .days,
        Column("amount_usd", .usd, "What the item is worth after the run: the sum of its days. 0.00 when withdrawn.", clause: "P5"),
        Column(
          "change_usd", .usd, "By how much the run changed the item; negative when it became smaller. Add this across nights.", clause: "P5"
        ),
        .coin, .network, .flags,
        Column("explanation", .text, "One sentence with the fraction and the reason, fit to be sent to the customer.", clause: "D1"),
      ]
    case .refundDays:
      [
        .itemID, .orderID, .periodID,
        Column("cause", .word(Cause.allCases.map(\.name)), "Why these days are refunded.", clause: "P5"),
        Column("evidence", .text, "The records behind it, as `outage:ID`, joined by `+`.", clause: "P1–P4, Q3, W1, S2"),
        .firstDay(required: true), .lastDay(required: true),
        Column("days", .integer(unit: "days"), "Service days in the stretch; here without gaps.", clause: "P5"),
        Column("amount_usd", .usd, "What these days are worth together.", clause: "P5"),
      ]
    case .queue:
      [
        .itemID, .orderID, .periodID,
        Column(
          "state", .word([ItemState.pending.rawValue, ItemState.held.rawValue]),
          "`pending` waits for a decision; `held` waits for its release.", clause: "H4, G2"),
        Column("opened_on", .day, "The business date of the run that opened the item.", clause: "Q5"),
        .dueOn, .overdue, .causes,
        Column("evidence", .text, "The records behind the days, as `outage:ID`, sorted and joined by `+`.", clause: "P1–P4, Q3, W1, S2"),
        .firstDay(required: false), .lastDay(required: false), .days,
        Column("amount_usd", .usd, "What the item is worth now: the sum of its days. A decision holds for this amount only.", clause: "P5"),
        .coin, .network, .address, .tag, .flags,
        Column("explanation", .text, "One sentence with the fraction and the reason, fit to be sent to the customer.", clause: "D1"),
        Column("decision", .blank, required: false, "Empty; fill in `approve`, `reject`, `hold` or `release`.", clause: "H4, G1"),
        Column("note", .blank, required: false, "Empty; fill in why. A rejection needs it.", clause: "D2"),
      ]
    case .requestDecisions:
      [
        Column("request_id", .text, "The refund request.", clause: "Q1"),
        Column("order_id", .text, required: false, "The order it was matched to; empty when unmatched.", clause: "Q1"),
        Column("requested_at", .instant, "When the customer asked.", clause: "W1"),
        Column("decision", .word(RequestVerdict.allCases.map(\.rawValue)), "What became of the request.", clause: "Q2"),
        Column("clause", .word(["N3", "N5", "Q1", "Q2", "Q3", "S2", "W1"]), "The clause that decided it.", clause: "Q2"),
        Column("item_ids", .itemIDs, required: false, "The items that answer the request.", clause: "Q2, Q3"),
        Column("explanation", .text, "One sentence for the customer; for a denial, what would have changed the answer.", clause: "D1"),
      ]
    case .exceptions:
      [
        Column("kind", .word(ExceptionKind.allCases.map(\.rawValue)), "What is the matter; see the kinds below.", clause: "D2"),
        Column("order_id", .text, required: false, "The order concerned; empty when none is known."),
        Column("period_id", .text, required: false, "The period concerned; empty when it is not about one."),
        Column("subject", .text, "The id of the record it is about: an order, a period, an item or a request."),
        Column("amount_usd", .usd, required: false, "The money at stake, unsigned; empty when there is none yet.", clause: "D2"),
        Column("explanation", .text, "One sentence: what was found, and between which records.", clause: "D1"),
      ]
    case .unpaid:
      [
        .itemID, .orderID, .periodID,
        Column("state", .word(ItemState.allCases.filter(\.isUnpaid).map(\.rawValue)), "How far it is: see the states below.", clause: "H4"),
        Column("approved_on", .day, "The day it was approved; where the policy did, the business date of that run.", clause: "H4"),
        Column("approved_by", .text, "Who approved it, two people joined by `+`; `policy` where W1 or S2 did.", clause: "G1, W1, S2"),
        .dueOn, .overdue,
        Column("amount_usd", .usd, "What the item is worth.", clause: "P5"),
        .coin, .network, .address, .tag, .flags,
        Column("reason", .text, "Why it is not paid yet, and what it waits for.", clause: "H1–H4"),
      ]
    case .summary:
      [
        Column("line", .text, "The name of the total; see the control totals below."),
        Column(
          "count", .integer(unit: "items, orders or days", isSigned: true),
          "How many items (orders for `orders_decided`; for the lines of causes by how many days they changed, which may be negative)."),
        Column("amount_usd", .usd, required: false, "Their amount, unsigned but for the lines of causes; empty where a line has none."),
      ]
    case .differences:
      [
        .itemID, .orderID, .periodID,
        Column("was_days", .integer(unit: "days"), "Refundable days before the rerun; 0 for an item that it opened."),
        Column("was_usd", .usd, "What the item was worth before."),
        Column("days", .integer(unit: "days"), "Refundable days after the rerun; 0 when withdrawn."),
        Column("amount_usd", .usd, "What the item is worth after the rerun.", clause: "P5"),
        Column("fact", .text, required: false, "A record that came or was corrected since the last nightly, as `outages X-1`; empty where none did."),
        Column("before", .text, required: false, "Its values that changed, as JSON; empty for a new record."),
        Column("after", .text, required: false, "The same values now; empty for a new record."),
        Column("learnt_at", .instant, required: false, "When it was imported.", clause: "D1"),
      ]
    }
  }

  /// The header line, without its line feed.
  public var header: String { columns.map(\.name).joined(separator: ",") }
}

extension ItemState {
  fileprivate static var words: [String] { allCases.map(\.rawValue) }
}

/// The columns that several files share.
extension Column {
  fileprivate static let itemID = Column("item_id", .itemID, "The refund item; never changes and is never used again.")
  fileprivate static let orderID = Column("order_id", .text, "The order: one rented line.")
  fileprivate static let periodID = Column("period_id", .text, "The paid period of the order.")
  fileprivate static let causes = Column(
    "causes", .words(Cause.allCases.map(\.name)), "Why it is refunded, strongest cause first.", clause: "P5, W4")
  fileprivate static let days = Column(
    "days", .integer(unit: "days"), "Number of refundable days; fewer than from first to last when there are gaps.", clause: "P5")
  fileprivate static let coin = Column("coin", .text, "The coin the period was paid in, and the refund goes out in.", clause: "H1")
  fileprivate static let network = Column(
    "network", .text, required: false, "The network of the coin; empty for the coin's own chain.", clause: "H1")
  fileprivate static let address = Column(
    "address", .text, required: false, "Wallet address the refund goes to; empty while none is known.", clause: "H1, Q4")
  fileprivate static let tag = Column(
    "tag", .text, required: false, "Destination tag or memo of the address; empty and `0` differ.", clause: "H1")
  fileprivate static let dueOn = Column("due_on", .day, "The day by which the customer was promised the refund.", clause: "Q5")
  fileprivate static let overdue = Column(
    "overdue", .boolean, "`true` when due_on is the business date of the run or before it.", clause: "Q5")
  fileprivate static let flags = Column(
    "flags", .words(ItemFlag.allCases.map(\.rawValue)), required: false, "What a reviewer should know, sorted; see the flags below.")

  fileprivate static func firstDay(required: Bool) -> Column {
    Column("first_day", .day, required: required, "First refundable day, inclusive." + ifNone(required), clause: "P5")
  }
  fileprivate static func lastDay(required: Bool) -> Column {
    Column("last_day", .day, required: required, "Last refundable day, inclusive: it is refunded too." + ifNone(required), clause: "P5")
  }
  private static func ifNone(_ required: Bool) -> String { required ? "" : " Empty when there is none." }
}
