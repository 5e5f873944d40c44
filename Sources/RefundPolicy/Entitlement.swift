/// An unbroken stretch of refundable days with one cause and one evidence.
package struct EntitledStretch: Hashable, Sendable {
  package var days: DayRange
  package var cause: Cause
  /// The records behind it: `outage:ID`, several sorted and joined by `+`.
  package var evidence: String
}

/// What a period is owed as of a date: its refundable days, before anything is taken off that was paid or rejected.
package struct Entitlement: Hashable, Sendable {
  /// Ascending, not overlapping.
  package var stretches: [EntitledStretch]
  /// What the days' shares are taken of: the base, or under S2 all that was paid.
  package var proration: Proration
  /// A W1 or S2 grant: approved by the policy itself, no review.
  package var isAutomatic: Bool
  /// Whether a fault behind it is open as of the date, so that more days may follow.
  package var isFaultOpen: Bool

  package func contains(_ day: ServiceDay) -> Bool { stretches.contains { $0.days.contains(day) } }
}

/// All that the policy says of one order as of a date.
package struct OrderDecision: Sendable {
  /// One for each of the order's periods, nil where the period is not known yet.
  package var entitlements: [Entitlement?]
  /// In the order of the facts' requests; nil where the request is not known yet.
  package var requests: [RequestDecision?]
  package var faults: [Fault]
  /// P1: it ended as withdrawn and no withdrawal record says so.
  package var isWithdrawnWithoutRecord: Bool
}

extension OrderFacts {
  /// Decides everything about the order as of the instant that ends the business date: the one function behind every night.
  ///
  /// - Parameter merged: What ``Fault/merged(_:asOf:)`` makes of the order's fault records, where it is known already: lines that the same records
  ///   hit share it.
  package func decide(settings: SettingsHistory, asOf cut: Instant, merged: [Fault]? = nil) -> OrderDecision {
    let faults = merged ?? Fault.merged(self.faults, asOf: cut)
    let decisions = requests.map { request in
      request.requestedAt < cut ? decide(request, faults: faults, settings: settings, asOf: cut) : nil
    }
    let entitlements = periods.indices.map { index in
      periods[index].isKnown(asOf: cut) ? entitlement(of: index, faults: faults, decisions: decisions, settings: settings, asOf: cut) : nil
    }
    let isWithdrawnWithoutRecord =
      ending(asOf: cut)?.reason == .withdrawn && !self.faults.contains { $0.kind == .withdrawal && $0.start < cut }
    return OrderDecision(
      entitlements: entitlements, requests: decisions, faults: faults, isWithdrawnWithoutRecord: isWithdrawnWithoutRecord)
  }

  private func entitlement(
    of index: Int, faults: [Fault], decisions: [RequestDecision?], settings: SettingsHistory, asOf cut: Instant
  ) -> Entitlement {
    let period = periods[index]
    let base = Proration(base: period.base(asOf: cut), dayCount: period.days.dayCount)

    // N5 Nothing, for any day.
    if ending(asOf: cut)?.reason == .aup {
      return Entitlement(stretches: [], proration: base, isAutomatic: false, isFaultOpen: false)
    }

    // W1, W3, S2 A full grant takes every day of the period (W4).
    if let full = fullGrant(of: index, decisions: decisions) {
      let proration = full.grant == .unprovisioned ? Proration(base: period.paid, dayCount: period.days.dayCount) : base
      let whole = EntitledStretch(days: period.days, cause: full.grant.cause, evidence: full.evidence)
      return Entitlement(stretches: [whole], proration: proration, isAutomatic: true, isFaultOpen: false)
    }

    var marks = faultMarks(of: period, faults: faults, settings: settings, asOf: cut)
    let isFaultOpen = marks.contains { $0.isOpen }
    let cancellation = cancellationMarks(of: period, decisions: decisions)
    marks += cancellation
    guard !marks.isEmpty, let service = inService(period.days, isCancelled: !cancellation.isEmpty, asOf: cut) else {
      return Entitlement(stretches: [], proration: base, isAutomatic: false, isFaultOpen: false)
    }
    let stretches = stretches(of: marks, within: service, asOf: cut)
    return Entitlement(stretches: stretches, proration: base, isAutomatic: false, isFaultOpen: isFaultOpen && !stretches.isEmpty)
  }

  private func fullGrant(of index: Int, decisions: [RequestDecision?]) -> (grant: RequestDecision.FullGrant, evidence: String)? {
    var grant: RequestDecision.FullGrant?
    var evidence: [String] = []
    for (request, decision) in zip(requests, decisions) {
      guard case .granted(let full, let granted)? = decision, granted.contains(index) else { continue }
      grant = full
      evidence.append("request:\(request.requestID)")
    }
    return grant.map { ($0, OrderFacts.joined(evidence)) }
  }

