/// What the policy says of one refund request as of a date (Q2). Each outcome carries what the next step needs.
public enum RequestDecision: Hashable, Sendable {
  /// W1 or S2: everything, automatically, for these periods (indexes into the order's periods).
  case granted(FullGrant, periods: [Int])
  /// Q3: what no fault day covers from this day on, less used days, with review.
  case partlyGranted(CancellationGrant)
  /// Q2: a fault that was open at the request is still open and may yet qualify.
  case waiting(Fault)
  case denied(Denial)
  /// Q4: a further request that has nothing left to ask for, for an earlier one was granted all of it: it brings an address. It is answered as the
  /// earlier one was.
  indirect case address(of: RequestDecision, requestID: String)
  /// Q1: no order can be named without a guess.
  case unmatched(MatchFailure)

  public enum FullGrant: Hashable, Sendable {
    /// W1, and W3 while the line is not activated.
    case window
    /// S2: the line is not provisioned.
    case unprovisioned
    /// W3: the line was never activated, and the window had closed at this instant: the same amount, for a person to decide.
    case late(windowClosed: Instant)

    public var cause: Cause {
      switch self {
      case .window, .late: .unused
      case .unprovisioned: .unprovisioned
      }
    }

    /// Whether the policy itself approves what it grants.
    public var isAutomatic: Bool {
      switch self {
      case .window, .unprovisioned: true
      case .late: false
      }
    }
  }

  public struct CancellationGrant: Hashable, Sendable {
    /// The day of the request: it and every later day of the paid periods.
    public let from: ServiceDay
    /// The qualifying faults open at the request.
    public let faults: [Fault]
  }

  public enum Denial: Hashable, Sendable {
    /// N5
    case acceptableUse
    /// N3: the line had been used for SMS verification, first on this day.
    case verificationUsed(ServiceDay)
    /// W1: it came after the window closed.
    case tooLate(windowClosed: Instant, nearest: NearMiss?)
    /// W1: the line had been used, first on this day.
    case used(ServiceDay, nearest: NearMiss?)
  }

  /// What came closest to changing a denial.
  public enum NearMiss: Hashable, Sendable {
    /// A fault open at the request that ended without qualifying.
    case tooShort(Fault, threshold: Int64)
    /// A fault open at the request qualifies, but the order had ended before it (Q3).
    case endedBefore(Fault, ServiceDay)
    /// A fault open at the request qualifies, but no paid day lies after the request's (Q3).
    case nothingLeft(Fault)
  }

  public enum MatchFailure: Hashable, Sendable {
    case unknownOrder(String)
    case voidedOrder(String)
    case unknownTransaction(String)
    case disagreement(orderID: String, transaction: String)
    case severalOrders(transaction: String, count: Int)
  }

  /// The clause of the decision, as reports name it.
  public var clause: Clause {
    switch self {
    case .granted(.window, _), .granted(.late, _): .W1
    case .granted(.unprovisioned, _): .S2
    case .partlyGranted: .Q3
    case .waiting: .Q2
    case .denied(.acceptableUse): .N5
    case .denied(.verificationUsed): .N3
    case .denied(.tooLate), .denied(.used): .W1
    case .address(let decision, _): decision.clause
    case .unmatched: .Q1
    }
  }

  public var verdict: RequestVerdict {
    switch self {
    case .granted: .granted
    case .partlyGranted: .partlyGranted
    case .waiting: .waiting
    case .denied: .denied
    case .address(let decision, _): decision.verdict
    case .unmatched: .unmatched
    }
  }
}

extension OrderFacts {
  /// Decides the requests of this order as of a date.
  ///
  /// - Returns: In the order of the requests; nil where a request is not known yet.
  func decideRequests(faults: [Fault], settings: SettingsHistory, asOf cut: Instant) -> [RequestDecision?] {
    let alone = requests.map { request in
      request.requestedAt < cut ? decide(request, faults: faults, settings: settings, asOf: cut) : nil
    }
    return alone.indices.map { index in
      guard let decision = alone[index] else { return nil }
      return addressOnly(index, decision, among: alone, asOf: cut) ?? decision
    }
  }

