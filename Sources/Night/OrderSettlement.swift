import AuditLog
import Ledger
import RefundPolicy
import Storage

/// Turns what the policy says of one order into items, decisions and exceptions of a run.
struct OrderSettlement {
  let recorder: RunRecorder
  /// The only service days that may change, for a rerun; nil for a nightly.
  let window: DayRange?
  let drafting: ItemDrafting
  /// Periods that corrections gave to another order: their items may be of an order that has none itself.
  let moved: MovedPeriods

  private var common: PlainSettlement { drafting.common }
  private var cut: Instant { common.businessDay.end }

  /// - Returns: Whether the next night has to look at the order again whatever comes: a request waits (Q2), or an item for usage (G4).
  func settle(_ candidate: OrderReader.Candidate) throws -> Bool {
    let facts = candidate.facts
    if window != nil {
      guard (facts.periods + candidate.voidedPeriods).contains(where: isInWindow) else { return false }
    }
    try recorder.lookAt(order: { facts.orderID })
    var opened: [ItemWithDays] = []
    let decision = facts.decide(settings: common.settings, asOf: cut, lineFaults: candidate.faults)
    for (period, entitlement) in zip(facts.periods, decision.entitlements) {
      let isKnown = entitlement != nil
      let entitlement = entitlement ?? .nothing(in: period.terms)
      let mayHaveItems = candidate.hasItems || moved.periods.contains(period.periodID)
      if entitlement.stretches.isEmpty && !mayHaveItems { continue }
      try settle(period, entitlement, isKnown: isKnown, mayHaveItems: mayHaveItems, facts: facts, decision: decision, &opened)
    }
    for period in candidate.voidedPeriods where candidate.hasItems || moved.periods.contains(period.periodID) {
      try settle(period, .nothing(in: period.terms), isKnown: false, mayHaveItems: true, facts: facts, decision: decision, &opened)
    }
    if candidate.hasItems && window == nil && moved.formerOrders.contains(facts.orderID) { try withdrawItems(ofPeriodsMovedAway: candidate) }
    if decision.isWithdrawnWithoutRecord && !candidate.isVoided {
      try recorder.note(
        RecordedException(
          kind: .withdrawnWithoutRecord, subject: facts.orderID, orderID: facts.orderID, periodID: nil, amount: .zero,
          explanation: "The order ended as withdrawn, but no withdrawal record says so; nothing is refunded without one (P1)."))
    }
    if !facts.requests.isEmpty {
      let items = candidate.hasItems ? try recorder.items(ofOrder: facts.orderID) : opened
      for (request, outcome) in zip(facts.requests, decision.requests) {
        if let outcome { try record(request, outcome, facts: facts, items: items) }
      }
    }
    let waitsForUsage = decision.entitlements.contains { $0.map(drafting.waitsForUsage) ?? false }
    return waitsForUsage || decision.requests.contains { if case .waiting? = $0 { true } else { false } }
  }

  /// Opens what a plain order is owed.
  func open(_ order: SettledOrder, of orders: SettledOrders) throws {
    try recorder.lookAt(order: { unsafe String(decoding: orders.openings.bytes(order.orderID), as: UTF8.self) })
    for index in order.entries { try recorder.open(orders.entries[index], of: order.orderID, in: orders.openings) }
  }

  private func isInWindow(_ period: PeriodFacts) -> Bool { window.map { period.days.intersection($0) != nil } ?? true }

  /// What is pending for a period that a correction gave to another order is withdrawn here; what is committed is settled there.
  private func withdrawItems(ofPeriodsMovedAway candidate: OrderReader.Candidate) throws {
    let here = Set((candidate.facts.periods + candidate.voidedPeriods).map(\.periodID))
    for entry in try recorder.items(ofOrder: candidate.facts.orderID)
    where entry.item.state.isUndecided && !here.contains(entry.item.periodID) {
      try recorder.withdraw(entry.item)
    }
  }

