/// Why a day is refundable, in the order in which P5 chooses among several, then the two causes of W4.
public enum Cause: String, CaseIterable, Hashable, Sendable {
  case withdrawal, outage, unrestored, feature, cancellation, unused, unprovisioned

  /// W1 and S2 take whole periods and need no review.
  var takesWholePeriods: Bool { self == .unused || self == .unprovisioned }
}

/// One record of something that went wrong on a line, as known at midnight T.
struct FaultRecord {
  /// As evidence names it: `outage:ID`.
  var name: String
  var start: Int
  /// Cut at T while there is no end; no end at all (`Int.max`) for a withdrawal that is not reversed.
  var end: Int
  /// There is no end as of T.
  var isOpen: Bool
}

/// Records that are one continuous fault.
struct Fault {
  /// One of withdrawal, outage, unrestored, feature.
  var cause: Cause
  var records: [FaultRecord]

  var start: Int { records.map(\.start).min() ?? 0 }
  var end: Int { records.map(\.end).max() ?? 0 }
  var isOpen: Bool { records.contains(where: \.isOpen) }

  /// P2, P3, P4: strictly longer than the threshold; a withdrawal (P1) has none.
  func qualifies(under settings: DatedSettings) -> Bool {
    switch cause {
    case .outage: end - start > settings.outageOverHours * 3600
    case .unrestored: end - start > settings.troubleshootingOverHours * 3600
    case .feature: end - start > settings.featureOverDays * secondsPerDay
    case .withdrawal, .cancellation, .unused, .unprovisioned: true
    }
  }

  /// Q3: a <= requested_at < b, with b the end as of T; before an end that has not come, everything is.
  func isOpen(at instant: Int) -> Bool {
    start <= instant && (isOpen || instant < end)
  }

  func touches(_ day: Int) -> Bool {
    ReferenceModel.touches(start: start, end: end, day: day)
  }
}

extension Withdrawal {
  /// P1: what was sold after it took effect was available again.
  func hits(_ order: Order) -> Bool {
    guard let sold = order.provisionedAt else { return false }
    return scope.hits(order) && sold <= effectiveAt
  }
}

extension World {
  /// Every fault of `order`, known before `midnight`, whether it qualifies or not.
  func faults(of order: Order, before midnight: Int) -> [Fault] {
    var found: [Fault] = []

    for record in withdrawals where !record.voided && record.effectiveAt < midnight && record.hits(order) {
      let reversal = end(record.reversedAt, before: midnight)
      let known = FaultRecord(
        name: "withdrawal:\(record.id)", start: record.effectiveAt, end: reversal ?? Int.max, isOpen: reversal == nil)
      if known.start < known.end { found.append(Fault(cause: .withdrawal, records: [known])) }
    }

    let hits = outages.filter { !$0.voided && $0.origin == .infrastructure && $0.scope.hits(order) }
    found += merged(hits.map { (name: "outage:\($0.id)", start: $0.startedAt, end: $0.endedAt) }, as: .outage, before: midnight)

    let tickets = restorations.filter { !$0.voided && $0.orderID == order.id }
    found += merged(
      tickets.map { (name: "restoration:\($0.id)", start: $0.openedAt, end: $0.restoredAt) }, as: .unrestored, before: midnight)

    for advertised in planFeatures where !advertised.voided && advertised.plan == order.plan {
      let broken = featureFaults.filter { !$0.voided && $0.feature == advertised.feature && $0.scope.hits(order) }
      found += merged(
        broken.map { (name: "feature_fault:\($0.id)", start: $0.startedAt, end: $0.fixedAt) }, as: .feature, before: midnight)
    }
    return found
  }

  /// Joins records into faults: as long as any two groups overlap or touch, they become one.
  private func merged(_ rows: [(name: String, start: Int, end: Int?)], as cause: Cause, before midnight: Int) -> [Fault] {
    var groups: [Fault] = []
    for row in rows where row.start < midnight {
      let known = end(row.end, before: midnight)
      let record = FaultRecord(name: row.name, start: row.start, end: known ?? midnight, isOpen: known == nil)
      if record.start < record.end { groups.append(Fault(cause: cause, records: [record])) }
    }
    while let (one, other) = firstTouchingPair(groups) {
      groups[one].records += groups[other].records
      groups.remove(at: other)
    }
    return groups
  }

  private func firstTouchingPair(_ groups: [Fault]) -> (Int, Int)? {
    for one in groups.indices {
      for other in groups.indices where other > one {
        if groups[one].start <= groups[other].end && groups[other].start <= groups[one].end { return (one, other) }
      }
    }
    return nil
  }

  /// An end at T or later has not happened yet.
  private func end(_ instant: Int?, before midnight: Int) -> Int? {
    guard let instant, instant < midnight else { return nil }
    return instant
  }
}
