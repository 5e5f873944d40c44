package import RefundPolicy

/// One version of a refund item: what a run or a person made of it.
package struct Item: Hashable, Sendable {
  package var id: ItemID
  package var orderID: String
  package var periodID: String
  package var coin: String
  package var network: String?
  package var openedOn: ServiceDay
  package var state: ItemState
  /// A W1 or S2 item: approved by the policy itself.
  package var isAutomatic: Bool
  package var amount: Cents
  package var dayCount: Int
  package var firstDay: ServiceDay?
  package var lastDay: ServiceDay?
  /// What the daily shares are taken of.
  package var base: Cents
  /// All that was paid for the period, as the run that made it knew: a correction never exceeds it (D2).
  package var paid: Cents
  /// The whole period as it was when the item was last restated.
  package var period: DayRange
  package var causes: CauseSet
  package var flags: FlagSet
  package var dueOn: ServiceDay
  package var address: String?
  package var tag: String?
  /// The run that made this version (where a review made it, the next one), and the version's number from 1.
  package var run: RunID
  package var version: Int64
  /// Counts from 1 what a reviewer would see change: amount, days or destination.
  package var revision: Int64
  /// The review that made this version; nil where a run did.
  package var reviewID: Int64?

  package init(
    id: ItemID, orderID: String, periodID: String, coin: String, network: String?, openedOn: ServiceDay, state: ItemState,
    isAutomatic: Bool, amount: Cents, dayCount: Int, firstDay: ServiceDay?, lastDay: ServiceDay?, base: Cents, paid: Cents, period: DayRange,
    causes: CauseSet, flags: FlagSet, dueOn: ServiceDay, address: String?, tag: String?, run: RunID, version: Int64,
    revision: Int64, reviewID: Int64?
  ) {
    (self.id, self.orderID, self.periodID) = (id, orderID, periodID)
    (self.coin, self.network, self.openedOn, self.state, self.isAutomatic) = (coin, network, openedOn, state, isAutomatic)
    (self.amount, self.dayCount, self.firstDay, self.lastDay) = (amount, dayCount, firstDay, lastDay)
    (self.base, self.paid, self.period, self.causes, self.flags, self.dueOn) = (base, paid, period, causes, flags, dueOn)
    (self.address, self.tag, self.run, self.version) = (address, tag, run, version)
    (self.revision, self.reviewID) = (revision, reviewID)
  }
}

/// A version of an item, with its days.
package struct ItemWithDays: Hashable, Sendable {
  package var item: Item
  package var stretches: [ItemStretch]

  package init(item: Item, stretches: [ItemStretch]) { (self.item, self.stretches) = (item, stretches) }
}

/// The number of a run: counted from 1 in the order in which runs were recorded.
package struct RunID: Hashable, Comparable, Sendable {
  package let number: Int64

  package init(_ number: Int64) { self.number = number }

  package static func < (left: RunID, right: RunID) -> Bool { left.number < right.number }
}

/// Items and an amount: one line of control totals.
package struct Total: Hashable, Sendable {
  package var count: Int64 = 0
  package var amount = Cents.zero

  package init(count: Int64 = 0, amount: Cents = .zero) { (self.count, self.amount) = (count, amount) }

  package mutating func add(_ amount: Cents) {
    count += 1
    self.amount += amount
  }
}

/// The control totals of a run; they tie from run to run (contract 4).
package struct ControlTotals: Hashable, Sendable {
  package var opening = Total()
  package var opened = Total()
  package var increased = Total()
  package var reduced = Total()
  package var withdrawn = Total()
  package var approved = Total()
  package var rejected = Total()
  package var reopened = Total()
  package var closing = Total()

  package init() {}
}

/// A run as it was recorded.
package struct RecordedRun: Hashable, Sendable {
  package var id: RunID
  /// The business date it closed; the last closed one for a rerun.
  package var businessDay: ServiceDay
  /// The service days that a rerun decided again; nil for a nightly.
  package var rerunDays: DayRange?
  package var ordersLookedAt: Int64
  package var totals: ControlTotals

  package init(id: RunID, businessDay: ServiceDay, rerunDays: DayRange?, ordersLookedAt: Int64, totals: ControlTotals) {
    (self.id, self.businessDay, self.rerunDays) = (id, businessDay, rerunDays)
    (self.ordersLookedAt, self.totals) = (ordersLookedAt, totals)
  }
}

/// What a run told a customer's request.
package struct RecordedDecision: Hashable, Sendable {
  package var requestID: String
  package var orderID: String?
  package var requestedAt: Instant
  package var verdict: RequestVerdict
  package var clause: Clause
  package var items: [ItemID]
  package var explanation: String

  package init(
    requestID: String, orderID: String?, requestedAt: Instant, verdict: RequestVerdict, clause: Clause, items: [ItemID], explanation: String
  ) {
    self.requestID = requestID
    self.orderID = orderID
    self.requestedAt = requestedAt
    self.verdict = verdict
    self.clause = clause
    self.items = items
    self.explanation = explanation
  }
}

/// Something a person has to look at.
package struct RecordedException: Hashable, Sendable {
  package var kind: ExceptionKind
  package var subject: String
  package var orderID: String?
  package var periodID: String?
  package var amount: Cents
  package var explanation: String

  package init(kind: ExceptionKind, subject: String, orderID: String?, periodID: String?, amount: Cents, explanation: String) {
    self.kind = kind
    self.subject = subject
    self.orderID = orderID
    self.periodID = periodID
    self.amount = amount
    self.explanation = explanation
  }
}