  /// Q4: whether a request that would be denied by itself only brings an address, because an earlier one was granted all that it could ask for: every
  /// period paid for before it (W1, S2), or all that is left of the paid periods (Q3).
  private func addressOnly(_ index: Int, _ decision: RequestDecision, among alone: [RequestDecision?], asOf cut: Instant) -> RequestDecision? {
    let request = requests[index]
    switch decision {
    case .denied(.tooLate), .denied(.used), .denied(.verificationUsed): break
    case .denied(.acceptableUse), .granted, .partlyGranted, .waiting, .address, .unmatched: return nil
    }
    if request.address == nil { return nil }
    let paidBefore = self.paidBefore(request, asOf: cut)
    let latest = requests.indices.filter { other in
      guard requests[other].precedes(request) else { return false }
      switch alone[other] {
      case .granted(_, let periods): return periods == paidBefore
      case .partlyGranted: return true
      case .waiting, .denied, .address, .unmatched, nil: return false
      }
    }.max { requests[$0].precedes(requests[$1]) }
    return latest.flatMap { other in alone[other].map { .address(of: $0, requestID: requests[other].requestID) } }
  }

  /// The periods known as of a date that were paid for before a request.
  private func paidBefore(_ request: RequestFacts, asOf cut: Instant) -> [Int] {
    periods.indices.filter { periods[$0].terms.isKnown(asOf: cut) && periods[$0].paidAt < request.requestedAt }
  }

  /// Decides a request of this order by itself, as of a date, in the order of Q2.
  ///
  /// - Parameters:
  ///   - request: Known as of the date and matched to this order.
  ///   - faults: The order's faults as of the date.
  ///   - cut: Midnight UTC that ends the business date.
  public func decide(_ request: RequestFacts, faults: [Fault], settings: SettingsHistory, asOf cut: Instant) -> RequestDecision {
    let requestDay = request.requestedAt.day
    let ending = service.ending(asOf: cut)

    // N5 Terminated for violating the acceptable-use policy: nothing.
    if ending?.reason == .aup { return .denied(.acceptableUse) }

    // S2 Not provisioned: everything paid before the request.
    let paidBefore = self.paidBefore(request, asOf: cut)
    guard service.isProvisioned(asOf: cut) else { return .granted(.unprovisioned, periods: paidBefore) }

    // W1, W3 Inside the window and never used: everything, without review.
    let numbers = numbers(for: request, settings: settings, asOf: cut)
    let windowClosed = service.activation(asOf: cut).map { $0.advanced(bySeconds: Int64(numbers.windowDays) * 86_400) }
    let inWindow = windowClosed.map { request.requestedAt <= $0 } ?? true
    let firstUse = service.firstUsage(through: requestDay, asOf: cut) { $0.isUse }
    if inWindow && firstUse == nil {
      // W3 Never activated: the window closes too, some days after the last paid period has ended.
      if windowClosed == nil, let closed = closingOfUnusedLine(numbers, asOf: cut), request.requestedAt > closed {
        return .granted(.late(windowClosed: closed), periods: paidBefore)
      }
      return .granted(.window, periods: paidBefore)
    }

    // N3 Used for SMS verification: nothing that a request would add.
    if let day = service.firstUsage(through: requestDay, asOf: cut, where: { $0.verifications > 0 }) { return .denied(.verificationUsed(day)) }

    // Q3 Made while a qualifying fault was open: every later day too.
    let openThen = faults.filter { $0.covers(request.requestedAt) }
    let qualifying = openThen.filter { $0.qualifies(under: numbers, asOf: cut) }
    let endedBefore = ending.map { $0.at.day < requestDay } ?? false
    let hasDaysLeft = periods.contains { $0.terms.isKnown(asOf: cut) && $0.days.end > requestDay.advanced(by: 1) }
    if !qualifying.isEmpty, !endedBefore, hasDaysLeft {
      return .partlyGranted(.init(from: requestDay, faults: qualifying))
    }

    // Q2 A fault that may still come to qualify keeps it waiting.
    if let fault = openThen.first(where: { $0.isOpen && !$0.qualifies(under: numbers, asOf: cut) }) { return .waiting(fault) }

    // W1 Too late or used, and no fault of the seller's.
    let nearest: RequestDecision.NearMiss? =
      if let fault = qualifying.first {
        endedBefore ? .endedBefore(fault, ending?.at.day ?? requestDay) : .nothingLeft(fault)
      } else if let fault = openThen.max(by: { $0.length(asOf: cut) < $1.length(asOf: cut) }), let threshold = fault.kind.threshold(under: numbers) {
        .tooShort(fault, threshold: threshold)
      } else {
        nil
      }
    if let windowClosed, !inWindow { return .denied(.tooLate(windowClosed: windowClosed, nearest: nearest)) }
    return .denied(.used(firstUse ?? requestDay, nearest: nearest))
  }