  /// One record's claim on days of a period.
  private struct Mark {
    var days: DayRange
    var cause: Cause
    var evidence: String
    var isOpen: Bool
  }

  /// P1 to P4, P6: every record of every qualifying fault marks the days it touches, from the fault's first second.
  private func faultMarks(of period: PeriodFacts, faults: [Fault], settings: SettingsHistory, asOf cut: Instant) -> [Mark] {
    guard !faults.isEmpty else { return [] }
    let numbers = settings.policy(paidAt: period.paidAt)
    var marks: [Mark] = []
    for fault in faults where fault.qualifies(under: numbers, asOf: cut) {
      for record in fault.records {
        guard let days = record.days(asOf: cut, horizon: period.days.end)?.intersection(period.days) else { continue }
        marks.append(Mark(days: days, cause: fault.kind.cause, evidence: record.evidence, isOpen: fault.isOpen))
      }
    }
    return marks
  }

  /// Q3: every later day from the day of the request on.
  private func cancellationMarks(of period: PeriodFacts, decisions: [RequestDecision?]) -> [Mark] {
    var marks: [Mark] = []
    for (request, decision) in zip(requests, decisions) {
      guard case .partlyGranted(let grant)? = decision,
        let days = DayRange(max(grant.from, period.days.first), upTo: period.days.end)
      else { continue }
      marks.append(Mark(days: days, cause: .cancellation, evidence: "request:\(request.requestID)", isOpen: false))
    }
    return marks
  }

  /// P5: from the day of activation (of provisioning, while it is not activated) to the day of the order's end, both included; to the end of the
  /// period where the number was withdrawn or a cancellation is granted by Q3.
  private func inService(_ period: DayRange, isCancelled: Bool, asOf cut: Instant) -> DayRange? {
    guard isProvisioned(asOf: cut), let begin = activation(asOf: cut) ?? provisionedAt else { return nil }
    var end = period.end
    if let ending = ending(asOf: cut), ending.reason != .withdrawn, !isCancelled { end = min(end, ending.at.day.advanced(by: 1)) }
    return DayRange(max(period.first, begin.day), upTo: end)
  }

  /// Cuts the marks into stretches with one cause and one evidence, and takes used days out (N2).
  private func stretches(of marks: [Mark], within service: DayRange, asOf cut: Instant) -> [EntitledStretch] {
    var found: [EntitledStretch] = []
    var first = service.first
    while first < service.end {
      // The same marks hold until the next day on which one of them begins or ends; of their causes the strongest counts.
      var end = service.end
      var strongest: Cause?
      for mark in marks where first < mark.days.end {
        if first < mark.days.first {
          end = min(end, mark.days.first)
        } else {
          end = min(end, mark.days.end)
          strongest = min(strongest ?? mark.cause, mark.cause)
        }
      }
      if let cause = strongest, let days = DayRange(first, upTo: end) {
        let records = marks.lazy.filter { $0.cause == cause && $0.days.contains(days.first) }.map(\.evidence)
        appendUnused(days, cause: cause, evidence: OrderFacts.joined(records), to: &found, asOf: cut)
      }
      first = end
    }
    return found
  }

  private func appendUnused(_ days: DayRange, cause: Cause, evidence: String, to found: inout [EntitledStretch], asOf cut: Instant) {
    func append(_ first: ServiceDay, _ end: ServiceDay) {
      guard let days = DayRange(first, upTo: end) else { return }
      if let last = found.last, last.days.end == first, last.cause == cause, last.evidence == evidence,
        let joined = DayRange(last.days.first, upTo: end)
      {
        found[found.count - 1].days = joined
      } else {
        found.append(EntitledStretch(days: days, cause: cause, evidence: evidence))
      }
    }
    var next = days.first
    for used in usage where used.isUsedDay && days.contains(used.day) && used.day.start < cut {
      append(next, used.day)
      next = used.day.advanced(by: 1)
    }
    append(next, days.end)
  }

  private static func joined(_ evidence: some Collection<String>) -> String {
    guard let first = evidence.first, evidence.contains(where: { $0 != first }) else { return evidence.first ?? "" }
    return Set(evidence).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: "+")
  }
}

extension Entitlement {
  /// A period of which nothing is owed: it is void, or not paid for yet.
  package static func nothing(in period: PeriodFacts) -> Entitlement {
    Entitlement(
      stretches: [], proration: Proration(base: .zero, dayCount: period.days.dayCount), isAutomatic: false, isFaultOpen: false)
  }
}

extension OrderFacts {
  /// Whether the line was used for SMS verification, as of a date: fault days are refunded all the same, and a reviewer is told (N3).
  package func wasVerified(asOf cut: Instant) -> Bool {
    firstUsage(through: cut.day, asOf: cut) { $0.verifications > 0 } != nil
  }
}
