/// A day that is refundable as of some night, and what it is worth by itself (P5, before the cap by what is committed).
public struct EntitledDay: Hashable, Sendable {
  public var day: Int
  public var cause: Cause
  public var cents: Int
  /// Records that answer for the day, sorted bytewise, like `outage:o1`.
  public var evidence: [String]
}

/// G8: doubtful evidence, as the flags of an item say it.
public enum Doubt: String, CaseIterable, Sendable {
  case openLong = "open_long"
  case usedDuringFault = "used_during_fault"
}

/// What a request comes to.
public struct Verdict: Hashable, Sendable {
  public enum Decision: String, CaseIterable, Sendable {
    case granted, denied, waiting, unmatched
    case partlyGranted = "partly_granted"
  }
  public enum Clause: String, CaseIterable, Sendable { case w1 = "W1", s2 = "S2", q3 = "Q3", n3 = "N3", n5 = "N5", q2 = "Q2", q1 = "Q1" }

  public var decision: Decision
  public var clause: Clause
  /// The order the request was matched to; nil when unmatched.
  public var orderID: String?
}

/// Everything the policy says of one order as of D, from the facts alone.
struct Judgement {
  let world: World
  let order: Order
  /// D itself; facts count that are earlier than the midnight that ends it.
  let date: Int
  let midnight: Int
  /// Paid for before T and not voided, by first day, then id.
  let periods: [Period]
  let faults: [Fault]
  /// Those matched to this order, with what they come to.
  private(set) var verdicts: [(request: Request, verdict: Verdict)] = []
  /// The same, each looked at as if it were alone.
  private var alone: [(request: Request, verdict: Verdict)] = []

  private let usage: [Usage]
  private let usedDays: Set<Int>

  init(world: World, order: Order, date: Int, requests: [Request]) {
    self.world = world
    self.order = order
    self.date = date
    let midnight = (date + 1) * secondsPerDay
    self.midnight = midnight
    periods = world.periods
      .filter { $0.orderID == order.id && !$0.voided && $0.paidAt < midnight }
      .sorted { ($0.startsOn, $0.id) < ($1.startsOn, $1.id) }
    faults = world.faults(of: order, before: midnight)
    usage = world.usage.filter { $0.orderID == order.id && !$0.voided && $0.day <= date }
    usedDays = Set(usage.filter { $0.calls + $0.sms > 0 }.map(\.day))
    for request in requests { alone.append((request, verdict(on: request))) }
    verdicts = alone.map { ($0.request, answer(toAddressIn: $0.request, refused: $0.verdict) ?? $0.verdict) }
  }

  /// Q4: a later message that would be refused, and gives an address, is answered as the request before it that got all there was to get.
  private func answer(toAddressIn request: Request, refused verdict: Verdict) -> Verdict? {
    guard verdict.decision == .denied, verdict.clause != .n5, !request.address.isEmpty else { return nil }
    func paid(before other: Request) -> [String] { periods.filter { $0.paidAt < other.requestedAt }.map(\.id) }
    let answering = alone.filter { other in
      if !isBefore(other.request, request) { return false }
      switch other.verdict.decision {
      case .granted: return paid(before: other.request) == paid(before: request)
      case .partlyGranted: return true
      case .denied, .waiting, .unmatched: return false
      }
    }
    return answering.max { isBefore($0.request, $1.request) }?.verdict
  }

  private func isBefore(_ one: Request, _ other: Request) -> Bool { (one.requestedAt, one.id) < (other.requestedAt, other.id) }

  private var isProvisioned: Bool { isKnown(order.provisionedAt) }
  private var isActivated: Bool { isKnown(order.activatedAt) }
  private var hasEnded: Bool { isKnown(order.endedAt) }
  private var endedForAbuse: Bool { hasEnded && order.endReason == .aup }

  private func isKnown(_ instant: Int?) -> Bool {
    guard let instant else { return false }
    return instant < midnight
  }

  // Requests, in the order of Q2.

