public import RefundPolicy

/// A row of `request_decisions.csv`: a request that the run decided, or decided otherwise than before.
public struct RequestDecisionRow: Hashable, Sendable, CSVRow {
  public var requestID: String
  /// Empty when the request was matched to no order.
  public var orderID: String
  public var requestedAt: Instant
  public var verdict: RequestVerdict
  public var clause: Clause
  public var items: [ItemID]
  public var explanation: String

  public init(
    requestID: String, orderID: String, requestedAt: Instant, verdict: RequestVerdict, clause: Clause, items: [ItemID], explanation: String
  ) {
    (self.requestID, self.orderID, self.requestedAt) = (requestID, orderID, requestedAt)
    (self.verdict, self.clause, self.items, self.explanation) = (verdict, clause, items, explanation)
  }

  func write(to text: inout RowText) {
    text.field(requestID)
    text.field(orderID)
    text.field(requestedAt)
    text.field(word: verdict.rawValue)
    text.field(word: clause.rawValue)
    text.field(items)
    text.field(explanation)
    text.endRow()
  }
}

/// A row of `exceptions.csv`: something that only a person can settle, open at the end of the run.
public struct ExceptionRow: Hashable, Sendable, CSVRow {
  public var kind: ExceptionKind
  public var orderID: String
  public var periodID: String
  /// The id of the record that the exception is about: an order, a period, an item or a request.
  public var subject: String
  /// None where no money is at stake yet.
  public var amount: Cents?
  public var explanation: String

  public init(kind: ExceptionKind, orderID: String, periodID: String, subject: String, amount: Cents?, explanation: String) {
    (self.kind, self.orderID, self.periodID) = (kind, orderID, periodID)
    (self.subject, self.amount, self.explanation) = (subject, amount, explanation)
  }

  func write(to text: inout RowText) {
    text.field(word: kind.rawValue)
    text.field(orderID)
    text.field(periodID)
    text.field(subject)
    if let amount { text.field(amount) } else { text.emptyField() }
    text.field(explanation)
    text.endRow()
  }
}

/// A row of `differences.csv`: an item that a rerun changed, and one fact that has a part in it.
public struct DifferenceRow: Hashable, Sendable, CSVRow {
  public var item: ItemID
  public var orderID: String
  public var periodID: String
  public var wasDays: Int
  public var was: Cents
  public var days: Int
  public var amount: Cents
  public var fact: Fact?

  /// A record that came or was corrected.
  public struct Fact: Hashable, Sendable {
    public var name: String
    /// JSON objects of the values that differ; empty for a new record.
    public var before: String
    public var after: String
    public var learntAt: Instant

    public init(name: String, before: String, after: String, learntAt: Instant) {
      (self.name, self.before, self.after, self.learntAt) = (name, before, after, learntAt)
    }
  }

  public init(item: ItemID, orderID: String, periodID: String, wasDays: Int, was: Cents, days: Int, amount: Cents, fact: Fact?) {
    (self.item, self.orderID, self.periodID) = (item, orderID, periodID)
    (self.wasDays, self.was, self.days, self.amount, self.fact) = (wasDays, was, days, amount, fact)
  }

  func write(to text: inout RowText) {
    text.field(item)
    text.field(orderID)
    text.field(periodID)
    text.field(wasDays)
    text.field(was)
    text.field(days)
    text.field(amount)
    if let fact {
      text.field(fact.name)
      text.field(fact.before)
      text.field(fact.after)
      text.field(fact.learntAt)
    } else {
      for _ in 0..<4 { text.emptyField() }
    }
    text.endRow()
  }
}

/// A row of `unpaid.csv`: an item that is approved, prepared or sent and not yet paid at the end of the run.
public struct UnpaidRow: Hashable, Sendable, CSVRow {
  public var item: ItemID
  public var orderID: String
  public var periodID: String
  public var state: ItemState
  public var approvedOn: ServiceDay
  /// Names of people, or `policy`.
  public var approvedBy: [String]
  public var dueOn: ServiceDay
  public var amount: Cents
  public var coin: String
  /// Empty for none, as address and tag.
  public var network: String
  public var address: String
  public var tag: String
  public var flags: FlagSet
  /// Why it is not paid, and what it waits for.
  public var reason: String