  /// - Parameters:
  ///   - isKnown: Whether the period has a base: it is paid for as of the date, and not void.
  ///   - opened: Takes what is opened.
  private func settle(
    _ period: PeriodFacts, _ entitlement: Entitlement, isKnown: Bool, mayHaveItems: Bool, facts: OrderFacts, decision: OrderDecision,
    _ opened: inout [ItemWithDays]
  ) throws {
    var held = mayHaveItems ? try recorder.items(ofPeriod: period.periodID, ofOrder: facts.orderID) : []
    // A rerun tells what is wrong with any period of an order that it looks at, and changes those that touch its days.
    let isInWindow = isInWindow(period)
    for entry in held where isInWindow && entry.item.state.isUndecided && entry.item.orderID != facts.orderID {
      try recorder.withdraw(entry.item)
    }
    held.removeAll { $0.item.state.isUndecided && $0.item.orderID != facts.orderID }
    if entitlement.stretches.isEmpty && held.isEmpty { return }
    var settlement = Settlement(period: period.days, entitlement: entitlement, items: held.map(LedgerItem.init), within: window)
    if isInWindow {
      // Where there never was an item there was no other base; one that was withdrawn may have left one.
      if isKnown && mayHaveItems { try noteBase(of: period, entitlement, held, settlement.pending) }
      let isPlain = !mayHaveItems && facts.requests.isEmpty
      try settle(settlement.pending, period, entitlement, held, isPlain: isPlain, facts: facts, decision: decision, &opened)
      if entitlement.isAutomatic && !settlement.pending.isEmpty {
        // What the policy has just approved is committed too, and may be worth more than was left of the base (P5).
        let items = try recorder.items(ofPeriod: period.periodID, ofOrder: facts.orderID).map(LedgerItem.init)
        settlement = Settlement(period: period.days, entitlement: entitlement, items: items)
      }
    }
    if isInWindow { for entry in held where entry.item.state == .approved { try readdress(entry, facts, decision) } }
    for difference in settlement.differences {
      try recorder.note(
        RecordedException(
          kind: difference.kind.exception, subject: difference.item.description, orderID: facts.orderID, periodID: period.periodID,
          amount: difference.amount, explanation: Explanation.difference(difference)))
    }
  }

  private func noteBase(
    of period: PeriodFacts, _ entitlement: Entitlement, _ held: [ItemWithDays], _ pending: [ItemStretch]
  ) throws {
    let base = entitlement.proration.base
    let isOther = (held.map(\.item.base) + pending.map(\.base)).contains { $0 != base }
    try recorder.noteBase(base, ofPeriod: period.periodID, isOtherThanDecided: isOther)
  }

  /// Makes the period's undecided item what it should be.
  private func settle(
    _ owed: [ItemStretch], _ period: PeriodFacts, _ entitlement: Entitlement, _ held: [ItemWithDays],
    isPlain: Bool, facts: OrderFacts, decision: OrderDecision, _ opened: inout [ItemWithDays]
  ) throws {
    let current = held.first { $0.item.state.isUndecided }
    let (pending, isCorrected) = ItemDrafting.corrected(owed, by: current)
    switch (current, pending.isEmpty) {
    case (nil, true): break
    case (nil, false):
      opened.append(
        try recorder.open(try draft(nil, period, entitlement, pending, facts, decision), days: pending, isPlain: isPlain))
    case (let current?, true): try recorder.withdraw(current.item)
    case (let current?, false):
      var new = try draft(current.item, period, entitlement, pending, facts, decision)
      if isCorrected { new.flags.formUnion(.corrected) }
      let areKept = current.stretches == pending
      if !areKept && !current.stretches.isSameRefund(as: pending) {
        try recorder.restate(current.item, as: new, days: pending)
      } else if (new.isAutomatic && new.state == .pending) || new.state != current.item.state || !areKept || isOtherwiseToTell(new, current.item) {
        try recorder.annotate(current.item, as: new, days: pending, areKept: areKept)
      }
    }
  }

  private func draft(
    _ former: Item?, _ period: PeriodFacts, _ entitlement: Entitlement, _ pending: [ItemStretch], _ facts: OrderFacts, _ decision: OrderDecision
  ) throws -> Item {
    drafting.item(
      former, id: recorder.nextID, run: recorder.run, period, entitlement, pending, facts: facts, decision: decision,
      hasEndTakenBack: try entitlement.isAutomatic && recorder.hasEndTakenBack(order: facts.orderID))
  }