  private func verdict(on request: Request) -> Verdict {
    func tell(_ decision: Verdict.Decision, _ clause: Verdict.Clause) -> Verdict {
      Verdict(decision: decision, clause: clause, orderID: order.id)
    }
    let settings = world.settings(at: periods.first?.paidAt ?? request.requestedAt)
    let requestDay = day(of: request.requestedAt)

    if endedForAbuse { return tell(.denied, .n5) }
    if !isProvisioned { return tell(.granted, .s2) }
    if !wasUsed(by: requestDay) && isInWindow(request, settings) { return tell(.granted, .w1) }
    if wasUsedForVerification(by: requestDay) { return tell(.denied, .n3) }

    let openThen = faults.filter { $0.isOpen(at: request.requestedAt) }
    let reachesBeyond = periods.contains { $0.endsOn > requestDay + 1 }
    if openThen.contains(where: { $0.qualifies(under: settings) }) && !hasEnded(before: requestDay) && reachesBeyond {
      return tell(.partlyGranted, .q3)
    }
    if openThen.contains(where: { $0.isOpen && !$0.qualifies(under: settings) }) { return tell(.waiting, .q2) }
    return tell(.denied, .w1)
  }

  /// W1, W3: not activated yet, or asked for no later than the window's last second.
  private func isInWindow(_ request: Request, _ settings: DatedSettings) -> Bool {
    guard isActivated, let activatedAt = order.activatedAt else { return true }
    return request.requestedAt <= activatedAt + settings.windowDays * secondsPerDay
  }

  /// W2, by day.
  private func wasUsed(by day: Int) -> Bool {
    usage.contains { $0.day <= day && ($0.calls > 0 || $0.sms > 0 || $0.verifications > 0) }
  }

  private func wasUsedForVerification(by day: Int) -> Bool {
    usage.contains { $0.day <= day && $0.verifications > 0 }
  }

  private func hasEnded(before day: Int) -> Bool {
    guard hasEnded, let endedAt = order.endedAt else { return false }
    return ReferenceModel.day(of: endedAt) < day
  }

  private func requests(grantedBy clause: Verdict.Clause) -> [Request] {
    alone.filter { $0.verdict.clause == clause && $0.verdict.decision != .denied }.map(\.request)
  }

  // Days and money.

  /// What is paid for and refundable in principle (words: Base; N4, S1; S2 gives everything back).
  func base(of period: Period) -> Int {
    grant(of: period)?.cause == .unprovisioned ? period.paidCents : period.paidCents - period.feeCents - assistantFees(in: period)
  }

  /// N4: the AI add-ons that were active on any day of the period.
  private func assistantFees(in period: Period) -> Int {
    var sum = 0
    for addon in world.addons where addon.periodID == period.id && !addon.voided && addon.category == .ai {
      guard let from = addon.activeFrom, from < midnight else { continue }
      let until = isKnown(addon.activeTo) ? addon.activeTo ?? Int.max : Int.max
      if (period.startsOn..<period.endsOn).contains(where: { touches(start: from, end: until, day: $0) }) { sum += addon.feeCents }
    }
    return sum
  }

  /// The grant that takes the whole period, if any: S2, or W1 (W3), for a period paid for before the request.
  func grant(of period: Period) -> (cause: Cause, evidence: [String])? {
    for (clause, cause) in [(Verdict.Clause.s2, Cause.unprovisioned), (.w1, .unused)] {
      let covering = requests(grantedBy: clause).filter { period.paidAt < $0.requestedAt }
      if !covering.isEmpty { return (cause, covering.map { "request:\($0.id)" }.sorted(by: bytewise)) }
    }
    return nil
  }

  /// The first request that gets the whole of a period, where W1 or W3 gives it.
  private func firstGrant(of period: Period) -> Request? {
    requests(grantedBy: .w1).filter { period.paidAt < $0.requestedAt }.min(by: isBefore)
  }

  /// W1 and S2 need no person, but for a request that came too late after a line that was never activated (W3).
  func isAutomatic(_ period: Period) -> Bool {
    guard let grant = grant(of: period) else { return false }
    if grant.cause == .unprovisioned { return true }
    guard let first = firstGrant(of: period), !isActivated, let end = periods.map(\.endsOn).max() else { return true }
    let settings = world.settings(at: periods.first?.paidAt ?? first.requestedAt)
    return first.requestedAt <= (end + settings.windowDays) * secondsPerDay
  }

  /// G4: the day through which usage has to be known before W1 approves itself.
  func usageNeeded(for period: Period) -> Int? {
    guard isAutomatic(period), grant(of: period)?.cause == .unused else { return nil }
    return firstGrant(of: period).map { ReferenceModel.day(of: $0.requestedAt) }
  }

