package import RefundPolicy

/// A row of `request_decisions.csv`: a request that the run decided, or decided otherwise than before.
package struct RequestDecisionRow: Hashable, Sendable, CSVRow {
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
package struct ExceptionRow: Hashable, Sendable, CSVRow {
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
package struct DifferenceRow: Hashable, Sendable, CSVRow {
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
package struct SummaryRow: Hashable, Sendable, CSVRow {
  package var line: SummaryLine
  package var count: Int
  /// None where a line counts things that have no amount.
  package var amount: Cents?

  package init(_ line: SummaryLine, count: Int, amount: Cents?) {
    (self.line, self.count, self.amount) = (line, count, amount)
  }

  func write(to text: inout RowText) {
    text.field(line.name)
    text.field(count)
    if let amount { text.field(amount) } else { text.emptyField() }
    text.endRow()
  }
}
