import Ledger
import RefundPolicy
import Storage

/// Turns what the policy says of one order into items, decisions and exceptions of a run.
struct OrderSettlement {
  let recorder: RunRecorder
  let settings: SettingsHistory
  let operating: OperatingNumbers
  let payees: PayeeCheck
  let businessDay: ServiceDay
  /// The only service days that may change, for a rerun; nil for a nightly.
  let window: DayRange?
  /// Periods that a correction gave to another order: their items may be of an order that has none itself.
  let movedPeriods: Set<String>

  private let promisedTonight: ServiceDay
  private var cut: Instant { businessDay.end }

  init(
    recorder: RunRecorder, settings: SettingsHistory, operating: OperatingNumbers, payees: PayeeCheck, businessDay: ServiceDay, window: DayRange?,
    movedPeriods: Set<String>
  ) {
    (self.recorder, self.settings, self.operating, self.payees) = (recorder, settings, operating, payees)
    (self.businessDay, self.window, self.movedPeriods) = (businessDay, window, movedPeriods)
    promisedTonight = operating.promisedDay(from: businessDay, isAutomatic: false)
  }

  /// - Returns: Whether a request of the order is to wait (Q2).
  func settle(_ candidate: OrderReader.Candidate) throws -> Bool {
    let facts = candidate.facts
    if window != nil {
      guard (facts.periods + candidate.voidedPeriods).contains(where: isInWindow) else { return false }
    }
    try recorder.lookAt(order: { facts.orderID })
    let decision = facts.decide(settings: settings, asOf: cut, merged: candidate.faults)
    for (period, entitlement) in zip(facts.periods, decision.entitlements) {
      let isKnown = entitlement != nil
      let entitlement = entitlement ?? .nothing(in: period.terms)
      let mayHaveItems = candidate.hasItems || movedPeriods.contains(period.periodID)
      if entitlement.stretches.isEmpty && !mayHaveItems { continue }
      try settle(period, entitlement, isKnown: isKnown, mayHaveItems: mayHaveItems, facts: facts, decision: decision)
    }
    for period in candidate.voidedPeriods where candidate.hasItems || movedPeriods.contains(period.periodID) {
      try settle(period, .nothing(in: period.terms), isKnown: false, mayHaveItems: true, facts: facts, decision: decision)
    }
    if candidate.hasItems && window == nil { try withdrawItems(ofPeriodsMovedAway: candidate) }
    if decision.isWithdrawnWithoutRecord && !candidate.isVoided {
      try recorder.note(
        RecordedException(
          kind: .withdrawnWithoutRecord, subject: facts.orderID, orderID: facts.orderID, periodID: nil, amount: .zero,
          explanation: "The order ended as withdrawn, but no withdrawal record says so; nothing is refunded without one (P1)."))
    }
    if !facts.requests.isEmpty {
      let items = try recorder.items(ofOrder: facts.orderID)
      for (request, outcome) in zip(facts.requests, decision.requests) {
        if let outcome { try record(request, outcome, facts: facts, items: items) }
      }
    }
    return decision.requests.contains { if case .waiting? = $0 { true } else { false } }
  }

