public import RefundPolicy

/// One version of a refund item: what a run or a person made of it.
public struct Item: Hashable, Sendable {
  public var id: ItemID
  public var orderID: String
  public var periodID: String
  public var coin: String
  public var network: String?
  public var openedOn: ServiceDay
  public var state: ItemState
  /// A W1 or S2 item: approved by the policy itself.
  public var isAutomatic: Bool
  public var amount: Cents
  public var dayCount: Int
  public var firstDay: ServiceDay?
  public var lastDay: ServiceDay?
  /// What the daily shares are taken of.
  public var base: Cents
  /// All that was paid for the period, as the run that made it knew: a correction never exceeds it (D2).
  public var paid: Cents
  /// The whole period as it was when the item was last restated.
  public var period: DayRange
  public var causes: CauseSet
  public var flags: FlagSet
  public var dueOn: ServiceDay
  public var address: String?
  public var tag: String?
  /// The network that the request with the address named; nil where it named none, or there is no such request.
  public var askedNetwork: String?
  /// The run that made this version (where a review made it, the next one), and the version's number from 1.
  public var run: RunID
  public var version: Int64
  /// Counts from 1 what a reviewer would see change: amount, days or destination.
  public var revision: Int64
  /// The review that made this version; nil where a run did.
  public var reviewID: Int64?

  public init(
    id: ItemID, orderID: String, periodID: String, coin: String, network: String?, openedOn: ServiceDay, state: ItemState,
    isAutomatic: Bool, amount: Cents, dayCount: Int, firstDay: ServiceDay?, lastDay: ServiceDay?, base: Cents, paid: Cents, period: DayRange,
    causes: CauseSet, flags: FlagSet, dueOn: ServiceDay, address: String?, tag: String?, run: RunID, version: Int64,
    revision: Int64, reviewID: Int64?, askedNetwork: String? = nil
  ) {
    (self.id, self.orderID, self.periodID) = (id, orderID, periodID)
    (self.coin, self.network, self.openedOn, self.state, self.isAutomatic) = (coin, network, openedOn, state, isAutomatic)
    (self.amount, self.dayCount, self.firstDay, self.lastDay) = (amount, dayCount, firstDay, lastDay)
    (self.base, self.paid, self.period, self.causes, self.flags, self.dueOn) = (base, paid, period, causes, flags, dueOn)
    (self.address, self.tag, self.run, self.version) = (address, tag, run, version)
    (self.revision, self.reviewID, self.askedNetwork) = (revision, reviewID, askedNetwork)
  }
}

extension Item {
  /// The same, restated to nothing.
  var withdrawn: Item {
    var item = self
    item.state = .withdrawn
    item.amount = .zero
    item.dayCount = 0
    (item.firstDay, item.lastDay) = (nil, nil)
    item.causes = []
    item.flags = []
    return item
  }
}

/// A version of an item, with its days.
public struct ItemWithDays: Hashable, Sendable {
  public var item: Item
  public var stretches: [ItemStretch]

  public init(item: Item, stretches: [ItemStretch]) { (self.item, self.stretches) = (item, stretches) }
}

/// The number of a run: counted from 1 in the order in which runs were recorded.
public struct RunID: Hashable, Comparable, Sendable {
  public let number: Int64

  public init(_ number: Int64) { self.number = number }

  public static func < (left: RunID, right: RunID) -> Bool { left.number < right.number }
}

/// Items and an amount: one line of control totals.
public struct Total: Hashable, Sendable {
  public var count: Int64 = 0
  public var amount = Cents.zero

  public init(count: Int64 = 0, amount: Cents = .zero) { (self.count, self.amount) = (count, amount) }

  public mutating func add(_ amount: Cents) {
    count += 1
    self.amount += amount
  }
}

/// The control totals of a run; they tie from run to run (contract 4).
///
/// Two equations, which `approved` joins:
///
///     opening + opened + increased - reduced - withdrawn - approved - rejected + reopened = closing
///     openingUnpaid + approved - reopenedUnpaid - paid = closingUnpaid
public struct ControlTotals: Hashable, Sendable {
  public var opening = Total()
  public var opened = Total()
  public var increased = Total()
  public var reduced = Total()
  public var withdrawn = Total()
  public var approved = Total()
  public var rejected = Total()
  public var reopened = Total()
  public var closing = Total()
  /// Approved, prepared or sent at the end of the run before.
  public var openingUnpaid = Total()
  /// Of what was reopened, the part that was approved or prepared; the rest had been rejected.
  public var reopenedUnpaid = Total()
  public var paid = Total()
  /// Approved, prepared or sent at the end of the run.
  public var closingUnpaid = Total()
  /// Of ``closingUnpaid``, what is in a batch and not sent.
  public var prepared = Total()
  /// Of ``closingUnpaid``, what is on its way.
  public var sent = Total()
  /// Everything that was ever paid.
  public var paidToDate = Total()

  public init() {}

  /// The columns of `runs` that hold the totals: each name with `_count` and with `_cents`.
  static var columns: [(name: String, total: WritableKeyPath<ControlTotals, Total>)] {
    [
      ("opening", \.opening), ("opened", \.opened), ("increased", \.increased), ("reduced", \.reduced), ("withdrawn", \.withdrawn),
      ("approved", \.approved), ("rejected", \.rejected), ("reopened", \.reopened), ("closing", \.closing),
      ("opening_unpaid", \.openingUnpaid), ("reopened_unpaid", \.reopenedUnpaid), ("paid", \.paid), ("closing_unpaid", \.closingUnpaid),
      ("prepared", \.prepared), ("sent", \.sent), ("paid_to_date", \.paidToDate),
    ]
  }

  static var columnNames: String { columns.map { "\($0.name)_count, \($0.name)_cents" }.joined(separator: ", ") }
}

/// A run as it was recorded.
public struct RecordedRun: Hashable, Sendable {
  public var id: RunID
  /// The business date it closed; the last closed one for a rerun.
  public var businessDay: ServiceDay
  /// The service days that a rerun decided again; nil for a nightly.
  public var rerunDays: DayRange?
  /// The orders to which the policy was applied; those that nothing can have changed for are passed by.
  public var ordersDecided: Int64
  public var totals: ControlTotals

  public init(id: RunID, businessDay: ServiceDay, rerunDays: DayRange?, ordersDecided: Int64, totals: ControlTotals) {
    (self.id, self.businessDay, self.rerunDays) = (id, businessDay, rerunDays)
    (self.ordersDecided, self.totals) = (ordersDecided, totals)
  }
}

/// What a run told a customer's request.
public struct RecordedDecision: Hashable, Sendable {
  public var requestID: String
  public var orderID: String?
  public var requestedAt: Instant
  public var verdict: RequestVerdict
  public var clause: Clause
  public var items: [ItemID]
  public var explanation: String

  public init(
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
public struct RecordedException: Hashable, Sendable {
  public var kind: ExceptionKind
  public var subject: String
  public var orderID: String?
  public var periodID: String?
  public var amount: Cents
  public var explanation: String

  public init(kind: ExceptionKind, subject: String, orderID: String?, periodID: String?, amount: Cents, explanation: String) {
    self.kind = kind
    self.subject = subject
    self.orderID = orderID
    self.periodID = periodID
    self.amount = amount
    self.explanation = explanation
  }
}
