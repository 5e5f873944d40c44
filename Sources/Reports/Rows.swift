package import RefundPolicy

/// A row of `refunds.csv`: an item that the run opened, restated or withdrew. Its clauses follow from its causes.
package struct RefundRow: Hashable, Sendable {
  package var run: Int64
  package var item: ItemID
  package var orderID: String
  package var periodID: String
  package var state: ItemState
  package var causes: CauseSet
  /// Both days are inclusive; none for a withdrawn item.
  package var firstDay: ServiceDay?
  package var lastDay: ServiceDay?
  package var days: Int
  /// After the run.
  package var amount: Cents
  /// Against before the run; negative when the item became smaller.
  package var change: Cents
  package var coin: String
  package var network: String
  package var flags: FlagSet
  package var explanation: RefundExplanation

  package init(
    run: Int64, item: ItemID, orderID: String, periodID: String, state: ItemState, causes: CauseSet, firstDay: ServiceDay?,
    lastDay: ServiceDay?,
    days: Int, amount: Cents, change: Cents, coin: String, network: String, flags: FlagSet, explanation: RefundExplanation
  ) {
    (self.run, self.item, self.orderID, self.periodID) = (run, item, orderID, periodID)
    (self.state, self.causes, self.firstDay, self.lastDay, self.days) = (state, causes, firstDay, lastDay, days)
    (self.amount, self.change, self.coin, self.network) = (amount, change, coin, network)
    (self.flags, self.explanation) = (flags, explanation)
  }

  func write(to file: inout OutputFile) throws(ReportError) {
    file.field(run)
    file.field(item)
    file.field(orderID)
    file.field(periodID)
    file.field(word: state.rawValue)
    file.field(causes)
    file.field(clausesOf: causes)
    if let firstDay { file.field(firstDay) } else { file.emptyField() }
    if let lastDay { file.field(lastDay) } else { file.emptyField() }
    file.field(days)
    file.field(amount)
    file.field(change)
    file.field(coin)
    file.field(network)
    file.field(flags)
    file.field(explanation)
    try file.endRow()
  }
}

/// A row of `refund_days.csv`: an unbroken stretch of an item's days that have one cause and the same evidence.
package struct RefundDaysRow: Hashable, Sendable {
  package var item: ItemID
  package var orderID: String
  package var periodID: String
  package var cause: Cause
  /// `outage:ID`, several joined by `+`.
  package var evidence: String
  package var days: DayRange
  package var amount: Cents

  package init(item: ItemID, orderID: String, periodID: String, cause: Cause, evidence: String, days: DayRange, amount: Cents) {
    (self.item, self.orderID, self.periodID) = (item, orderID, periodID)
    (self.cause, self.evidence, self.days, self.amount) = (cause, evidence, days, amount)
  }

  func write(to file: inout OutputFile) throws(ReportError) {
    file.field(item)
    file.field(orderID)
    file.field(periodID)
    file.field(word: cause.name)
    file.field(evidence)
    file.field(days.first)
    file.field(days.last)
    file.field(days.dayCount)
    file.field(amount)
    try file.endRow()
  }
}

/// A row of `queue.csv`: an item that is undecided at the end of the run.
///
/// The column `overdue` is the flag ``ItemFlag/overdue``, so the two cannot disagree; `decision` and `note` are always empty.
package struct QueueRow: Hashable, Sendable {
  package var item: ItemID
  package var orderID: String
  package var periodID: String
  package var state: ItemState
  package var openedOn: ServiceDay
  package var dueOn: ServiceDay
  package var causes: CauseSet
  /// Both days are inclusive.
  package var firstDay: ServiceDay?
  package var lastDay: ServiceDay?
  package var days: Int
  package var amount: Cents
  package var coin: String
  package var network: String
  package var address: String
  package var tag: String
  package var flags: FlagSet
  package var explanation: RefundExplanation

  package init(
    item: ItemID, orderID: String, periodID: String, state: ItemState, openedOn: ServiceDay, dueOn: ServiceDay, causes: CauseSet,
    firstDay: ServiceDay?, lastDay: ServiceDay?, days: Int, amount: Cents, coin: String, network: String, address: String, tag: String,
    flags: FlagSet, explanation: RefundExplanation
  ) {
    (self.item, self.orderID, self.periodID, self.state) = (item, orderID, periodID, state)
    (self.openedOn, self.dueOn, self.causes) = (openedOn, dueOn, causes)
    (self.firstDay, self.lastDay, self.days, self.amount) = (firstDay, lastDay, days, amount)
    (self.coin, self.network, self.address, self.tag) = (coin, network, address, tag)
    (self.flags, self.explanation) = (flags, explanation)
  }

  package var isOverdue: Bool { flags.has(.overdue) }

  func write(to file: inout OutputFile) throws(ReportError) {
    file.field(item)
    file.field(orderID)
    file.field(periodID)
    file.field(word: state.rawValue)
    file.field(openedOn)
    file.field(dueOn)
    file.field(isOverdue)
    file.field(causes)
    if let firstDay { file.field(firstDay) } else { file.emptyField() }
    if let lastDay { file.field(lastDay) } else { file.emptyField() }
    file.field(days)
    file.field(amount)
    file.field(coin)
    file.field(network)
    file.field(address)
    file.field(tag)
    file.field(flags)
    file.field(explanation)
    file.emptyField()
    file.emptyField()
    try file.endRow()
  }
}

