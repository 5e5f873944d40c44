/// What is known of one order, voided records already left out; nothing in it is cut to a date yet.
public struct OrderFacts: Sendable {
  public var orderID: String
  public var line: LineFacts
  public var service: ServiceFacts
  /// Ascending by first day; they never overlap.
  public var periods: [PeriodFacts]
  /// Every record that hits the line, of whatever kind and scope, restoration tickets of the order included.
  public var faults: [FaultRecord]
  /// The requests matched to this order by Q1.
  public var requests: [RequestFacts]

  public init(
    orderID: String, line: LineFacts, service: ServiceFacts = ServiceFacts(), periods: [PeriodFacts] = [], faults: [FaultRecord] = [],
    requests: [RequestFacts] = []
  ) {
    (self.orderID, self.line, self.service) = (orderID, line, service)
    (self.periods, self.faults, self.requests) = (periods, faults, requests)
  }
}

/// On which days a line was in service, and what it did on them.
public struct ServiceFacts: Sendable {
  public var provisionedAt: Instant?
  public var activatedAt: Instant?
  public var ended: Ending?
  /// Ascending by day, one row a day.
  public var usage: [UsageDay]

  /// When and why an order ended.
  public struct Ending: Hashable, Sendable {
    public let at: Instant
    public let reason: EndReason

    public init(at: Instant, reason: EndReason) { (self.at, self.reason) = (at, reason) }
  }

  public init(provisionedAt: Instant? = nil, activatedAt: Instant? = nil, ended: Ending? = nil, usage: [UsageDay] = []) {
    (self.provisionedAt, self.activatedAt, self.ended, self.usage) = (provisionedAt, activatedAt, ended, usage)
  }
}

/// A stretch of days paid for with one payment.
public struct PeriodFacts: Hashable, Sendable {
  public var periodID: String
  public var terms: PeriodTerms
  public var coin: String
  /// Nil is the coin's own chain.
  public var network: String?

  public init(periodID: String, terms: PeriodTerms, coin: String = "XMR", network: String? = nil) {
    (self.periodID, self.terms, self.coin, self.network) = (periodID, terms, coin, network)
  }

  public var days: DayRange { terms.days }
  public var paid: Cents { terms.paid }
  public var paidAt: Instant { terms.paidAt }
}

/// What decides how much the days of a period are worth.
public struct PeriodTerms: Hashable, Sendable {
  public var days: DayRange
  /// Everything, setup fee and add-ons included.
  public var paid: Cents
  public var setupFee: Cents
  public var paidAt: Instant
  public var addons: [AddonFacts]

  public init(days: DayRange, paid: Cents, setupFee: Cents, paidAt: Instant, addons: [AddonFacts] = []) {
    (self.days, self.paid, self.setupFee, self.paidAt, self.addons) = (days, paid, setupFee, paidAt, addons)
  }
}

public struct AddonFacts: Hashable, Sendable {
  public var category: AddonCategory
  public var fee: Cents
  /// Nil: never active.
  public var activeFrom: Instant?
  /// Nil: still active.
  public var activeTo: Instant?

  public init(category: AddonCategory, fee: Cents, activeFrom: Instant?, activeTo: Instant?) {
    (self.category, self.fee, self.activeFrom, self.activeTo) = (category, fee, activeFrom, activeTo)
  }
}

/// What a line did on one day.
public struct UsageDay: Hashable, Sendable {
  public var day: ServiceDay
  /// Outbound calls and SMS together.
  public var outbound: Int64
  /// Inbound verification SMS received and acknowledged.
  public var verifications: Int64

  public init(day: ServiceDay, outbound: Int64, verifications: Int64) {
    (self.day, self.outbound, self.verifications) = (day, outbound, verifications)
  }

  /// A used day is never refunded (N2).
  public var isUsedDay: Bool { outbound > 0 }
  /// W2 counts verification SMS too.
  public var isUse: Bool { outbound > 0 || verifications > 0 }
}

/// A customer's request, matched to an order.
public struct RequestFacts: Hashable, Sendable {
  public var requestID: String
  public var requestedAt: Instant
  public var address: String?
  public var network: String?
  public var tag: String?

  public init(requestID: String, requestedAt: Instant, address: String? = nil, network: String? = nil, tag: String? = nil) {
    self.requestID = requestID
    self.requestedAt = requestedAt
    self.address = address
    self.network = network
    self.tag = tag
  }
}

extension ServiceFacts {
  /// Whether the line was provisioned as of a date (S2).
  func isProvisioned(asOf end: Instant) -> Bool { provisionedAt.map { $0 < end } ?? false }

  /// The activation, when it has happened as of a date.
  func activation(asOf end: Instant) -> Instant? { activatedAt.flatMap { $0 < end ? $0 : nil } }

  /// The end of the order, when it has happened as of a date.
  func ending(asOf end: Instant) -> Ending? { ended.flatMap { $0.at < end ? $0 : nil } }

  /// N5: whether the order was ended for abuse, as of a date.
  func isTerminatedForAbuse(asOf end: Instant) -> Bool { ending(asOf: end)?.reason == .aup }

  /// The first usage row on or before `day` that `counts`, as of a date (W2: usage on the day of a request counts as before it).
  func firstUsage(through day: ServiceDay, asOf end: Instant, where counts: (UsageDay) -> Bool) -> ServiceDay? {
    usage.first { $0.day <= day && $0.day.start < end && counts($0) }?.day
  }

  /// Whether the line was used for SMS verification, as of a date: fault days are refunded all the same, and a reviewer is told (N3).
  public func wasVerified(asOf cut: Instant) -> Bool {
    firstUsage(through: cut.day, asOf: cut) { $0.verifications > 0 } != nil
  }
}

extension PeriodTerms {
  public func isKnown(asOf end: Instant) -> Bool { paidAt < end }

  /// What the daily shares are taken of: the payment less the setup fee (S1) and the AI add-ons active during the period (N4).
  public func base(asOf end: Instant) -> Cents {
    var base = paid - setupFee
    for addon in addons where addon.category == .ai && addon.wasActive(during: days, asOf: end) { base = base - addon.fee }
    return max(base, .zero)
  }
}

extension AddonFacts {
  /// Whether [active_from, active_to) touches a day of the period, as far as is known as of a date.
  func wasActive(during days: DayRange, asOf end: Instant) -> Bool {
    guard let activeFrom, activeFrom < end else { return false }
    let knownEnd = activeTo.flatMap { $0 < end ? $0 : nil }
    guard let active = Interval(activeFrom, knownEnd) else { return false }
    return active.start < days.end.start && (active.end.map { days.first.start < $0 } ?? true)
  }
}
