import Facts
public import Ledger
public import RefundPolicy
public import Storage

/// Everything behind the decisions about one order, as of the last closed date (D1).
public struct OrderDossier: Sendable {
  public let facts: OrderFacts
  public let isVoided: Bool
  public let voidedPeriods: [PeriodFacts]
  public let businessDay: ServiceDay
  public let decision: OrderDecision
  public let settings: SettingsHistory
  /// What facts were before imports replaced them, oldest first.
  public let changes: [FactChange]
  /// Every version of every item, oldest first within an item, with its days.
  public let versions: [Version]
  /// What each request was told, oldest first.
  public let told: [Told]
  /// Every payout of its items, by batch.
  public let payouts: [PayoutStatus]
  public let payees: PayeeCheck
  /// Items that the last run found to be owed no more, in part or in whole (N5, D2).
  public let notOwed: Set<ItemID>
  /// Requests of it that no night has decided yet, as far as their order can be named; oldest first.
  public let undecided: [RequestRecord]
  /// What is open about it for a person to settle.
  public let exceptions: [RecordedException]
  /// What the customer is told of an item that was rejected, where the reviewer said it.
  public let customerReasons: [ItemID: String]
  /// Everything that is kept about the order, in the order in which it happened.
  public let history: [HistoryEvent]

  public struct FactChange: Sendable {
    public let importedAt: Instant
    public let table: String
    public let key: String
    /// JSON objects of the values that differ.
    public let before: String
    public let after: String
  }

  public struct Version: Sendable {
    public let item: Item
    public let stretches: [ItemStretch]
    /// The business date of the run that made it.
    public let madeOn: ServiceDay
  }

  public struct Told: Sendable {
    public let businessDay: ServiceDay
    public let decision: RecordedDecision
  }

  /// The faults that touch a period of the order or a request; the line's others decide nothing.
  public var faults: [Fault] {
    decision.faults.filter { fault in
      facts.requests.contains { fault.covers($0.requestedAt) }
        || facts.periods.contains { Interval(fault.start, fault.end)?.days(upTo: $0.days.end)?.intersection($0.days) != nil }
    }
  }

  /// What a request is told as of the last closed date; nil where it is not known yet.
  ///
  /// - Parameter index: Of the request among the facts'.
  public func explanation(ofRequest index: Int) -> String? {
    guard let outcome = decision.requests[index] else { return nil }
    let request = facts.requests[index]
    let answering = Set(told.last { $0.decision.requestID == request.requestID }?.decision.items ?? [])
    let items = Dictionary(grouping: versions.map(\.item), by: \.id).filter { answering.contains($0.key) }
      .compactMap { $0.value.max { $0.version < $1.version } }.sorted { $0.id < $1.id }
    return facts.explanation(of: outcome, request, items: items, payees)
  }

  /// N5, as of the last closed date.
  public var isTerminatedForAbuse: Bool { facts.service.ended.map { $0.reason == .aup && $0.at < cut } ?? false }

  /// Midnight UTC that ends the business date.
  public var cut: Instant { businessDay.end }

  /// Gathers what is known of an order.
  ///
  /// - Returns: Nil where there is no such order, or no date was closed yet.
  public init?(of orderID: String, from connection: Connection) throws {
    guard let day = try connection.watermark() else { return nil }
    let settings = try connection.settings()
    try OpenedOrders(connection).open(orderID)
    try RequestMatching.matchForOne(orderID, asOf: day.end, on: connection)
    let classes = LineClasses()
    let faults = try FaultIndex(connection, before: day.end, settings: settings, classes: classes)
    let ways = OrderReader.Ways(requests: RequestMatching.ofOne)
    guard let found = try OrderReader(connection, faults: faults, classes: classes, asOf: day.end, ways).find(orderID) else { return nil }
    self.settings = settings
    facts = found.facts
    isVoided = found.isVoided
    voidedPeriods = found.voidedPeriods
    businessDay = day
    decision = found.facts.decide(settings: settings, asOf: day.end, lineFaults: found.faults)

    var changes: [FactChange] = []
    let rows = try connection.prepare(
      """
      SELECT i.imported_at, c.table_name, c.key, c.before, c.after FROM fact_changes AS c JOIN imports AS i USING (import_id)
      WHERE c.order_id = ?1 OR (c.table_name = 'addons' AND c.key IN
        (SELECT addon_id FROM addons JOIN periods USING (period_id) WHERE order_id = ?1))
        OR (c.table_name, c.key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))
      ORDER BY c.change_id
      """)
    try rows.bind(1, orderID)
    let records = try FaultRecords(of: found.facts, and: connection.evidence(ofOrder: orderID))
    try rows.bind(2, records.json)
    while try rows.step() {
      changes.append(FactChange(importedAt: rows.instant(0), table: rows.text(1), key: rows.text(2), before: rows.text(3), after: rows.text(4)))
    }
    self.changes = changes

    let stretches = try StretchReader(connection)
    versions = try connection.versions(ofOrder: orderID).map { item in
      Version(item: item, stretches: try stretches.stretches(of: item), madeOn: try connection.recordedRun(item.run)?.businessDay ?? day)
    }
    told = try found.facts.requests.flatMap { request in
      try connection.decisions(ofRequest: request.requestID).map { Told(businessDay: $0.day, decision: $0.decision) }
    }
    payouts = try Set(versions.map(\.item.id)).sorted().flatMap { try connection.payoutStatuses(of: $0) }
    notOwed = try Set(versions.map(\.item.id)).filter { try connection.isNotOwed($0) }
    payees = PayeeCheck(settings.operating(closing: day))
    let paid = Set(try RequestMatching.transactions(ofOrder: orderID, on: connection))
    undecided = try connection.undecidedRequests(after: day) { named, transaction in
      named == orderID || (named == nil && transaction.map { paid.contains(FactKey($0).transactionHash) } ?? false)
    }
    exceptions = try connection.openExceptions(ofOrder: orderID)
    customerReasons = try connection.customerReasons(ofOrder: orderID)
    history = try HistoryEvent.all(ofOrder: orderID, requests: found.facts.requests.map(\.requestID), records: records, on: connection)
  }
}

extension Connection {
  /// The latest reason for the customer of each item of an order that was rejected with one.
  fileprivate func customerReasons(ofOrder orderID: String) throws -> [ItemID: String] {
    let rows = try prepare(
      """
      SELECT r.item_id, r.customer_reason FROM items AS i JOIN reviews AS r USING (item_id)
      WHERE i.order_id = ?1 AND r.decision = 'reject' ORDER BY r.review_id
      """)
    try rows.bind(1, orderID)
    var reasons: [ItemID: String] = [:]
    while try rows.step() { reasons[ItemID(rows.int(0))] = rows.optionalText(1) }
    return reasons
  }
}
