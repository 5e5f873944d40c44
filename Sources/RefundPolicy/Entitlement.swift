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

extension Entitlement {
  /// A period of which nothing is owed: it is void, or not paid for yet.
  package static func nothing(in period: PeriodTerms) -> Entitlement {
    Entitlement(
      stretches: [], proration: Proration(base: .zero, dayCount: period.days.dayCount), isAutomatic: false, isFaultOpen: false)
  }
}

/// One record's claim on days of a period.
private struct Mark {
  var days: DayRange
  var cause: Cause
  var evidence: String
  var isOpen: Bool
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
  package func entitlement(for period: PeriodTerms, faults: [Fault], settings: SettingsHistory, asOf cut: Instant) -> Entitlement {
    entitlement(for: period, faults: faults, cancelled: [], settings: settings, asOf: cut)
  }

  func entitlement(
    for period: PeriodTerms, faults: [Fault], cancelled: [CancelledDays], settings: SettingsHistory, asOf cut: Instant
  ) -> Entitlement {
    let proration = Proration(base: period.base(asOf: cut), dayCount: period.days.dayCount)
    // N5 Nothing, for any day.
    if isTerminatedForAbuse(asOf: cut) { return Entitlement(stretches: [], proration: proration, isAutomatic: false, isFaultOpen: false) }
    var marks = ServiceFacts.marks(of: faults, on: period, settings: settings, asOf: cut)
    let isFaultOpen = marks.contains { $0.isOpen }
    for more in cancelled { marks.append(Mark(days: more.days, cause: .cancellation, evidence: more.evidence, isOpen: false)) }
    guard !marks.isEmpty, let service = inService(period.days, isCancelled: !cancelled.isEmpty, asOf: cut) else {
      return Entitlement(stretches: [], proration: proration, isAutomatic: false, isFaultOpen: false)
    }
    let stretches = stretches(of: marks, within: service, asOf: cut)
    return Entitlement(stretches: stretches, proration: proration, isAutomatic: false, isFaultOpen: isFaultOpen && !stretches.isEmpty)
  }

  /// P1 to P4, P6: every record of every qualifying fault marks the days it touches, from the fault's first second.
  private static func marks(of faults: [Fault], on period: PeriodTerms, settings: SettingsHistory, asOf cut: Instant) -> [Mark] {
    guard !faults.isEmpty else { return [] }
    let numbers = settings.policy(paidAt: period.paidAt)
    var marks: [Mark] = []
    for fault in faults.indices where faults[fault].qualifies(under: numbers, asOf: cut) {
      for record in faults[fault].records.indices {
        guard let days = faults[fault].records[record].days(asOf: cut, horizon: period.days.end)?.intersection(period.days) else { continue }
        marks.append(
          Mark(days: days, cause: faults[fault].kind.cause, evidence: faults[fault].records[record].evidence, isOpen: faults[fault].isOpen))
      }
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
      var strongest: Int?
      var isAlone = true
      for index in marks.indices where first < marks[index].days.end {
        if first < marks[index].days.first {
          end = min(end, marks[index].days.first)
          continue
        }
        end = min(end, marks[index].days.end)
        if let other = strongest, marks[other].cause <= marks[index].cause {
          if marks[other].cause == marks[index].cause { isAlone = false }
        } else {
          (strongest, isAlone) = (index, true)
        }
      }
      if let strongest, let days = DayRange(first, upTo: end) {
        let cause = marks[strongest].cause
        let evidence =
          isAlone
          ? marks[strongest].evidence
          : OrderFacts.joined(marks.filter { $0.cause == cause && $0.days.contains(days.first) }.map(\.evidence))
        appendUnused(days, cause: cause, evidence: evidence, to: &found, asOf: cut)
      }
      first = end
    }
    return found
  }

  private func appendUnused(_ days: DayRange, cause: Cause, evidence: String, to found: inout [EntitledStretch], asOf cut: Instant) {
    var next = days.first
    for used in usage where used.isUsedDay && days.contains(used.day) && used.day.start < cut {
      ServiceFacts.append(DayRange(next, upTo: used.day), cause: cause, evidence: evidence, to: &found)
      next = used.day.advanced(by: 1)
    }
    ServiceFacts.append(DayRange(next, upTo: days.end), cause: cause, evidence: evidence, to: &found)
  }

  private static func append(_ days: DayRange?, cause: Cause, evidence: String, to found: inout [EntitledStretch]) {
    guard let days else { return }
    if let last = found.last, last.days.end == days.first, last.cause == cause, last.evidence == evidence,
      let joined = DayRange(last.days.first, upTo: days.end)
    {
      found[found.count - 1].days = joined
    } else {
      found.append(EntitledStretch(days: days, cause: cause, evidence: evidence))
    }
  }
}
