/// Days that faults of a line make refundable, whatever order it serves: one cause, and the same records on each of them.
public struct FaultDays: Hashable, Sendable {
  public var days: DayRange
  public var cause: Cause
  /// The records behind them: `outage:ID`, several sorted and joined by `+`.
  public var evidence: String
  /// Since when a fault that touches them is open as of the date, be it of the cause that counts or not: the longest one. Nil where none is.
  public var openSince: Instant?
}

/// The faults of a line as of a date, and the days that they make refundable: the same for all orders of all lines that the same records hit.
///
/// It is one object, however many orders hold it: a night passes it along with each of half a million.
public final class LineFaults: Sendable {
  public let faults: [Fault]
  /// The days under the numbers that hold before the first settings, and under those of each set; ascending, not overlapping.
  private let atFirst: [FaultDays]
  private let underSets: [UnderSet]

  /// Behind the last day that they make refundable under any numbers; that of a withdrawal that is not reversed has no end.
  public let end: ServiceDay

  private struct UnderSet: Sendable {
    var effectiveFrom: Instant
    var days: [FaultDays]
  }

  /// - Parameters:
  ///   - faults: What ``Fault/merged(_:asOf:)`` makes of the records that hit the line.
  ///   - cut: Midnight UTC that ends the business date.
  public init(_ faults: [Fault], settings: SettingsHistory, asOf cut: Instant) {
    self.faults = faults
    var known: (numbers: PolicyNumbers, days: [FaultDays]) = (PolicyNumbers(), FaultDays.of(faults, under: PolicyNumbers(), asOf: cut))
    atFirst = known.days
    underSets = settings.sets.map { set in
      if set.policy != known.numbers { known = (set.policy, FaultDays.of(faults, under: set.policy, asOf: cut)) }
      return UnderSet(effectiveFrom: set.effectiveFrom, days: known.days)
    }
    end =
      underSets.reduce(atFirst.last?.days.end) { last, set in
        guard let end = set.days.last?.days.end else { return last }
        return last.map { max($0, end) } ?? end
      } ?? ServiceDay(ordinal: .min)
  }

  /// Whether they make days of a period refundable, whatever else is known of its order.
  public func touch(_ days: DayRange, paidAt: Instant) -> Bool { !self.days(paidAt: paidAt).places(touching: days).isEmpty }

  /// The days under the numbers for what was paid for at `instant`: a change never rewrites the past.
  func days(paidAt instant: Instant) -> [FaultDays] {
    guard let index = underSets.lastIndex(where: { $0.effectiveFrom <= instant }) else { return atFirst }
    return underSets[index].days
  }
}

extension FaultDays {
  /// P1 to P4, P6: every record of every qualifying fault marks the days it touches, from the fault's first second.
  fileprivate static func of(_ faults: [Fault], under numbers: PolicyNumbers, asOf cut: Instant) -> [FaultDays] {
    var marks: [FaultDays] = []
    for fault in faults where fault.qualifies(under: numbers, asOf: cut) {
      for record in fault.records {
        // A withdrawal goes on to the end of the last period there may ever be.
        guard let days = record.days(asOf: cut, horizon: ServiceDay(ordinal: .max)) else { continue }
        marks.append(FaultDays(days: days, cause: fault.kind.cause, evidence: record.evidence, openSince: fault.isOpen ? fault.start : nil))
      }
    }
    return apart(marks)
  }

  /// Cuts marks that overlap into days with one cause and one evidence: of the causes on a day the strongest counts (P5).
  ///
  /// - Returns: Ascending, not overlapping.
  static func apart(_ marks: [FaultDays]) -> [FaultDays] {
    let marks = marks.sorted { $0.days.first < $1.days.first }
    var found: [FaultDays] = []
    var (holding, next): ([FaultDays], Int) = ([], 0)
    var day = marks.first?.days.first
    while let first = day {
      while next < marks.count, marks[next].days.first <= first {
        holding.append(marks[next])
        next += 1
      }
      holding.removeAll { $0.days.end <= first }
      // The same marks hold until the next day on which one of them ends or another begins.
      day = (holding.map(\.days.end) + (next < marks.count ? [marks[next].days.first] : [])).min()
      if let strongest = holding.map(\.cause).min(), let day, let days = DayRange(first, upTo: day) {
        found.append(
          FaultDays(
            days: days, cause: strongest, evidence: OrderFacts.joined(holding.filter { $0.cause == strongest }.map(\.evidence)),
            openSince: holding.compactMap(\.openSince).min()))
      }
    }
    return found
  }
}

extension [FaultDays] {
  /// The places of those that touch some days; they are ascending and do not overlap.
  func places(touching days: DayRange) -> Range<Int> {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].days.end <= days.first { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < count, self[end].days.first < days.end { end += 1 }
    return low..<end
  }
}