  /// Opens what an order is owed of which nothing is known but its rows: what ``settle(_:)`` does of one without items and requests, and no more.
  func settle(_ order: PlainOrder, _ faults: [Fault]) throws {
    try recorder.lookAt(order: { order.orderID })
    for index in order.periods.indices where order.periods[index].terms.isKnown(asOf: cut) {
      let entitlement = order.service.entitlement(for: order.periods[index].terms, faults: faults, settings: settings, asOf: cut)
      if entitlement.stretches.isEmpty { continue }
      let pending = Settlement(period: order.periods[index].terms.days, entitlement: entitlement, items: []).pending
      if pending.isEmpty { continue }
      let item = item(
        nil, order.facts(of: index), entitlement, pending, orderID: order.orderID, payee: .unknown, answered: nil,
        wasVerified: order.service.wasVerified(asOf: cut))
      try recorder.open(item, days: pending, isPlain: true)
    }
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

  /// - Parameter isKnown: Whether the period has a base: it is paid for as of the date, and not void.
  private func settle(
    _ period: PeriodFacts, _ entitlement: Entitlement, isKnown: Bool, mayHaveItems: Bool, facts: OrderFacts, decision: OrderDecision
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
      try settle(settlement.pending, period, entitlement, held, isPlain: isPlain, facts: facts, decision: decision)
      if entitlement.isAutomatic && !settlement.pending.isEmpty {
        // What the policy has just approved is committed too, and may be worth more than was left of the base (P5).
        let items = try recorder.items(ofPeriod: period.periodID, ofOrder: facts.orderID).map(LedgerItem.init)
        settlement = Settlement(period: period.days, entitlement: entitlement, items: items)
      }
    }
    for difference in settlement.differences {
      try recorder.note(
        RecordedException(
          kind: difference.kind, subject: difference.item.description, orderID: facts.orderID, periodID: period.periodID,
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
    isPlain: Bool, facts: OrderFacts, decision: OrderDecision
  ) throws {
    let current = held.first { $0.item.state.isUndecided }
    var pending = owed
    // D2 A correction stands until the days that it corrected change.
    let isCorrected = current.map { $0.item.flags.contains(.corrected) && pending.coversSame(as: $0.stretches) } ?? false
    if let current, isCorrected { pending = current.stretches }
    func draft(_ former: Item?) -> Item {
      item(
        former, period, entitlement, pending, orderID: facts.orderID,
        payee: Payee(of: period, requests: facts.requests, decisions: decision.requests, payees),
        answered: earliestRequest(answeredBy: pending, of: period, facts: facts, decision: decision),
        wasVerified: facts.service.wasVerified(asOf: cut))
    }
    switch (current, pending.isEmpty) {
    case (nil, true): break
    case (nil, false):
      let draft = draft(nil)
      try recorder.open(draft, days: pending, isPlain: isPlain)
    case (let current?, true): try recorder.withdraw(current.item)
    case (let current?, false):
      var new = draft(current.item)
      if isCorrected { new.flags.formUnion(.corrected) }
      if !current.stretches.isSameRefund(as: pending) {
        try recorder.restate(current.item, as: new, days: pending)
      } else if (new.isAutomatic && new.state == .pending) || current.stretches != pending || isOtherwiseToTell(new, current.item) {
        try recorder.annotate(current.item, as: new, days: pending)
      }
    }
  }

  /// A rerun leaves flags and promises to the next night; where the money goes it tells.
  private func isOtherwiseToTell(_ new: Item, _ former: Item) -> Bool {
    window == nil ? new != former : [new.address, new.tag, new.coin, new.network] != [former.address, former.tag, former.coin, former.network]
  }

  /// The item as it should stand now.
  ///
  /// - Parameters:
  ///   - answered: The day of the earliest request that it answers (Q5).
  ///   - wasVerified: Whether the line was used for SMS verification (N3).
  private func item(
    _ former: Item?, _ period: PeriodFacts, _ entitlement: Entitlement, _ pending: [ItemStretch], orderID: String, payee: Payee,
    answered: ServiceDay?, wasVerified: Bool
  ) -> Item {
    let openedOn = former?.openedOn ?? businessDay
    var (amount, base) = (Cents.zero, entitlement.proration.base)
    var dayCount = 0
    var causes = CauseSet()
    for index in pending.indices {
      amount += pending[index].amount
      base = max(base, pending[index].base)
      dayCount += pending[index].days.dayCount
      causes.formUnion(CauseSet(pending[index].cause))
    }
    var flags = payee.flags
    if entitlement.isFaultOpen { flags.insert(.faultOpen) }
    if !entitlement.isAutomatic && wasVerified { flags.insert(.verificationUsed) }
    if !entitlement.isAutomatic && amount >= operating.secondApproval { flags.insert(.secondApproval) }
    // What people and earlier nights noted on it.
    if let former { flags.formUnion(former.flags.intersection([.nightLimit, .oneApproval])) }
    return Item(
      id: former?.id ?? recorder.nextID, orderID: orderID, periodID: period.periodID, coin: period.coin, network: period.network,
      openedOn: openedOn, state: former?.state ?? .pending, isAutomatic: entitlement.isAutomatic, amount: amount,
      dayCount: dayCount, firstDay: pending.first?.days.first, lastDay: pending.last?.days.last, base: base, paid: period.paid,
      period: period.days, causes: causes, flags: flags,
      dueOn: operating.dueDay(promised: promised(from: answered ?? openedOn, isAutomatic: entitlement.isAutomatic), coin: period.coin),
      address: payee.address, tag: payee.tag, run: former?.run ?? recorder.run, version: former?.version ?? 1,
      revision: former?.revision ?? 1, reviewID: former?.reviewID)
  }

  /// Most items of a night are opened by it and answer no request: one day is promised for all of them.
  private func promised(from start: ServiceDay, isAutomatic: Bool) -> ServiceDay {
    start == businessDay && !isAutomatic ? promisedTonight : operating.promisedDay(from: start, isAutomatic: isAutomatic)
  }

  /// The day of the earliest request that the pending days answer (Q5).
  private func earliestRequest(answeredBy pending: [ItemStretch], of period: PeriodFacts, facts: OrderFacts, decision: OrderDecision) -> ServiceDay? {
    if facts.requests.isEmpty { return nil }
    return zip(facts.requests, decision.requests)
      .filter { request, outcome in outcome.map { answers($0, pending, in: period, of: facts) } ?? false }
      .map { $0.0.requestedAt.day }.min()
  }

  /// Whether days of a period are what a request was granted.
  private func answers(_ outcome: RequestDecision, _ days: [ItemStretch], in period: PeriodFacts, of facts: OrderFacts) -> Bool {
    switch outcome {
    case .granted(_, let periods): periods.contains { facts.periods[$0].periodID == period.periodID }
    case .partlyGranted(let grant):
      days.contains { stretch in
        stretch.days.last >= grant.from
          || grant.faults.contains { fault in
            guard let touched = Interval(fault.start, fault.end)?.days(upTo: period.days.end) else { return false }
            return touched.intersection(stretch.days) != nil
          }
      }
    case .waiting, .denied, .unmatched: false
    }
  }

  private func record(
    _ request: RequestFacts, _ outcome: RequestDecision, facts: OrderFacts, items: [ItemWithDays]
  ) throws {
    let answering = items.filter { entry in
      guard entry.item.state.isUndecided || entry.item.state.isCommitted,
        let period = facts.periods.first(where: { $0.periodID == entry.item.periodID })
      else { return false }
      return answers(outcome, entry.stretches, in: period, of: facts)
    }
    try recorder.decide(
      RecordedDecision(
        requestID: request.requestID, orderID: facts.orderID, requestedAt: request.requestedAt, verdict: outcome.verdict,
        clause: outcome.clause, items: answering.map(\.item.id), explanation: Explanation.request(outcome)))
  }
}

extension LedgerItem {
  fileprivate init(_ entry: ItemWithDays) {
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
    }
  }
}
