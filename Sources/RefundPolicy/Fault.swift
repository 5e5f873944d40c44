/// One record of something broken that hits a line, as it was reported.
public struct FaultRecord: Hashable, Sendable {
  public let kind: FaultKind
  /// The record's id in its file.
  public let id: String
  /// How evidence names the record: `outage:ID`. Made once, for it is told with every order that the record hits.
  public let evidence: String
  public let start: Instant
  /// Nil: not over.
  public var end: Instant?

  public init(kind: FaultKind, id: String, start: Instant, end: Instant?) {
    (self.kind, self.id, self.start, self.end) = (kind, id, start, end)
    evidence = "\(kind.evidencePrefix):\(id)"
  }
}

extension FaultRecord {
  /// P1: whether it hits an order that has the line, carrier, region or plan that it names. A withdrawal does only where it took effect at or after the
  /// order's provisioning: what was sold after it was available again.
  ///
  /// - Parameter provisioned: Nil where the order is not provisioned.
  public func hits(orderProvisionedAt provisioned: Instant?) -> Bool {
    guard kind == .withdrawal else { return true }
    return provisioned.map { start >= $0 } ?? false
  }
}

/// The four kinds of fault of the seller's (P1 to P4). Only records of one kind, and of one feature, merge.
public enum FaultKind: Hashable, Sendable {
  case withdrawal, outage, restoration
  case feature(String)

  public var cause: Cause {
    switch self {
    case .withdrawal: .withdrawal
    case .outage: .outage
    case .restoration: .unrestored
    case .feature: .feature
    }
  }

  fileprivate var evidencePrefix: String {
    switch self {
    case .withdrawal: "withdrawal"
    case .outage: "outage"
    case .restoration: "restoration"
    case .feature: "feature_fault"
    }
  }
}

/// One continuous fault of a line: records that overlap or touch, as known as of a date.
public struct Fault: Hashable, Sendable {
  public let kind: FaultKind
  public let start: Instant
  /// Nil: still open as of the date.
  public let end: Instant?
  /// The records it is made of, each cut to what is known: an end that has not happened yet is none.
  public let records: [FaultRecord]

  public var isOpen: Bool { end == nil }

  public func covers(_ instant: Instant) -> Bool { start <= instant && end.map { instant < $0 } ?? true }

  /// Seconds it lasted; an open one is cut at the date's end.
  public func length(asOf cut: Instant) -> Int64 { (end ?? cut).seconds - start.seconds }

  /// Whether it counts under these numbers. The thresholds are "more than": exactly 24 h is not more.
  public func qualifies(under numbers: PolicyNumbers, asOf cut: Instant) -> Bool {
    guard let threshold = kind.threshold(under: numbers) else { return true }
    return length(asOf: cut) > threshold
  }

  /// The instant up to which it does not count under these numbers, however long it stays open.
  public func lastTooShort(under numbers: PolicyNumbers) -> Instant { Instant(seconds: start.seconds + (kind.threshold(under: numbers) ?? 0)) }
}

extension FaultKind {
  /// Seconds a fault must last longer than; nil: it counts from its first second (P1).
  public func threshold(under numbers: PolicyNumbers) -> Int64? {
    switch self {
    case .withdrawal: nil
    case .outage: Int64(numbers.outageOverHours) * 3600
    case .restoration: Int64(numbers.troubleshootingOverHours) * 3600
    case .feature: Int64(numbers.featureOverDays) * 86_400
    }
  }
}

extension Fault {
  /// Merges the records that hit one line into continuous faults, as of the instant `cut` that ends the business date.
  ///
  /// A record is known when it began before the cut; an end at or after it has not happened yet. An empty record touches nothing.
  /// Withdrawals stand alone: each is evidence by itself and none needs a length (P1).
  public static func merged(_ records: [FaultRecord], asOf cut: Instant) -> [Fault] {
    var known: [FaultRecord] = []
    for var record in records where record.start < cut {
      if let end = record.end, end >= cut { record.end = nil }
      if let end = record.end, end <= record.start { continue }
      known.append(record)
    }
    if known.count > 1 { known.sort(by: precedes) }
    var faults: [Fault] = []
    var first = 0
    while first < known.count {
      var next = first + 1
      var end = known[first].end
      if known[first].kind != .withdrawal {
        while next < known.count, known[next].kind == known[first].kind, end.map({ known[next].start <= $0 }) ?? true {
          end = later(end, known[next].end)
          next += 1
        }
      }
      faults.append(Fault(kind: known[first].kind, start: known[first].start, end: end, records: Array(known[first..<next])))
      first = next
    }
    return faults
  }

  /// By kind, feature, start and id, so that records which may merge lie side by side.
  private static func precedes(_ left: FaultRecord, _ right: FaultRecord) -> Bool {
    if left.kind != right.kind {
      if left.kind.cause != right.kind.cause { return left.kind.cause < right.kind.cause }
      if case .feature(let leftName) = left.kind, case .feature(let rightName) = right.kind { return leftName < rightName }
    }
    return left.start == right.start ? left.id < right.id : left.start < right.start
  }

  private static func later(_ left: Instant?, _ right: Instant?) -> Instant? {
    guard let left, let right else { return nil }
    return max(left, right)
  }
}

extension FaultRecord {
  /// The service days the record makes refundable once its fault qualifies (P5): those it touches. An outage, a ticket and a feature fault that
  /// are not over are cut at the business date's end; a withdrawal that is not reversed is not cut, and goes on to `horizon`.
  func days(asOf cut: Instant, horizon: ServiceDay) -> DayRange? {
    let known: Instant? = end ?? (kind == .withdrawal ? nil : cut)
    return Interval(start, known)?.days(upTo: horizon)
  }
}
