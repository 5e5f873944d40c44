/// An unbroken stretch of an item's days, with what they are worth together.
package struct ItemStretch: Hashable, Sendable {
  package var days: DayRange
  package var cause: Cause
  package var evidence: String
  package var amount: Cents

  package init(days: DayRange, cause: Cause, evidence: String, amount: Cents) {
    (self.days, self.cause, self.evidence, self.amount) = (days, cause, evidence, amount)
  }
}

/// An item of the ledger as settlement needs to see it.
package struct LedgerItem: Hashable, Sendable {
  package var id: ItemID
  package var state: ItemState
  /// Ascending, not overlapping.
  package var stretches: [ItemStretch]
  /// The daily shares a committed item's days were committed at.
  package var proration: Proration

  package init(id: ItemID, state: ItemState, stretches: [ItemStretch], proration: Proration) {
    (self.id, self.state, self.stretches, self.proration) = (id, state, stretches, proration)
  }

  package var amount: Cents { stretches.total }
}

extension [ItemStretch] {
  package var total: Cents { reduce(.zero) { $0 + $1.amount } }
  package var dayCount: Int { reduce(0) { $0 + $1.days.dayCount } }
}

/// What a period's entitlement means for its items: what should be pending now, and what was committed and is no longer right.
package struct Settlement: Hashable, Sendable {
  /// The days entitled, neither committed nor barred, at their shares now; empty when they are together worth nothing.
  package var pending: [ItemStretch]
  /// Committed days that are not owed any more, or were committed at another amount than they are worth now (D2, P5).
  package var differences: [Difference]

  /// What one committed item paid too much or too little.
  package struct Difference: Hashable, Sendable {
    package var item: ItemID
    package var kind: ExceptionKind
    /// Never zero.
    package var amount: Cents
  }

  /// Settles one period (contract 3).
  ///
  /// - Parameters:
  ///   - period: All days of the period.
  ///   - entitlement: What it is owed as of the date.
  ///   - items: Every item of the period, whatever its state.
  package init(period: DayRange, entitlement: Entitlement, items: [LedgerItem]) {
    let proration = entitlement.proration
    func share(_ days: DayRange) -> Cents { PeriodFacts.share(of: days, in: period, proration) }

    // Days a person or an earlier night has decided: committed ones are spent, rejected ones are barred for every cause.
    let taken = items.filter { $0.state.isCommitted || $0.state == .rejected }.flatMap(\.stretches).sorted { $0.days.first < $1.days.first }
    let committed = items.filter(\.state.isCommitted)

    // P5 All of a period together never more than the larger of the base now and what is committed: day by day, until that is reached.
    let spent = committed.reduce(Cents.zero) { $0 + $1.amount }
    var room = max(proration.base, spent) - spent
    var pending: [ItemStretch] = []
    for stretch in entitlement.stretches {
      for free in stretch.days.without(taken.map(\.days)) {
        let amount = min(share(free), room)
        room = room - amount
        pending.append(ItemStretch(days: free, cause: stretch.cause, evidence: stretch.evidence, amount: amount))
      }
    }
    self.pending = pending.total > .zero ? pending : []

    // D2 What was committed stays as it is; what is wrong about it is for a person.
    differences = []
    for item in committed {
      var notOwed = Cents.zero
      var owed = Cents.zero
      var worth = Cents.zero
      for stretch in item.stretches {
        var stillOwed = Cents.zero
        for entitled in entitlement.stretches {
          guard let days = entitled.days.intersection(stretch.days) else { continue }
          stillOwed += Settlement.amount(of: days, in: stretch, of: item, period: period)
          worth += share(days)
        }
        owed += stillOwed
        notOwed += stretch.amount - stillOwed
      }
      if notOwed > .zero { differences.append(Difference(item: item.id, kind: .notOwed, amount: notOwed)) }
      if owed > worth { differences.append(Difference(item: item.id, kind: .overpaid, amount: owed - worth)) }
      if owed < worth { differences.append(Difference(item: item.id, kind: .underpaid, amount: worth - owed)) }
    }
  }

  /// What part of a committed stretch was committed at: its shares then, up to what the cap of P5 had left for the stretch, first days first.
  private static func amount(of days: DayRange, in stretch: ItemStretch, of item: LedgerItem, period: DayRange) -> Cents {
    if days == stretch.days { return stretch.amount }
    func through(_ end: ServiceDay) -> Cents {
      guard let head = DayRange(stretch.days.first, upTo: end) else { return .zero }
      return min(PeriodFacts.share(of: head, in: period, item.proration), stretch.amount)
    }
    return through(days.end) - through(days.first)
  }
}

extension DayRange {
  /// The stretches of these days that none of `others` holds; `others` are ascending and do not overlap.
  func without(_ others: [DayRange]) -> [DayRange] {
    var free: [DayRange] = []
    var next = first
    for other in others {
      if let gap = DayRange(next, upTo: min(other.first, end)) { free.append(gap) }
      next = max(next, min(other.end, end))
    }
    if let rest = DayRange(next, upTo: end) { free.append(rest) }
    return free
  }
}
