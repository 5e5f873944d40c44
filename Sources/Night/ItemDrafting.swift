import Ledger
import RefundPolicy

/// Makes of what a period is owed the item as it should be now: for a run, and for a person who reopens one.
struct ItemDrafting {
  /// What it has in common with orders that nothing but rows is known of.
  let common: PlainSettlement
  let payees: PayeeCheck
  /// Up to when usage is known (G4); nil where no import ever contained it.
  let usageKnownAt: Instant?

  private var cut: Instant { common.businessDay.end }

  /// G4: whether usage is not known yet through the day of the request that W1 grants.
  func waitsForUsage(_ entitlement: Entitlement) -> Bool {
    guard let day = entitlement.usageNeededThrough else { return false }
    return usageKnownAt.map { $0 < day.end } ?? true
  }

  /// What the policy's own approval waits for (G4, G5).
  private func waits(_ entitlement: Entitlement, hasEndTakenBack: Bool) -> FlagSet {
    if !entitlement.isAutomatic { return [] }
    var waits: FlagSet = waitsForUsage(entitlement) ? .usageMissing : []
    if hasEndTakenBack { waits.insert(.endTakenBack) }
    return waits
  }

  /// D2: what is pending where a person corrected it: a correction stands until the days that it corrected change.
  static func corrected(_ owed: [ItemStretch], by current: ItemWithDays?) -> (pending: [ItemStretch], isCorrected: Bool) {
    guard let current, current.item.flags.contains(.corrected), owed.coversSame(as: current.stretches) else { return (owed, false) }
    return (current.stretches, true)
  }

  /// The item as it should stand now; one to be opened gets its id and run when it is.
  func item(
    _ former: Item?, id: ItemID, run: RunID, _ period: PeriodFacts, _ entitlement: Entitlement, _ pending: [ItemStretch], facts: OrderFacts,
    decision: OrderDecision, hasEndTakenBack: Bool
  ) -> Item {
    let payee = Payee(in: period.coin, on: period.network, requests: facts.requests, decisions: decision.requests, payees)
    let openedOn = former?.openedOn ?? common.businessDay
    let terms = common.terms(
      period.terms, coin: period.coin, entitlement, pending, openedOn: openedOn, payee: payee,
      answered: earliestRequest(answeredBy: pending, of: period, facts: facts, decision: decision),
      wasVerified: facts.service.wasVerified(asOf: cut))
    guard var terms else { preconditionFailure("there are days pending") }
    // What people and earlier nights noted on it.
    if let former { terms.flags.formUnion(former.flags.intersection(.oneApproval)) }
    let holding = Holding(
      former: former?.state, formerFlags: former?.flags ?? [], waits: waits(entitlement, hasEndTakenBack: hasEndTakenBack))
    terms.flags.formUnion(holding.guards)
    return Item(
      id: former?.id ?? id, orderID: facts.orderID, periodID: period.periodID, coin: period.coin, network: period.network,
      openedOn: openedOn, state: holding.state, isAutomatic: entitlement.isAutomatic, amount: terms.amount, dayCount: terms.dayCount,
      firstDay: terms.firstDay, lastDay: terms.lastDay, base: terms.base, paid: terms.paid, period: terms.period,
      causes: CauseSet(pending.map(\.cause)), flags: terms.flags, dueOn: terms.dueOn, address: payee.address, tag: payee.tag,
      run: former?.run ?? run, version: former?.version ?? 1, revision: former?.revision ?? 1, reviewID: former?.reviewID,
      askedNetwork: payee.askedNetwork)
  }

  /// The day of the earliest request that the pending days answer (Q5).
  private func earliestRequest(answeredBy pending: [ItemStretch], of period: PeriodFacts, facts: OrderFacts, decision: OrderDecision) -> ServiceDay? {
    if facts.requests.isEmpty { return nil }
    return zip(facts.requests, decision.requests)
      .filter { request, outcome in
        // A message that only brings an address asks for nothing.
        if case .address? = outcome { return false }
        return outcome.map { answers($0, pending, in: period, of: facts) } ?? false
      }
      .map { $0.0.requestedAt.day }.min()
  }

  /// Whether days of a period are what a request was granted.
  func answers(_ outcome: RequestDecision, _ days: [ItemStretch], in period: PeriodFacts, of facts: OrderFacts) -> Bool {
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
    case .address(let earlier, _): answers(earlier, days, in: period, of: facts)
    case .waiting, .denied, .unmatched: false
    }
  }
}

extension OrderFacts {
  /// What a request is told; an address that it brings, by what became of it.
  ///
  /// - Parameter items: Those that answer it.
  func explanation(of outcome: RequestDecision, _ request: RequestFacts, items: [Item], _ payees: PayeeCheck) -> String {
    guard case .address(_, let earlier) = outcome else { return Explanation.request(outcome) }
    return Explanation.address(fate(of: request, items: items, payees), forRequest: earlier)
  }

  private func fate(of request: RequestFacts, items: [Item], _ payees: PayeeCheck) -> AddressFate {
    guard let first = items.first else { return .unused }
    if let item = items.first(where: { $0.isPaid(to: request.address, tag: request.tag, on: request.network) }) {
      return payees.obstacle(of: item).map { .invalid($0) } ?? .taken
    }
    let isLast = !requests.contains { $0.address != nil && request.precedes($0) }
    if !isLast { return .superseded }
    // A decided item without a valid address has taken it by now; an undecided one too.
    return first.state.isUndecided ? .superseded : .kept
  }
}

extension Item {
  /// Whether it is to be paid where a request says.
  func isPaid(to address: String?, tag: String?, on network: String?) -> Bool {
    (self.address, self.tag, askedNetwork) == (address, tag, network)
  }
}
