import Ledger
import RefundPolicy
import Storage

/// A walk through a table in key order beside the walk through the orders: it stays where it is until the orders have come up to it.
///
/// Where orders in between need nothing it jumps with one search instead of reading what it passes.
final class FactCursor {
  private let rows: RawStatement
  private var isOn = false
  private var isStarted = false
  private var scratch: [UInt8] = []

  /// - Parameter sql: Rows whose first column is the order id, at or after the parameter `?1`, ascending.
  init(_ sql: String, on connection: Connection) throws { rows = try connection.prepare(sql) }

  /// Calls `body` with each row of the order; orders must be asked for in ascending order.
  func each(of orderID: UnsafeBufferPointer<UInt8>, _ body: (RawStatement) throws -> Void) throws {
    try advance(to: orderID)
    while isOn, FactCursor.compare(rows.bytes(0), orderID) == 0 {
      try body(rows)
      isOn = try rows.step()
    }
  }

  /// Whether a row of the order is there; nothing is consumed.
  func has(_ orderID: UnsafeBufferPointer<UInt8>) throws -> Bool {
    try advance(to: orderID)
    return isOn && FactCursor.compare(rows.bytes(0), orderID) == 0
  }

  /// Rows read past before a search is cheaper.
  private static let patience = 8

  private func advance(to orderID: UnsafeBufferPointer<UInt8>) throws {
    if isStarted {
      for _ in 0..<FactCursor.patience {
        guard isOn, FactCursor.compare(rows.bytes(0), orderID) < 0 else { return }
        isOn = try rows.step()
      }
      guard isOn, FactCursor.compare(rows.bytes(0), orderID) < 0 else { return }
    }
    isStarted = true
    rows.reset()
    try rows.bind(1, bytes: orderID)
    isOn = try rows.step()
  }

  /// Bytewise, as SQLite compares text.
  static func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
    let shared = min(left.count, right.count)
    for index in 0..<shared where left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
    return left.count - right.count
  }
}

/// Reads the facts of the orders that a night may have to decide, in key order over raw statements.
struct OrderReader {
  private let orders: RawStatement
  private let periods, usage, tickets, requests, items: FactCursor
  private let addons: RawStatement
  private let hasAddons: Bool
  private let faults: FaultIndex
  private let cut: Instant
  private let leastNumbers: PolicyNumbers
  private let isForOne: Bool

  /// - Parameter only: One order to read, whatever is the matter with it; nil reads all of them.
  init(_ connection: Connection, faults: FaultIndex, settings: SettingsHistory, asOf cut: Instant, only: String? = nil) throws {
    self.faults = faults
    isForOne = only != nil
    self.cut = cut
    leastNumbers = settings.least
    orders = try connection.prepare(
      """
      SELECT order_id, line, carrier, region, plan, provisioned_at, activated_at, ended_at, end_reason, voided FROM orders
      \(only == nil ? "" : "WHERE order_id = ?1") ORDER BY order_id
      """)
    if let only { try orders.bind(1, only) }
    periods = try FactCursor(
      """
      SELECT order_id, period_id, starts_on, ends_on, paid_cents, setup_fee_cents, paid_at, coin, network, voided FROM periods
      WHERE order_id >= ?1 ORDER BY order_id, period_id
      """, on: connection)
    usage = try FactCursor(
      """
      SELECT order_id, day, outbound_calls + outbound_sms, verifications FROM usage WHERE order_id >= ?1 AND voided = 0 ORDER BY order_id, day
      """, on: connection)
    tickets = try FactCursor(
      """
      SELECT order_id, ticket_id, opened_at, restored_at FROM restorations WHERE order_id >= ?1 AND voided = 0 ORDER BY order_id, ticket_id
      """, on: connection)
    requests = try FactCursor(
      "SELECT order_id, request_id, requested_at, address, network, tag FROM matched_requests WHERE order_id >= ?1 ORDER BY order_id, request_id",
      on: connection)
    items = try FactCursor("SELECT order_id FROM items WHERE order_id >= ?1 ORDER BY order_id", on: connection)
    addons = try connection.prepare("SELECT category, fee_cents, active_from, active_to FROM addons WHERE period_id = ?1 AND voided = 0")
    hasAddons = try connection.integer("SELECT EXISTS (SELECT 1 FROM addons)") == 1
  }

  /// An order that a night has to decide.
  struct Candidate {
    var facts: OrderFacts
    /// The days of its periods that were voided, which items may still hold.
    var voidedPeriods: [PeriodFacts]
    var isVoided: Bool
    var hasItems: Bool
  }

