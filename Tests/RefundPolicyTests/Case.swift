import RefundPolicy
import Testing

/// A made-up order, told in a line: what differs from an order of November 2026 that was provisioned and activated on the 1st at 08:00, with one
/// period of 30 days for 30.00 USD (40.00 paid, 10.00 of it setup fee), paid for on the 1st at 07:00, and nothing else.
///
/// Times are `10 06:00:00` for 10 November 2026, `12-05 06:00:00` for another month; without a time it is midnight.
enum Fact: Sendable {
  case outage(String, String?)
  case withdrawal(String, String?)
  case ticket(String, String?)
  case feature(String, String, String?)
  /// An outbound call or SMS.
  case used(String)
  /// An inbound verification SMS, acknowledged.
  case verified(String)
  case request(String)
  case notProvisioned, notActivated
  case activated(String)
  case provisioned(String)
  case ended(String, EndReason)
  case period(String, String, paid: Int64, fee: Int64 = 0, at: String)
  /// The usual period, with another payment.
  case paid(Int64, fee: Int64)
  case addon(AddonCategory, Int64, String?, String?)
  /// The numbers in force from an instant on.
  case settings(String, PolicyNumbers)
  /// The business date; else 30 November.
  case asOf(String)
}

/// One case: the clause it is for, what it says, the facts, and what must come out.
struct Case: Sendable, CustomTestStringConvertible {
  let clause: Clause
  let says: String
  let facts: [Fact]
  /// `10-11 outage 2.00; 20 outage 1.00 / 01-31 unused 5.00 | granted W1`: stretches of one cause and evidence, periods divided by `/`, then the
  /// requests' decisions.
  let expected: String

  init(_ clause: Clause, _ says: String, _ facts: [Fact], _ expected: String) {
    (self.clause, self.says, self.facts, self.expected) = (clause, says, facts, expected)
  }

  var testDescription: String { "\(clause) \(says)" }

  var outcome: String {
    let world = CaseWorld(facts)
    let decision = world.order.decide(settings: world.settings, asOf: world.cut)
    let periods = zip(world.order.periods, decision.entitlements).map { period, entitlement in
      (entitlement?.stretches ?? []).map { stretch in
        let first = period.days.first.distance(to: stretch.days.first)
        let amount = entitlement?.proration.share(of: first..<(first + stretch.days.dayCount)) ?? .zero
        let (from, to) = (Self.short(stretch.days.first), Self.short(stretch.days.last))
        return "\(from == to ? from : "\(from)-\(to)") \(stretch.cause.name) \(amount)"
      }.joined(separator: "; ")
    }.joined(separator: " / ")
    let requests = decision.requests.map { $0.map { "\($0.verdict.rawValue) \($0.clause)" } ?? "not known" }
    return requests.isEmpty ? periods : periods + " | " + requests.joined(separator: ", ")
  }

  private static func short(_ day: ServiceDay) -> String {
    let text = "\(day)"
    return text.hasPrefix("2026-11-") ? String(text.suffix(2)) : String(text.dropFirst(text.hasPrefix("2026") ? 5 : 0))
  }
}

/// The facts of a case, put together.
struct CaseWorld {
  var order: OrderFacts
  var settings = SettingsHistory()
  var cut = CaseWorld.day("2026-11-30").end

  init(_ facts: [Fact]) {
    let line = LineFacts(digits: 12_025_550_101, carrier: "Telco", region: "us-east", plan: "basic")
    order = OrderFacts(orderID: "O-1", line: line)
    (order.service.provisionedAt, order.service.activatedAt) = (Self.time("01 08:00:00"), Self.time("01 08:00:00"))
    order.periods = [Self.period("01", "12-01", paid: 40_00, fee: 10_00, at: "01 07:00:00", "P-1")]
    for (index, fact) in facts.enumerated() { add(fact, "x\(index + 1)") }
    order.periods.sort { $0.days.first < $1.days.first }
    order.service.usage.sort { $0.day < $1.day }
  }

  private mutating func add(_ fact: Fact, _ id: String) {
    func fault(_ kind: FaultKind, _ start: String, _ end: String?) -> FaultRecord {
      FaultRecord(kind: kind, id: id, start: Self.time(start), end: end.map(Self.time))
    }
    switch fact {
    case .outage(let start, let end): order.faults.append(fault(.outage, start, end))
    case .withdrawal(let start, let end): order.faults.append(fault(.withdrawal, start, end))
    case .ticket(let start, let end): order.faults.append(fault(.restoration, start, end))
    case .feature(let name, let start, let end): order.faults.append(fault(.feature(name), start, end))
    case .used(let day): order.service.usage.append(UsageDay(day: Self.day(day), outbound: 1, verifications: 0))
    case .verified(let day): order.service.usage.append(UsageDay(day: Self.day(day), outbound: 0, verifications: 1))
    case .request(let at): order.requests.append(RequestFacts(requestID: id, requestedAt: Self.time(at)))
    case .notProvisioned: (order.service.provisionedAt, order.service.activatedAt) = (nil, nil)
    case .notActivated: order.service.activatedAt = nil
    case .activated(let at): order.service.activatedAt = Self.time(at)
    case .provisioned(let at): order.service.provisionedAt = Self.time(at)
    case .ended(let at, let reason): order.service.ended = ServiceFacts.Ending(at: Self.time(at), reason: reason)
    case .period(let first, let end, let paid, let fee, let at): order.periods.append(Self.period(first, end, paid: paid, fee: fee, at: at, id))
    case .paid(let cents, let fee): (order.periods[0].terms.paid, order.periods[0].terms.setupFee) = (Cents(cents), Cents(fee))
    case .addon(let category, let fee, let from, let to):
      order.periods[0].terms.addons.append(
        AddonFacts(category: category, fee: Cents(fee), activeFrom: from.map(Self.time), activeTo: to.map(Self.time)))
    case .settings(let from, let numbers):
      settings = SettingsHistory(
        settings.sets + [SettingsSet(effectiveFrom: Self.time(from), policy: numbers, operating: OperatingNumbers())])
    case .asOf(let day): cut = Self.day(day).end
    }
  }

  private static func period(_ first: String, _ end: String, paid: Int64, fee: Int64, at: String, _ id: String) -> PeriodFacts {
    PeriodFacts(
      periodID: id, terms: PeriodTerms(days: days(day(first), day(end)), paid: Cents(paid), setupFee: Cents(fee), paidAt: time(at)))
  }

  static func day(_ text: String) -> ServiceDay {
    let date = text.count == 2 ? "2026-11-\(text)" : text.count == 5 ? "2026-\(text)" : text
    guard let day = ServiceDay(date) else { preconditionFailure("a case names the day \(text)") }
    return day
  }

  static func days(_ first: ServiceDay, _ end: ServiceDay) -> DayRange {
    guard let days = DayRange(first, upTo: end) else { preconditionFailure("a case names no days") }
    return days
  }

  static func time(_ text: String) -> Instant {
    let parts = text.split(separator: " ")
    let clock = parts.count == 2 ? parts[1].split(separator: ":").compactMap { Int64($0) } : [0, 0, 0]
    return day(String(parts[0])).start.advanced(bySeconds: clock[0] * 3600 + clock[1] * 60 + clock[2])
  }
}