/// A row of `request_decisions.csv`: a request that the run decided, or decided otherwise than before.
package struct RequestDecisionRow: Hashable, Sendable {
  package var requestID: String
  /// Empty when the request was matched to no order.
  package var orderID: String
  package var requestedAt: Instant
  package var verdict: RequestVerdict
  package var clause: Clause
  package var items: [ItemID]
  package var explanation: String

  package init(
    requestID: String, orderID: String, requestedAt: Instant, verdict: RequestVerdict, clause: Clause, items: [ItemID], explanation: String
  ) {
    (self.requestID, self.orderID, self.requestedAt) = (requestID, orderID, requestedAt)
    (self.verdict, self.clause, self.items, self.explanation) = (verdict, clause, items, explanation)
  }

  func write(to file: inout OutputFile) throws(ReportError) {
    file.field(requestID)
    file.field(orderID)
    file.field(requestedAt)
    file.field(word: verdict.rawValue)
    file.field(word: clause.rawValue)
    file.field(items)
    file.field(explanation)
    try file.endRow()
  }
}

/// A row of `exceptions.csv`: something that only a person can settle, open at the end of the run.
package struct ExceptionRow: Hashable, Sendable {
  package var kind: ExceptionKind
  package var orderID: String
  package var periodID: String
  /// The id of the record that the exception is about: an order, a period, an item or a request.
  package var subject: String
  /// None where no money is at stake yet.
  package var amount: Cents?
  package var explanation: String

  package init(kind: ExceptionKind, orderID: String, periodID: String, subject: String, amount: Cents?, explanation: String) {
    (self.kind, self.orderID, self.periodID) = (kind, orderID, periodID)
    (self.subject, self.amount, self.explanation) = (subject, amount, explanation)
  }

  func write(to file: inout OutputFile) throws(ReportError) {
    file.field(word: kind.rawValue)
    file.field(orderID)
    file.field(periodID)
    file.field(subject)
    if let amount { file.field(amount) } else { file.emptyField() }
    file.field(explanation)
    try file.endRow()
  }
}

/// A row of `differences.csv`: an item that a rerun changed, and one fact that has a part in it.
package struct DifferenceRow: Hashable, Sendable {
  package var item: ItemID
  package var orderID: String
  package var periodID: String
  package var wasDays: Int
  package var was: Cents
  package var days: Int
  package var amount: Cents
  package var fact: Fact?

  /// A record that came or was corrected.
  package struct Fact: Hashable, Sendable {
    package var name: String
    /// JSON objects of the values that differ; empty for a new record.
    package var before: String
    package var after: String
    package var learntAt: Instant

    package init(name: String, before: String, after: String, learntAt: Instant) {
      (self.name, self.before, self.after, self.learntAt) = (name, before, after, learntAt)
    }
  }

  package init(item: ItemID, orderID: String, periodID: String, wasDays: Int, was: Cents, days: Int, amount: Cents, fact: Fact?) {
    (self.item, self.orderID, self.periodID) = (item, orderID, periodID)
    (self.wasDays, self.was, self.days, self.amount, self.fact) = (wasDays, was, days, amount, fact)
  }

  func write(to file: inout OutputFile) throws(ReportError) {
    file.field(item)
    file.field(orderID)
    file.field(periodID)
    file.field(wasDays)
    file.field(was)
    file.field(days)
    file.field(amount)
    if let fact {
      file.field(fact.name)
      file.field(fact.before)
      file.field(fact.after)
      file.field(fact.learntAt)
    } else {
      for _ in 0..<4 { file.emptyField() }
    }
    try file.endRow()
  }
}

/// A line of `summary.csv`.
package enum SummaryLine: Hashable, Sendable {
  case openingPending, opened, increased, reduced, withdrawn, approved, rejected, reopened, closingPending
  case ordersLookedAt
  case cause(Cause)
  case aging(Aging)
  /// A line that the page does not know; it stands in the file all the same.
  case other(String)

  /// The control totals, in the order of the equation that ties them.
  package static let controlTotals: [SummaryLine] = [
    .openingPending, .opened, .increased, .reduced, .withdrawn, .approved, .rejected, .reopened, .closingPending,
  ]

  package var name: String {
    switch self {
    case .openingPending: "opening_pending"
    case .opened: "opened"
    case .increased: "increased"
    case .reduced: "reduced"
    case .withdrawn: "withdrawn"
    case .approved: "approved"
    case .rejected: "rejected"
    case .reopened: "reopened"
    case .closingPending: "closing_pending"
    case .ordersLookedAt: "orders_looked_at"
    case .cause(let cause): "cause:\(cause.name)"
    case .aging(let age): "aging:\(age.rawValue)"
    case .other(let name): name
    }
  }
}

/// A row of `summary.csv`; amounts are unsigned.
package struct SummaryRow: Hashable, Sendable {
  package var line: SummaryLine
  package var count: Int
  /// None where a line counts things that have no amount.
  package var amount: Cents?

  package init(_ line: SummaryLine, count: Int, amount: Cents?) {
    (self.line, self.count, self.amount) = (line, count, amount)
  }

  func write(to file: inout OutputFile) throws(ReportError) {
    file.field(line.name)
    file.field(count)
    if let amount { file.field(amount) } else { file.emptyField() }
    try file.endRow()
  }
}