  public init(
    item: ItemID, orderID: String, periodID: String, state: ItemState, approvedOn: ServiceDay, approvedBy: [String], dueOn: ServiceDay,
    amount: Cents, coin: String, network: String, address: String, tag: String, flags: FlagSet, reason: String
  ) {
    (self.item, self.orderID, self.periodID, self.state) = (item, orderID, periodID, state)
    (self.approvedOn, self.approvedBy, self.dueOn, self.amount) = (approvedOn, approvedBy, dueOn, amount)
    (self.coin, self.network, self.address, self.tag, self.flags, self.reason) = (coin, network, address, tag, flags, reason)
  }

  /// The same as the flag, so that the two cannot disagree.
  public var isOverdue: Bool { flags.has(.overdue) }

  func write(to text: inout RowText) {
    text.field(item)
    text.field(orderID)
    text.field(periodID)
    text.field(word: state.rawValue)
    text.field(approvedOn)
    text.field(approvedBy.joined(separator: "+"))
    text.field(dueOn)
    text.field(isOverdue)
    text.field(amount)
    text.field(coin)
    text.field(network)
    text.field(address)
    text.field(tag)
    text.field(flags)
    text.field(reason)
    text.endRow()
  }
}

/// A line of `summary.csv`.
public enum SummaryLine: Hashable, Sendable {
  case openingPending, opened, increased, reduced, withdrawn, approved, rejected, reopened, closingPending
  /// What is approved and not paid. The lines between are named as those of what is pending: `approved` is the same number, `reopened` is
  /// what had been approved.
  case openingUnpaid, becameUnpaid, reopenedUnpaid, paid, closingUnpaid
  /// The part of ``closingUnpaid`` in one state.
  case unpaid(ItemState)
  /// Everything that was ever paid.
  case paidToDate
  case ordersDecided
  case cause(Cause)
  case aging(Aging)
  /// A line that the page does not know; it stands in the file all the same.
  case other(String)

  /// The control totals, in the order of the two equations that tie them.
  public static let controlTotals: [SummaryLine] = [
    .openingPending, .opened, .increased, .reduced, .withdrawn, .approved, .rejected, .reopened, .closingPending,
    .openingUnpaid, .becameUnpaid, .reopenedUnpaid, .paid, .closingUnpaid,
  ]

  public var name: String {
    switch self {
    case .openingPending: "opening_pending"
    case .opened: "opened"
    case .increased: "increased"
    case .reduced: "reduced"
    case .withdrawn: "withdrawn"
    case .approved, .becameUnpaid: "approved"
    case .rejected: "rejected"
    case .reopened, .reopenedUnpaid: "reopened"
    case .closingPending: "closing_pending"
    case .openingUnpaid: "opening_unpaid"
    case .paid: "paid"
    case .closingUnpaid: "closing_unpaid"
    case .unpaid(let state): "unpaid:\(state.rawValue)"
    case .paidToDate: "paid_to_date"
    case .ordersDecided: "orders_decided"
    case .cause(let cause): "cause:\(cause.name)"
    case .aging(let age): "aging:\(age.rawValue)"
    case .other(let name): name
    }
  }
}

/// A row of `summary.csv`; amounts are unsigned but for the lines of causes, which are changes.
public struct SummaryRow: Hashable, Sendable, CSVRow {
  public var line: SummaryLine
  public var count: Int
  /// None where a line counts things that have no amount.
  public var amount: Cents?

  public init(_ line: SummaryLine, count: Int, amount: Cents?) {
    (self.line, self.count, self.amount) = (line, count, amount)
  }

  func write(to text: inout RowText) {
    text.field(line.name)
    text.field(count)
    if let amount { text.field(amount) } else { text.emptyField() }
    text.endRow()
  }
}
