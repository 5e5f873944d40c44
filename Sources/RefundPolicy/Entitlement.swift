/// An unbroken stretch of refundable days with one cause and one evidence.
public struct EntitledStretch: Hashable, Sendable {
  public var days: DayRange
  public var cause: Cause
  /// The records behind it: `outage:ID`, several sorted and joined by `+`.
  public var evidence: String
}

/// What a period is owed as of a date: its refundable days, before anything is taken off that was paid or rejected.
public struct Entitlement: Hashable, Sendable {
  /// Ascending, not overlapping.
  public var stretches: [EntitledStretch]
  /// What the days' shares are taken of: the base, or under S2 all that was paid.
  public var proration: Proration
  /// The request's grant of the whole period, where that is what it is owed for.
  public var grant: RequestDecision.FullGrant?
  /// The day of the earliest request so granted.
  public var grantedOn: ServiceDay?
  /// Since when a fault behind it is open as of the date, so that more days may follow: the longest one. Nil where none is.
  public var faultOpenSince: Instant?
  /// G8: whether the line was used on a day of the period that a fault behind it covers: did the fault hit it?
  public var isUsedDuringFault = false

  public var isFaultOpen: Bool { faultOpenSince != nil }

  /// G8: whether a fault behind it has been open for longer than so many days as of the date: was its end forgotten?
  public func isOpenLong(overDays days: Int, asOf cut: Instant) -> Bool {
    faultOpenSince.map { $0.advanced(bySeconds: Int64(days) * 86_400) < cut } ?? false
  }

  /// A W1 or S2 grant: approved by the policy itself, no review.
  public var isAutomatic: Bool { grant?.isAutomatic ?? false }

  /// W3: granted by a request that came after the window of a line that was never activated had closed.
  public var isLate: Bool { if case .late? = grant { true } else { false } }

  /// G4: the day through which usage has to be known before the policy approves it; nil where that is not asked.
  public var usageNeededThrough: ServiceDay? {
    switch grant {
    case .window?: grantedOn
    case .unprovisioned?, .late?, nil: nil
    }
  }

  public func contains(_ day: ServiceDay) -> Bool { stretches.contains { $0.days.contains(day) } }
}

extension Entitlement {
  /// A period of which nothing is owed: it is void, or not paid for yet.
  public static func nothing(in period: PeriodTerms) -> Entitlement { nothing(inDays: period.days.dayCount) }

  /// A period of so many days, of which nothing is owed.
  public static func nothing(inDays dayCount: Int) -> Entitlement {
    Entitlement(stretches: [], proration: Proration(base: .zero, dayCount: dayCount))
  }
}

/// Days that a request takes beyond those of the faults (Q3).
struct CancelledDays {
  var days: DayRange
  /// `request:ID`.
  var evidence: String
}

extension ServiceFacts {
  /// What a period is owed for the faults of its line (P1 to P6, N2, N5).
  ///
  /// - Parameters:
  ///   - period: A period of the line's order that is known as of the date.
  ///   - faults: Those of the line as of the date.
  ///   - cut: Midnight UTC that ends the business date.
  ///   - entitlement: Is made what the period is owed, in the room that it has: a night asks for a million.
  public func entitle(_ period: PeriodTerms, faults: LineFaults, asOf cut: Instant, to entitlement: inout Entitlement) {
    entitle(period, faults: faults, cancelled: [], asOf: cut, to: &entitlement)
  }

  func entitlement(for period: PeriodTerms, faults: LineFaults, cancelled: [CancelledDays], asOf cut: Instant) -> Entitlement {
    var entitlement = Entitlement.nothing(in: period)
    entitle(period, faults: faults, cancelled: cancelled, asOf: cut, to: &entitlement)
    return entitlement
  }

  private func entitle(
    _ period: PeriodTerms, faults: LineFaults, cancelled: [CancelledDays], asOf cut: Instant, to entitlement: inout Entitlement
  ) {
    entitlement.stretches.removeAll(keepingCapacity: true)
    (entitlement.grant, entitlement.grantedOn, entitlement.faultOpenSince, entitlement.isUsedDuringFault) = (nil, nil, nil, false)
    entitlement.proration = Proration(base: period.base(asOf: cut), dayCount: period.days.dayCount)
    // N5 Nothing, for any day.
    if isTerminatedForAbuse(asOf: cut) { return }
    guard let service = inService(period.days, isCancelled: !cancelled.isEmpty, asOf: cut) else { return }
    var marks = faults.days(paidAt: period.paidAt)
    if !cancelled.isEmpty {
      marks = FaultDays.apart(
        marks + cancelled.map { FaultDays(days: $0.days, cause: .cancellation, evidence: $0.evidence) })
    }
    var (openSince, isUsed): (Instant?, Bool) = (nil, false)
    for index in marks.places(touching: period.days) {
      guard let days = marks[index].days.intersection(period.days) else { continue }
      if let since = marks[index].openSince { openSince = min(openSince ?? since, since) }
      guard let days = days.intersection(service) else { continue }
      let wasUsed = appendUnused(days, cause: marks[index].cause, evidence: marks[index].evidence, to: &entitlement.stretches, asOf: cut)
      if wasUsed && marks[index].cause != .cancellation { isUsed = true }
    }
    let isOwed = !entitlement.stretches.isEmpty
    (entitlement.faultOpenSince, entitlement.isUsedDuringFault) = (isOwed ? openSince : nil, isUsed && isOwed)
  }

  /// P5: from the day of activation (of provisioning, while it is not activated) to the day of the order's end, both included; to the end of the
  /// period where the number was withdrawn or a cancellation is granted by Q3.
  private func inService(_ period: DayRange, isCancelled: Bool, asOf cut: Instant) -> DayRange? {
    guard isProvisioned(asOf: cut), let begin = activation(asOf: cut) ?? provisionedAt else { return nil }
    var end = period.end
    if let ending = ending(asOf: cut), ending.reason != .withdrawn, !isCancelled { end = min(end, ending.at.day.advanced(by: 1)) }
    return DayRange(max(period.first, begin.day), upTo: end)
  }

  /// Takes used days out (N2).
  ///
  /// - Returns: Whether there are any.
  private func appendUnused(_ days: DayRange, cause: Cause, evidence: String, to found: inout [EntitledStretch], asOf cut: Instant) -> Bool {
    var wasUsed = false
    var next = days.first
    for used in usage where used.isUsedDay && days.contains(used.day) && used.day.start < cut {
      ServiceFacts.append(DayRange(next, upTo: used.day), cause: cause, evidence: evidence, to: &found)
      next = used.day.advanced(by: 1)
      wasUsed = true
    }
    ServiceFacts.append(DayRange(next, upTo: days.end), cause: cause, evidence: evidence, to: &found)
    return wasUsed
  }

  private static func append(_ days: DayRange?, cause: Cause, evidence: String, to found: inout [EntitledStretch]) {
    guard let days else { return }
    if let last = found.indices.last, found[last].days.end == days.first, found[last].cause == cause, found[last].evidence == evidence,
      let joined = DayRange(found[last].days.first, upTo: days.end)
    {
      found[last].days = joined
    } else {
      found.append(EntitledStretch(days: days, cause: cause, evidence: evidence))
    }
  }
}
