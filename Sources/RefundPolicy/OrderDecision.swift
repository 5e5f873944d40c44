/// All that the policy says of one order as of a date.
public struct OrderDecision: Sendable {
  /// One for each of the order's periods, nil where the period is not known yet.
  public var entitlements: [Entitlement?]
  /// In the order of the facts' requests; nil where the request is not known yet.
  public var requests: [RequestDecision?]
  public var faults: [Fault]
  /// P1: it ended as withdrawn and no withdrawal record says so.
  public var isWithdrawnWithoutRecord: Bool
}

extension OrderFacts {
  /// Decides everything about the order as of the instant that ends the business date.
  ///
  /// A night asks this of orders with requests or items; of all others ``ServiceFacts/entitlement(for:faults:asOf:)`` is the answer, which this asks
  /// too.
  ///
  /// - Parameter lineFaults: What the order's fault records make, where it is known already: lines that the same records hit share it.
  public func decide(settings: SettingsHistory, asOf cut: Instant, lineFaults: LineFaults? = nil) -> OrderDecision {
    let hitting = { self.faults.filter { $0.hits(orderProvisionedAt: service.provisionedAt) } }
    let faults = lineFaults ?? LineFaults(Fault.merged(hitting(), asOf: cut), settings: settings, asOf: cut)
    let decisions = decideRequests(faults: faults.faults, settings: settings, asOf: cut)
    let entitlements = periods.indices.map { index in
      periods[index].terms.isKnown(asOf: cut) ? entitlement(of: index, faults: faults, decisions: decisions, asOf: cut) : nil
    }
    let isWithdrawnWithoutRecord =
      service.ending(asOf: cut)?.reason == .withdrawn
      && !self.faults.contains { $0.kind == .withdrawal && $0.start < cut && $0.hits(orderProvisionedAt: service.provisionedAt) }
    return OrderDecision(
      entitlements: entitlements, requests: decisions, faults: faults.faults, isWithdrawnWithoutRecord: isWithdrawnWithoutRecord)
  }

  private func entitlement(of index: Int, faults: LineFaults, decisions: [RequestDecision?], asOf cut: Instant) -> Entitlement {
    // W1, W3, S2 A full grant takes every day of the period (W4); N5 leaves none.
    if !service.isTerminatedForAbuse(asOf: cut), let full = fullGrant(of: index, decisions: decisions) {
      let terms = periods[index].terms
      let base = full.grant.cause == .unprovisioned ? terms.paid : terms.base(asOf: cut)
      let whole = EntitledStretch(days: terms.days, cause: full.grant.cause, evidence: full.evidence)
      return Entitlement(
        stretches: [whole], proration: Proration(base: base, dayCount: terms.days.dayCount), grant: full.grant, grantedOn: full.day)
    }
    let cancelled = cancelledDays(of: periods[index].days, decisions: decisions)
    return service.entitlement(for: periods[index].terms, faults: faults, cancelled: cancelled, asOf: cut)
  }

  /// The grant of the earliest request that gets the whole period: what it needs, later ones need too (G4, W3).
  private func fullGrant(
    of index: Int, decisions: [RequestDecision?]
  ) -> (grant: RequestDecision.FullGrant, day: ServiceDay, evidence: String)? {
    var first: (request: RequestFacts, grant: RequestDecision.FullGrant)?
    var evidence: [String] = []
    for (request, decision) in zip(requests, decisions) {
      guard case .granted(let full, let granted)? = decision, granted.contains(index) else { continue }
      if first.map({ request.precedes($0.request) }) ?? true { first = (request, full) }
      evidence.append("request:\(request.requestID)")
    }
    return first.map { ($0.grant, $0.request.requestedAt.day, OrderFacts.joined(evidence)) }
  }

  /// Q3: every later day from the day of the request on.
  private func cancelledDays(of period: DayRange, decisions: [RequestDecision?]) -> [CancelledDays] {
    var cancelled: [CancelledDays] = []
    for (request, decision) in zip(requests, decisions) {
      guard case .partlyGranted(let grant)? = decision, let days = DayRange(max(grant.from, period.first), upTo: period.end) else { continue }
      cancelled.append(CancelledDays(days: days, evidence: "request:\(request.requestID)"))
    }
    return cancelled
  }

  /// Several evidences as one: sorted, none twice, joined by `+`.
  static func joined(_ evidence: [String]) -> String {
    guard let first = evidence.first, evidence.contains(where: { $0 != first }) else { return evidence.first ?? "" }
    return Set(evidence).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: "+")
  }
}