  /// Q4: an approved item without a valid address takes that of the latest request; one that has one keeps it, and tells that a later request gives
  /// another.
  private func readdress(_ entry: ItemWithDays, _ facts: OrderFacts, _ decision: OrderDecision) throws {
    let item = entry.item
    guard item.orderID == facts.orderID else { return }
    let payee = Payee(in: item.coin, on: item.network, requests: facts.requests, decisions: decision.requests, drafting.payees)
    guard payee.address != nil else { return }
    let isSame = item.isPaid(to: payee.address, tag: payee.tag, on: payee.askedNetwork)
    var new = item
    if item.flags.isDisjoint(with: .withoutAddress) {
      new.flags.subtract(.newerAddress)
      if !isSame { new.flags.insert(.newerAddress) }
    } else if !isSame || payee.flags.contains(.invalidAddress) != item.flags.contains(.invalidAddress) {
      (new.address, new.tag, new.askedNetwork) = (payee.address, payee.tag, payee.askedNetwork)
      new.flags.subtract(.withoutAddress)
      new.flags.formUnion(payee.flags)
      // G1 Two people approved it and saw no address: one of them has to see this one.
      let neededTwo = !item.isAutomatic && (item.flags.contains(.secondApproval) || item.amount >= common.operating.secondApproval)
      if payee.flags.isEmpty && neededTwo { new.flags.insert(.unconfirmedAddress) }
    }
    if new != item { try recorder.annotate(item, as: new, days: entry.stretches, areKept: true) }
  }

  /// A rerun leaves flags and promises to the next night; where the money goes it tells.
  private func isOtherwiseToTell(_ new: Item, _ former: Item) -> Bool {
    if window == nil { return new != former }
    return [new.address, new.tag, new.coin, new.network, new.askedNetwork]
      != [former.address, former.tag, former.coin, former.network, former.askedNetwork]
  }

  private func record(
    _ request: RequestFacts, _ outcome: RequestDecision, facts: OrderFacts, items: [ItemWithDays]
  ) throws {
    let answering = items.filter { entry in
      guard entry.item.state.isUndecided || entry.item.state.isCommitted,
        let period = facts.periods.first(where: { $0.periodID == entry.item.periodID })
      else { return false }
      return drafting.answers(outcome, entry.stretches, in: period, of: facts)
    }.map(\.item)
    try recorder.decide(
      RecordedDecision(
        requestID: request.requestID, orderID: facts.orderID, requestedAt: request.requestedAt, verdict: outcome.verdict,
        clause: outcome.clause, items: answering.map(\.id), explanation: facts.explanation(of: outcome, request, items: answering, drafting.payees)))
  }
}

extension LedgerItem {
  init(_ entry: ItemWithDays) {
    self.init(
      id: entry.item.id, state: entry.item.state, stretches: entry.stretches, period: entry.item.period,
      isCorrected: entry.item.flags.contains(.corrected))
  }
}

/// The periods that corrections gave to another order.
struct MovedPeriods {
  private(set) var periods: Set<String> = []
  /// The orders that have them now.
  private(set) var orders: Set<String> = []
  /// Each with an order that had it before.
  private(set) var former: [(period: String, order: String)] = []
  private(set) var formerOrders: Set<String> = []

  init(_ connection: Connection) throws {
    // By the index of these alone: SQLite would rather go through every correction of a period.
    let rows = try connection.prepare(
      """
      SELECT key, order_id, json_extract(before, '$.order_id') FROM fact_changes INDEXED BY period_moved
      WHERE table_name = 'periods' AND json_extract(before, '$.order_id') IS NOT NULL
      """)
    while try rows.step() {
      periods.insert(rows.text(0))
      orders.insert(rows.text(1))
      former.append((rows.text(0), rows.text(2)))
      formerOrders.insert(rows.text(2))
    }
  }

  /// What is wrong with the imports that tell of such corrections.
  static func findings(on connection: Connection, _ acts: ActCheck) throws -> [Finding] {
    let rows = try connection.prepare(
      """
      SELECT DISTINCT import_id FROM fact_changes INDEXED BY period_moved
      WHERE table_name = 'periods' AND json_extract(before, '$.order_id') IS NOT NULL
      """)
    var findings: [Finding] = []
    while try rows.step() { if let finding = try acts.finding(.imported, rows.int(0)) { findings.append(finding) } }
    return findings
  }
}