  /// The refundable days of a known period of this order, first to last.
  func entitlement(of period: Period) -> [EntitledDay] {
    let base = base(of: period)
    let settings = world.settings(at: period.paidAt)
    let qualifying = faults.filter { $0.qualifies(under: settings) }
    let grant = grant(of: period)
    let cancellations = requests(grantedBy: .q3)
    if grant == nil && qualifying.isEmpty && cancellations.isEmpty { return [] }

    var days: [EntitledDay] = []
    for day in period.startsOn..<period.endsOn {
      let reason = grant ?? faultReason(on: day, qualifying: qualifying, cancellations: cancellations)
      guard let reason else { continue }
      let cents = share(ofDay: day - period.startsOn, of: period.endsOn - period.startsOn, base: base)
      days.append(EntitledDay(day: day, cause: reason.cause, cents: cents, evidence: reason.evidence))
    }
    return days
  }

  /// G8: what a reviewer is told of the evidence behind a period's days.
  func doubts(about period: Period) -> Set<Doubt> {
    if grant(of: period) != nil || entitlement(of: period).isEmpty { return [] }
    let qualifying = faults.filter { $0.qualifies(under: world.settings(at: period.paidAt)) }
    let days = period.startsOn..<period.endsOn
    let isCancelled = !requests(grantedBy: .q3).isEmpty
    let maxSeconds = world.settings(at: date * secondsPerDay).faultOpenMaxDays * secondsPerDay
    var doubts: Set<Doubt> = []
    for fault in qualifying {
      func touches(_ day: Int) -> Bool { fault.records.contains { ReferenceModel.touches(start: $0.start, end: $0.end, day: day) } }
      if fault.isOpen && midnight - fault.start > maxSeconds && days.contains(where: touches) { doubts.insert(.openLong) }
      if days.contains(where: { touches($0) && usedDays.contains($0) && wasInService(on: $0, cancelled: isCancelled) }) {
        doubts.insert(.usedDuringFault)
      }
    }
    return doubts
  }

  private func faultReason(on day: Int, qualifying: [Fault], cancellations: [Request]) -> (cause: Cause, evidence: [String])? {
    if endedForAbuse || usedDays.contains(day) || !wasInService(on: day, cancelled: !cancellations.isEmpty) { return nil }
    let touching = qualifying.filter { $0.touches(day) }
    for cause in [Cause.withdrawal, .outage, .unrestored, .feature] {
      let mine = touching.filter { $0.cause == cause }
      if mine.isEmpty { continue }
      let records = mine.flatMap(\.records).filter { touches(start: $0.start, end: $0.end, day: day) }
      return (cause, Array(Set(records.map(\.name))).sorted(by: bytewise))
    }
    let asked = cancellations.filter { ReferenceModel.day(of: $0.requestedAt) <= day }
    return asked.isEmpty ? nil : (.cancellation, asked.map { "request:\($0.id)" }.sorted(by: bytewise))
  }

  /// P5: from activation (provisioning, while not activated) to the order's end, both days included.
  private func wasInService(on day: Int, cancelled: Bool) -> Bool {
    guard let begin = isActivated ? order.activatedAt : isProvisioned ? order.provisionedAt : nil else { return false }
    if day < ReferenceModel.day(of: begin) { return false }
    guard hasEnded, let endedAt = order.endedAt, order.endReason != .withdrawn, !cancelled else { return true }
    return day <= ReferenceModel.day(of: endedAt)
  }

  /// P1: the order ended as withdrawn and no record says so.
  var lacksWithdrawalRecord: Bool {
    hasEnded && order.endReason == .withdrawn
      && !world.withdrawals.contains { !$0.voided && $0.effectiveAt < midnight && $0.hits(order) }
  }
}

/// Ids sort by their bytes, as the reports do.
func bytewise(_ one: String, _ other: String) -> Bool {
  one.utf8.lexicographicallyPrecedes(other.utf8)
}

/// P5: the worth of day `index` of `count` days that cost `base` cents.
public func share(ofDay index: Int, of count: Int, base: Int) -> Int {
  func upTo(_ days: Int) -> Int {
    let (whole, rest) = (base * days).quotientAndRemainder(dividingBy: count)
    return 2 * rest > count ? whole + 1 : whole
  }
  return upTo(index + 1) - upTo(index)
}