  /// Calls `body` with every order that a fault may qualify for, that has a request or an item, or that ended as withdrawn; the others are owed
  /// nothing and are passed by.
  ///
  /// - Returns: How many orders were looked at, those passed by included.
  mutating func each(_ body: (Candidate) throws -> Void) throws -> Int64 {
    var count: Int64 = 0
    while try orders.step() {
      count += 1
      let key = orders.bytes(0)
      let isVoided = orders.int(9) == 1
      let hasItems = try items.has(key)
      if isVoided && !hasItems && !isForOne { continue }
      let isWithdrawn = !orders.isNull(8) && orders.bytes(8).elementsEqual("withdrawn".utf8)
      let line = LineFacts(number: orders.text(1), carrier: orders.text(2), region: orders.text(3), plan: orders.text(4))
      var records = faults.isEmpty ? [] : faults.records(hitting: line)
      try tickets.each(of: key) {
        guard $0.instant(2) < cut else { return }
        records.append(FaultRecord(kind: .restoration, id: $0.text(1), start: $0.instant(2), end: $0.optionalInstant(3)))
      }
      let hasRequests = try requests.has(key)
      if !isForOne && !hasItems && !hasRequests && !isWithdrawn && !mayQualify(records) { continue }
      try body(candidate(key, line: line, records: records, isVoided: isVoided, hasItems: hasItems))
    }
    return count
  }

  /// Whether any fault of the records could qualify under the lowest thresholds there ever were.
  private func mayQualify(_ records: [FaultRecord]) -> Bool {
    !records.isEmpty && Fault.merged(records, asOf: cut).contains { $0.qualifies(under: leastNumbers, asOf: cut) }
  }

  private func candidate(
    _ key: UnsafeBufferPointer<UInt8>, line: LineFacts, records: [FaultRecord], isVoided: Bool, hasItems: Bool
  ) throws -> Candidate {
    var facts = OrderFacts(
      orderID: orders.text(0), line: line, provisionedAt: orders.optionalInstant(5), activatedAt: orders.optionalInstant(6), faults: records)
    if let at = orders.optionalInstant(7) {
      guard let reason = EndReason(rawValue: orders.text(8)) else {
        throw StorageError.refused(why: "order \(facts.orderID) ended for the unknown reason '\(orders.text(8))'")
      }
      facts.ended = OrderFacts.Ending(at: at, reason: reason)
    }
    var voided: [PeriodFacts] = []
    try periods.each(of: key) { row in
      let period = try self.period(row)
      if isVoided || row.int(9) == 1 { voided.append(period) } else { facts.periods.append(period) }
    }
    if facts.periods.count > 1 { facts.periods.sort { $0.days.first < $1.days.first } }
    if !isVoided {
      try usage.each(of: key) { facts.usage.append(UsageDay(day: $0.day(1), outbound: $0.int(2), verifications: $0.int(3))) }
      try requests.each(of: key) {
        facts.requests.append(
          RequestFacts(
            requestID: $0.text(1), requestedAt: $0.instant(2), address: $0.optionalText(3), network: $0.optionalText(4), tag: $0.optionalText(5)))
      }
    }
    return Candidate(facts: facts, voidedPeriods: voided, isVoided: isVoided, hasItems: hasItems)
  }

  private func period(_ row: RawStatement) throws -> PeriodFacts {
    guard let days = DayRange(row.day(2), upTo: row.day(3)) else {
      throw StorageError.refused(why: "period \(row.text(1)) has no days")
    }
    var period = PeriodFacts(
      periodID: row.text(1), days: days, paid: Cents(row.int(4)), setupFee: Cents(row.int(5)), paidAt: row.instant(6), coin: row.text(7),
      network: row.optionalText(8))
    if hasAddons {
      try addons.bind(1, bytes: row.bytes(1))
      while try addons.step() {
        guard let category = AddonCategory(rawValue: addons.text(0)) else {
          throw StorageError.refused(why: "an add-on of period \(period.periodID) has the unknown category '\(addons.text(0))'")
        }
        period.addons.append(
          AddonFacts(category: category, fee: Cents(addons.int(1)), activeFrom: addons.optionalInstant(2), activeTo: addons.optionalInstant(3)))
      }
      addons.reset()
    }
    return period
  }
}

extension SettingsHistory {
  /// The lowest thresholds there ever were, the defaults included.
  var least: PolicyNumbers {
    sets.reduce(into: PolicyNumbers()) { least, set in
      least.outageOverHours = min(least.outageOverHours, set.policy.outageOverHours)
      least.troubleshootingOverHours = min(least.troubleshootingOverHours, set.policy.troubleshootingOverHours)
      least.featureOverDays = min(least.featureOverDays, set.policy.featureOverDays)
    }
  }
}
