import Facts
import Ledger
import RefundPolicy

/// Turns what the policy says of an order into items, where nothing is known of it but its own rows; nothing of the ledger is asked.
final class PlainSettlement: Sendable {
  let settings: SettingsHistory
  let operating: OperatingNumbers
  let businessDay: ServiceDay
  private let promisedTonight: ServiceDay
  private var cut: Instant { businessDay.end }

  init(settings: SettingsHistory, operating: OperatingNumbers, businessDay: ServiceDay) {
    (self.settings, self.operating, self.businessDay) = (settings, operating, businessDay)
    promisedTonight = operating.promisedDay(from: businessDay, isAutomatic: false)
  }

  /// What an order is owed: what ``OrderSettlement/settle(_:)`` does of one without items and requests, and no more.
  ///
  /// - Parameters:
  ///   - order: Is only read; but to hand on a copy is to count who holds each of its parts.
  ///   - faults: Those of its line as of the date.
  ///   - orders: Takes the items.
  /// - Returns: Nil where nothing is owed and time alone changes nothing.
  func settle(_ order: inout PlainOrder, _ faults: LineFaults, into orders: inout SettledOrders) -> SettledOrder? {
    let first = orders.entries.count
    for index in order.periods.indices where order.periods[index].terms.isKnown(asOf: cut) {
      order.service.entitle(order.periods[index].terms, faults: faults, asOf: cut, to: &orders.entitlement)
      if orders.entitlement.stretches.isEmpty { continue }
      Settlement.find(pendingOf: order.periods[index].terms.days, orders.entitlement, to: &orders.pending)
      let row = order.periods[index].row
      guard
        let terms = terms(
          order.periods[index].terms, coin: order.rows.periods[row].coin.string, orders.entitlement, orders.pending, openedOn: businessDay,
          payee: .unknown, answered: nil, wasVerified: order.service.wasVerified(asOf: cut))
      else { continue }
      unsafe orders.entries.append(
        orders.openings.add(
          order: order.rows.order.id.bytes, period: order.rows.periods[row].id.bytes, coin: order.rows.periods[row].coin.bytes,
          network: order.rows.periods[row].network.bytes, terms, orders.pending))
    }
    let due = order.rows.due(from: cut, faults, ticketsDue: nil, hasRequests: false)
    if due == nil && first == orders.entries.count { return nil }
    return unsafe SettledOrder(orderID: orders.openings.keep(order.rows.order.id.bytes), due: due, entries: first..<orders.entries.count)
  }

  /// The figures of an item as it should stand now; nil where nothing is pending.
  ///
  /// - Parameters:
  ///   - answered: The day of the earliest request that it answers (Q5).
  ///   - wasVerified: Whether the line was used for SMS verification (N3).
  func terms(
    _ period: PeriodTerms, coin: String, _ entitlement: Entitlement, _ pending: [ItemStretch], openedOn: ServiceDay, payee: Payee,
    answered: ServiceDay?, wasVerified: Bool
  ) -> ItemTerms? {
    guard let first = pending.first?.days.first, let last = pending.last?.days.last else { return nil }
    var (amount, base) = (Cents.zero, entitlement.proration.base)
    var dayCount = 0
    for index in pending.indices {
      amount += pending[index].amount
      base = max(base, pending[index].base)
      dayCount += pending[index].days.dayCount
    }
    var flags = payee.flags
    if entitlement.isFaultOpen { flags.insert(.faultOpen) }
    if entitlement.isOpenLong(overDays: operating.faultOpenMaxDays, asOf: cut) { flags.insert(.openLong) }
    if entitlement.isUsedDuringFault { flags.insert(.usedDuringFault) }
    if entitlement.isLate { flags.insert(.lateRequest) }
    if !entitlement.isAutomatic && wasVerified { flags.insert(.verificationUsed) }
    if !entitlement.isAutomatic && amount >= operating.secondApproval { flags.insert(.secondApproval) }
    let promised = promised(from: answered ?? openedOn, isAutomatic: entitlement.isAutomatic)
    return ItemTerms(
      amount: amount, dayCount: dayCount, firstDay: first, lastDay: last, base: base, paid: period.paid, period: period.days, flags: flags,
      dueOn: operating.dueDay(promised: promised, coin: coin))
  }

  /// Most items of a night are opened by it and answer no request: one day is promised for all of them.
  private func promised(from start: ServiceDay, isAutomatic: Bool) -> ServiceDay {
    start == businessDay && !isAutomatic ? promisedTonight : operating.promisedDay(from: start, isAutomatic: isAutomatic)
  }
}

/// A plain order with the items that are to be opened for it.
struct SettledOrder: Sendable {
  var orderID: Openings.Text
  /// From when on time alone may decide it otherwise; nil where it cannot.
  var due: Instant?
  var entries: Range<Int>
}

/// Plain orders one after the other, with the texts and entries that they name.
struct SettledOrders: Sendable {
  let openings: Openings
  var entries: [Openings.Entry] = []
  // Of the period at hand; kept, so that there is room.
  fileprivate var entitlement = Entitlement.nothing(inDays: 1)
  fileprivate var pending: [ItemStretch] = []

  init(capacity: Int = 8192) { openings = Openings(capacity: capacity) }

  mutating func clear() {
    openings.clear()
    entries.removeAll(keepingCapacity: true)
  }
}
