/// An unbroken stretch of an item's days, with what they are worth together.
public struct ItemStretch: Hashable, Sendable {
  public var days: DayRange
  public var cause: Cause
  public var evidence: String
  public var amount: Cents
  /// What the daily shares were taken of.
  public var base: Cents

  public init(days: DayRange, cause: Cause, evidence: String, amount: Cents, base: Cents) {
    (self.days, self.cause, self.evidence, self.amount, self.base) = (days, cause, evidence, amount, base)
  }

  /// Whether the next one goes on where this one ends, with the same cause and evidence.
  fileprivate func goesOn(in next: ItemStretch) -> Bool { days.end == next.days.first && cause == next.cause && evidence == next.evidence }
}

/// An item of the ledger as settlement needs to see it.
public struct LedgerItem: Hashable, Sendable {
  public var id: ItemID
  public var state: ItemState
  /// Ascending, not overlapping.
  public var stretches: [ItemStretch]
  /// The whole period as it was when the item was last restated: a correction may have moved it since.
  public var period: DayRange
  /// D2: a person set its amount beyond the policy.
  public var isCorrected: Bool

  public init(id: ItemID, state: ItemState, stretches: [ItemStretch], period: DayRange, isCorrected: Bool = false) {
    (self.id, self.state, self.stretches, self.period, self.isCorrected) = (id, state, stretches, period, isCorrected)
  }

  public var amount: Cents { stretches.total }
}

extension [ItemStretch] {
  public var total: Cents { reduce(.zero) { $0 + $1.amount } }
  public var dayCount: Int { reduce(0) { $0 + $1.days.dayCount } }

  /// The same days, neighbours of one cause and evidence joined: as the reports tell them.
  public var joined: [ItemStretch] {
    guard zip(self, dropFirst()).contains(where: { $0.goesOn(in: $1) }) else { return self }
    var joined: [ItemStretch] = []
    for stretch in self {
      if let last = joined.last, last.goesOn(in: stretch), let days = DayRange(last.days.first, upTo: stretch.days.end) {
        joined[joined.count - 1].days = days
        joined[joined.count - 1].amount += stretch.amount
      } else {
        joined.append(stretch)
      }
    }
    return joined
  }

  /// Whether a customer gets the same: days, causes and amounts, whatever the evidence.
  public func isSameRefund(as other: [ItemStretch]) -> Bool {
    func told(_ stretches: [ItemStretch]) -> [ItemStretch] {
      stretches.map { stretch in
        var told = stretch
        told.evidence = ""
        return told
      }.joined
    }
    let (left, right) = (told(self), told(other))
    return left.count == right.count
      && zip(left, right).allSatisfy { $0.days == $1.days && $0.cause == $1.cause && $0.amount == $1.amount }
  }

  /// Whether the same days are held for the same reasons, whatever they are worth.
  public func coversSame(as other: [ItemStretch]) -> Bool {
    let (left, right) = (joined, other.joined)
    return left.count == right.count
      && zip(left, right).allSatisfy { $0.days == $1.days && $0.cause == $1.cause && $0.evidence == $1.evidence }
  }
}

/// What a period's entitlement means for its items: what should be pending now, and what was committed and is no longer right.
public struct Settlement: Hashable, Sendable {
  /// The days entitled, neither committed nor barred, at their shares now; empty when they are together worth nothing.
  public var pending: [ItemStretch]
  /// Committed days that are not owed any more, or were committed at another amount than they are worth now (D2, P5).
  public var differences: [Difference]

  /// What one committed item paid too much or too little.
  public struct Difference: Hashable, Sendable {
    public var item: ItemID
    public var kind: Kind
    /// Never zero.
    public var amount: Cents

    public enum Kind: Hashable, Sendable {
      case notOwed, overpaid, underpaid

      public var exception: ExceptionKind {
        switch self {
        case .notOwed: .notOwed
        case .overpaid: .overpaid
        case .underpaid: .underpaid
        }
      }
    }
  }

