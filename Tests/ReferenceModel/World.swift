/// All facts there are, as plain rows that mirror the eleven files of the contract, and the dated settings of the policy.
///
/// Days count from 1970-01-01, instants are seconds since then (UTC), money is cents of USD. A voided row counts as never made.
/// Nothing here is shared with the product: the model must be able to disagree with it.
public struct World: Hashable, Sendable {
  public var orders: [Order] = []
  public var periods: [Period] = []
  public var addons: [Addon] = []
  public var usage: [Usage] = []
  public var outages: [Outage] = []
  public var withdrawals: [Withdrawal] = []
  public var featureFaults: [FeatureFault] = []
  public var planFeatures: [PlanFeature] = []
  public var restorations: [Restoration] = []
  public var requests: [Request] = []
  public var rates: [Rate] = []
  /// Sets of settings; before the first of them, and without any, the defaults hold.
  public var settings: [DatedSettings] = []
  /// When they were taken in, all eleven files of them: up to then usage is known (G4).
  public var importedAt = 4_000_000_000

  public init() {}

  /// The set in force at `instant`: the last one that took effect at or before it, else the defaults.
  public func settings(at instant: Int) -> DatedSettings {
    var inForce = DatedSettings(effectiveFrom: 0)
    for set in settings where set.effectiveFrom <= instant && set.effectiveFrom >= inForce.effectiveFrom {
      inForce = set
    }
    return inForce
  }
}

/// The numbers of the policy that are settings with a date (policy, "Settings").
public struct DatedSettings: Hashable, Sendable {
  public var effectiveFrom: Int
  public var windowDays: Int
  public var outageOverHours: Int
  public var troubleshootingOverHours: Int
  public var featureOverDays: Int
  /// G1: amounts from this one on need two people.
  public var secondApprovalCents: Int
  /// G8: a fault open for longer is doubtful.
  public var faultOpenMaxDays: Int

  public init(
    effectiveFrom: Int, windowDays: Int = 7, outageOverHours: Int = 24, troubleshootingOverHours: Int = 72, featureOverDays: Int = 7,
    secondApprovalCents: Int = 50_000, faultOpenMaxDays: Int = 30
  ) {
    self.effectiveFrom = effectiveFrom
    self.windowDays = windowDays
    self.outageOverHours = outageOverHours
    self.troubleshootingOverHours = troubleshootingOverHours
    self.featureOverDays = featureOverDays
    self.secondApprovalCents = secondApprovalCents
    self.faultOpenMaxDays = faultOpenMaxDays
  }
}

/// One rented line.
public struct Order: Hashable, Sendable {
  public enum EndReason: String, CaseIterable, Sendable { case expired, cancelled, withdrawn, aup }

  public var id: String
  public var line: String
  public var carrier: String
  public var region: String
  public var plan: String
  public var provisionedAt: Int?
  public var activatedAt: Int?
  public var endedAt: Int?
  public var endReason: EndReason?
  public var voided = false

  public init(
    id: String, line: String, carrier: String = "c1", region: String = "eu", plan: String = "basic", provisionedAt: Int? = nil,
    activatedAt: Int? = nil, endedAt: Int? = nil, endReason: EndReason? = nil, voided: Bool = false
  ) {
    self.id = id
    self.line = line
    self.carrier = carrier
    self.region = region
    self.plan = plan
    self.provisionedAt = provisionedAt
    self.activatedAt = activatedAt
    self.endedAt = endedAt
    self.endReason = endReason
    self.voided = voided
  }
}

/// Days `startsOn ..< endsOn` of one order, paid for with one payment.
public struct Period: Hashable, Sendable {
  public var id: String
  public var orderID: String
  public var startsOn: Int
  public var endsOn: Int
  public var paidCents: Int
  public var feeCents: Int
  public var coin: String
  public var network: String
  public var paidAmount: String
  public var txid: String
  public var paidAt: Int
  public var voided = false

  public init(
    id: String, orderID: String, startsOn: Int, endsOn: Int, paidCents: Int, feeCents: Int = 0, coin: String = "XMR",
    network: String = "", paidAmount: String = "", txid: String = "", paidAt: Int, voided: Bool = false
  ) {
    self.id = id
    self.orderID = orderID
    self.startsOn = startsOn
    self.endsOn = endsOn
    self.paidCents = paidCents
    self.feeCents = feeCents
    self.coin = coin
    self.network = network
    self.paidAmount = paidAmount
    self.txid = txid
    self.paidAt = paidAt
    self.voided = voided
  }
}

public struct Addon: Hashable, Sendable {
  public enum Category: String, CaseIterable, Sendable { case ai, other }

  public var id: String
  public var periodID: String
  public var category: Category
  public var feeCents: Int
  /// Nil: never active.
  public var activeFrom: Int?
  /// Nil: still active.
  public var activeTo: Int?
  public var voided = false