  /// W3: when the window of a line that is not activated closes; nil where no period is known.
  private func closingOfUnusedLine(_ numbers: PolicyNumbers, asOf cut: Instant) -> Instant? {
    let ends = periods.filter { $0.terms.isKnown(asOf: cut) }.map(\.days.end)
    return ends.max().map { $0.start.advanced(bySeconds: Int64(numbers.windowDays) * 86_400) }
  }

  /// The numbers a request is decided under: those in force when the order's first period was paid for; those at the request where no period is known.
  private func numbers(for request: RequestFacts, settings: SettingsHistory, asOf cut: Instant) -> PolicyNumbers {
    let first = periods.filter { $0.terms.isKnown(asOf: cut) }
      .min { ($0.days.first, $0.periodID) < ($1.days.first, $1.periodID) }
    return settings.policy(paidAt: first?.paidAt ?? request.requestedAt)
  }
}

extension RequestFacts {
  /// Whether it was made before another; of two of one second the one with the smaller id.
  public func precedes(_ other: RequestFacts) -> Bool { (requestedAt, requestID) < (other.requestedAt, other.requestID) }
}

/// A transaction id in the form in which two of them are compared (Q1): hexadecimal ones without `0x` and in lower case, others to the letter.
public struct TransactionID: Hashable, Sendable {
  public let canonical: String

  public init(_ text: String) {
    var digits = Substring(text)
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") { digits = digits.dropFirst(2) }
    let isHexadecimal =
      !digits.isEmpty
      && digits.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
      }
    canonical = isHexadecimal ? digits.lowercased() : text
  }
}

/// What is known of the order a request names and of the orders its transaction paid for.
public struct MatchFacts: Sendable {
  public enum NamedOrder: Hashable, Sendable {
    case none
    case unknown(String)
    case voided(String)
    case known(String)
  }

  public var named: NamedOrder
  public var transaction: String?
  /// The orders, none voided, of which a period known as of the date was paid with the transaction; no order twice.
  public var paidOrders: [String]

  public init(named: NamedOrder, transaction: String?, paidOrders: [String]) {
    (self.named, self.transaction, self.paidOrders) = (named, transaction, paidOrders)
  }

  /// Q1: the order, or why none can be named without a guess.
  public func match() -> Result<String, UnmatchedRequest> {
    switch named {
    case .unknown(let id): return .failure(UnmatchedRequest(.unknownOrder(id)))
    case .voided(let id): return .failure(UnmatchedRequest(.voidedOrder(id)))
    case .known(let id):
      guard let transaction else { return .success(id) }
      return paidOrders.contains(id) ? .success(id) : .failure(UnmatchedRequest(.disagreement(orderID: id, transaction: transaction)))
    case .none:
      let transaction = transaction ?? ""
      guard let only = paidOrders.first else { return .failure(UnmatchedRequest(.unknownTransaction(transaction))) }
      return paidOrders.count == 1 ? .success(only) : .failure(UnmatchedRequest(.severalOrders(transaction: transaction, count: paidOrders.count)))
    }
  }
}

/// Q1: a request that no order can be named for.
public struct UnmatchedRequest: Error, Hashable, Sendable {
  public let failure: RequestDecision.MatchFailure

  public init(_ failure: RequestDecision.MatchFailure) { self.failure = failure }
}