  /// Settles one period (contract 3).
  ///
  /// - Parameters:
  ///   - period: All days of the period.
  ///   - entitlement: What it is owed as of the date.
  ///   - items: Every item of the period, whatever its state.
  ///   - window: The only days that may change, for a rerun; W1 and S2 work on whole periods, when they come and when they go.
  public init(period: DayRange, entitlement: Entitlement, items: [LedgerItem], within window: DayRange? = nil) {
    let proration = entitlement.proration
    func share(_ days: DayRange) -> Cents { PeriodTerms.share(of: days, in: period, proration) }

    // Days a person or an earlier night has decided: committed ones are spent, rejected ones are barred for every cause.
    let taken = items.filter { $0.state.isCommitted || $0.state == .rejected }.flatMap { $0.stretches.map(\.days) }.sorted { $0.first < $1.first }
    let committed = items.filter(\.state.isCommitted)

    // P5 All of a period together never more than the larger of the base now and what is committed: day by day, until that is reached.
    let spent = committed.reduce(Cents.zero) { $0 + $1.amount }
    var room = max(proration.base, spent) - spent
    var pending: [ItemStretch] = []
    let current = items.first { $0.state.isUndecided }
    let isWhole =
      entitlement.stretches.contains { $0.cause.takesWholePeriods } || current?.stretches.contains { $0.cause.takesWholePeriods } ?? false
    let window = isWhole ? nil : window
    if let window, let current {
      pending = Settlement.kept(of: current, outside: window)
      room = room - pending.total
    }
    Settlement.take(entitlement, in: period, within: window, without: taken, of: &room, to: &pending)
    if window != nil { pending = Settlement.tidied(pending) }
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
          stillOwed += Settlement.amount(of: days, in: stretch, of: item)
          worth += share(days)
        }
        owed += stillOwed
        notOwed += stretch.amount - stillOwed
      }
      if item.isCorrected { (owed, worth) = (.zero, .zero) }
      if notOwed > .zero { differences.append(Difference(item: item.id, kind: .notOwed, amount: notOwed)) }
      if owed > worth { differences.append(Difference(item: item.id, kind: .overpaid, amount: owed - worth)) }
      if owed < worth { differences.append(Difference(item: item.id, kind: .underpaid, amount: worth - owed)) }
    }
  }

  /// What should be pending of a period that has no items yet: ``init(period:entitlement:items:within:)`` of it, and no more.
  ///
  /// - Parameter pending: Is made that, in the room that it has.
  public static func find(pendingOf period: DayRange, _ entitlement: Entitlement, to pending: inout [ItemStretch]) {
    pending.removeAll(keepingCapacity: true)
    var room = entitlement.proration.base
    take(entitlement, in: period, within: nil, without: [], of: &room, to: &pending)
    if pending.total == .zero { pending.removeAll(keepingCapacity: true) }
  }

  /// Takes the days entitled that are free, each stretch at its share or at what is left of what the period may still be owed (P5).
  private static func take(
    _ entitlement: Entitlement, in period: DayRange, within window: DayRange?, without taken: [DayRange], of room: inout Cents,
    to pending: inout [ItemStretch]
  ) {
    let proration = entitlement.proration
    // By their places: a value of each would be counted for nothing.
    for index in entitlement.stretches.indices {
      let entitled = entitlement.stretches[index].days
      guard let days = window.map({ entitled.intersection($0) }) ?? entitled else { continue }
      days.eachGap(between: taken) { free in
        let amount = max(.zero, min(PeriodTerms.share(of: free, in: period, proration), room))
        room = room - amount
        pending.append(
          ItemStretch(
            days: free, cause: entitlement.stretches[index].cause, evidence: entitlement.stretches[index].evidence, amount: amount,
            base: proration.base))
      }
    }
  }

  /// The days of the undecided item that a rerun leaves as they are.
  private static func kept(of item: LedgerItem, outside window: DayRange) -> [ItemStretch] {
    var kept: [ItemStretch] = []
    for stretch in item.stretches {
      stretch.days.eachGap(between: [window]) { days in
        kept.append(stretch)
        kept[kept.count - 1].days = days
        kept[kept.count - 1].amount = amount(of: days, in: stretch, of: item)
      }
    }
    return kept
  }

  /// Ascending, and neighbours joined that are alike in all but their days.
  private static func tidied(_ stretches: [ItemStretch]) -> [ItemStretch] {
    stretches.sorted { $0.days.first < $1.days.first }.reduce(into: []) { tidy, stretch in
      if let last = tidy.last, last.base == stretch.base, let joined = [last, stretch].joined.only {
        tidy[tidy.count - 1] = joined
      } else {
        tidy.append(stretch)
      }
    }
  }

  /// What part of a committed stretch was committed at: its shares then, up to what the cap of P5 had left for the stretch, first days first.
  private static func amount(of days: DayRange, in stretch: ItemStretch, of item: LedgerItem) -> Cents {
    if days == stretch.days { return stretch.amount }
    let proration = Proration(base: stretch.base, dayCount: item.period.dayCount)
    func index(_ day: ServiceDay) -> Int { min(max(item.period.first.distance(to: day), 0), item.period.dayCount) }
    func through(_ end: ServiceDay) -> Cents { min(proration.share(of: index(stretch.days.first)..<index(end)), stretch.amount) }
    return through(days.end) - through(days.first)
  }
}

extension [ItemStretch] {
  fileprivate var only: ItemStretch? { count == 1 ? self[0] : nil }
}

extension DayRange {
  /// Calls `body` with each stretch of these days that none of `others` holds; `others` are ascending and do not overlap.
  func eachGap(between others: [DayRange], _ body: (DayRange) -> Void) {
    var next = first
    for other in others {
      if let gap = DayRange(next, upTo: min(other.first, end)) { body(gap) }
      next = max(next, min(other.end, end))
    }
    if let rest = DayRange(next, upTo: end) { body(rest) }
  }
}