  public init(
    id: String, periodID: String, category: Category, feeCents: Int, activeFrom: Int? = nil, activeTo: Int? = nil, voided: Bool = false
  ) {
    self.id = id
    self.periodID = periodID
    self.category = category
    self.feeCents = feeCents
    self.activeFrom = activeFrom
    self.activeTo = activeTo
    self.voided = voided
  }
}

public struct Usage: Hashable, Sendable {
  public var orderID: String
  public var day: Int
  public var calls: Int
  public var sms: Int
  public var verifications: Int
  public var voided = false

  public init(orderID: String, day: Int, calls: Int = 0, sms: Int = 0, verifications: Int = 0, voided: Bool = false) {
    self.orderID = orderID
    self.day = day
    self.calls = calls
    self.sms = sms
    self.verifications = verifications
    self.voided = voided
  }
}

/// Which lines a record hits.
public enum Scope: Hashable, Sendable {
  case platform
  case region(String)
  case carrier(String)
  case prefix(String)
  case line(String)
  case plan(String)

  func hits(_ order: Order) -> Bool {
    switch self {
    case .platform: true
    case .region(let value): order.region == value
    case .carrier(let value): order.carrier == value
    case .prefix(let value): order.line.hasPrefix(value)
    case .line(let value): order.line == value
    case .plan(let value): order.plan == value
    }
  }
}

public struct Outage: Hashable, Sendable {
  public enum Origin: String, CaseIterable, Sendable {
    case infrastructure, carrier
    case thirdParty = "third_party"
  }

  public var id: String
  public var origin: Origin
  public var scope: Scope
  public var startedAt: Int
  public var endedAt: Int?
  public var voided = false

  public init(id: String, origin: Origin = .infrastructure, scope: Scope, startedAt: Int, endedAt: Int?, voided: Bool = false) {
    self.id = id
    self.origin = origin
    self.scope = scope
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.voided = voided
  }
}

public struct Withdrawal: Hashable, Sendable {
  public enum Reason: String, CaseIterable, Sendable { case carrier, regulatory }

  public var id: String
  public var reason: Reason
  public var scope: Scope
  public var effectiveAt: Int
  public var reversedAt: Int?
  public var voided = false

  public init(id: String, reason: Reason = .carrier, scope: Scope, effectiveAt: Int, reversedAt: Int? = nil, voided: Bool = false) {
    self.id = id
    self.reason = reason
    self.scope = scope
    self.effectiveAt = effectiveAt
    self.reversedAt = reversedAt
    self.voided = voided
  }
}

public struct FeatureFault: Hashable, Sendable {
  public var id: String
  public var feature: String
  public var scope: Scope
  public var startedAt: Int
  public var fixedAt: Int?
  public var voided = false

  public init(id: String, feature: String, scope: Scope, startedAt: Int, fixedAt: Int?, voided: Bool = false) {
    self.id = id
    self.feature = feature
    self.scope = scope
    self.startedAt = startedAt
    self.fixedAt = fixedAt
    self.voided = voided
  }
}

public struct PlanFeature: Hashable, Sendable {
  public var plan: String
  public var feature: String
  public var voided = false

  public init(plan: String, feature: String, voided: Bool = false) {
    self.plan = plan
    self.feature = feature
    self.voided = voided
  }
}

public struct Restoration: Hashable, Sendable {
  public var id: String
  public var orderID: String
  public var openedAt: Int
  public var restoredAt: Int?
  public var voided = false

  public init(id: String, orderID: String, openedAt: Int, restoredAt: Int?, voided: Bool = false) {
    self.id = id
    self.orderID = orderID
    self.openedAt = openedAt
    self.restoredAt = restoredAt
    self.voided = voided
  }
}

public struct Request: Hashable, Sendable {
  public enum Channel: String, CaseIterable, Sendable { case panel, contact }

  public var id: String
  /// Empty: none given.
  public var orderID: String
  /// Empty: none given.
  public var txid: String
  public var requestedAt: Int
  public var channel: Channel
  public var address: String
  public var network: String
  public var tag: String
  public var voided = false

  public init(
    id: String, orderID: String = "", txid: String = "", requestedAt: Int, channel: Channel = .panel, address: String = "",
    network: String = "", tag: String = "", voided: Bool = false
  ) {
    self.id = id
    self.orderID = orderID
    self.txid = txid
    self.requestedAt = requestedAt
    self.channel = channel
    self.address = address
    self.network = network
    self.tag = tag
    self.voided = voided
  }
}

public struct Rate: Hashable, Sendable {
  public var coin: String
  public var quotedAt: Int
  public var usd: String
  public var voided = false

  public init(coin: String, quotedAt: Int, usd: String, voided: Bool = false) {
    self.coin = coin
    self.quotedAt = quotedAt
    self.usd = usd
    self.voided = voided
  }
}
