/// All facts there are, as plain rows that mirror the eleven files of the contract, and the dated settings of the policy.
///
/// Days count from 1970-01-01, instants are seconds since then (UTC), money is cents of USD. A voided row counts as never made.
/// Nothing here is shared with the product: the model must be able to disagree with it.
package struct World: Hashable, Sendable {
  package var orders: [Order] = []
  package var periods: [Period] = []
  package var addons: [Addon] = []
  package var usage: [Usage] = []
  package var outages: [Outage] = []
  package var withdrawals: [Withdrawal] = []
  package var featureFaults: [FeatureFault] = []
  package var planFeatures: [PlanFeature] = []
  package var restorations: [Restoration] = []
  package var requests: [Request] = []
  package var rates: [Rate] = []
  /// Sets of settings; before the first of them, and without any, the defaults hold.
  package var settings: [DatedSettings] = []

  package init() {}

  /// The set in force at `instant`: the last one that took effect at or before it, else the defaults.
  package func settings(at instant: Int) -> DatedSettings {
    var inForce = DatedSettings(effectiveFrom: 0)
    for set in settings where set.effectiveFrom <= instant && set.effectiveFrom >= inForce.effectiveFrom {
      inForce = set
    }
    return inForce
  }
}

/// The numbers of the policy that are settings with a date (policy, "Settings").
package struct DatedSettings: Hashable, Sendable {
  package var effectiveFrom: Int
  package var windowDays: Int
  package var outageOverHours: Int
  package var troubleshootingOverHours: Int
  package var featureOverDays: Int
  /// G1: amounts from this one on need two people.
  package var secondApprovalCents: Int

  package init(
    effectiveFrom: Int, windowDays: Int = 7, outageOverHours: Int = 24, troubleshootingOverHours: Int = 72, featureOverDays: Int = 7,
    secondApprovalCents: Int = 50_000
  ) {
    self.effectiveFrom = effectiveFrom
    self.windowDays = windowDays
    self.outageOverHours = outageOverHours
    self.troubleshootingOverHours = troubleshootingOverHours
    self.featureOverDays = featureOverDays
    self.secondApprovalCents = secondApprovalCents
  }
}

/// One rented line.
package struct Order: Hashable, Sendable {
  package enum EndReason: String, CaseIterable, Sendable { case expired, cancelled, withdrawn, aup }

  package var id: String
  package var line: String
  package var carrier: String
  package var region: String
  package var plan: String
  package var provisionedAt: Int?
  package var activatedAt: Int?
  package var endedAt: Int?
  package var endReason: EndReason?
  package var voided = false

  package init(
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
package struct Period: Hashable, Sendable {
  package var id: String
  package var orderID: String
  package var startsOn: Int
  package var endsOn: Int
  package var paidCents: Int
  package var feeCents: Int
  package var coin: String
  package var network: String
  package var paidAmount: String
  package var txid: String
  package var paidAt: Int
  package var voided = false

  package init(
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

package struct Addon: Hashable, Sendable {
  package enum Category: String, CaseIterable, Sendable { case ai, other }

  package var id: String
  package var periodID: String
  package var category: Category
  package var feeCents: Int
  /// Nil: never active.
  package var activeFrom: Int?
  /// Nil: still active.
  package var activeTo: Int?
  package var voided = false

  package init(
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

package struct Usage: Hashable, Sendable {
  package var orderID: String
  package var day: Int
  package var calls: Int
  package var sms: Int
  package var verifications: Int
  package var voided = false

  package init(orderID: String, day: Int, calls: Int = 0, sms: Int = 0, verifications: Int = 0, voided: Bool = false) {
    self.orderID = orderID
    self.day = day
    self.calls = calls
    self.sms = sms
    self.verifications = verifications
    self.voided = voided
  }
}

/// Which lines a record hits.
package enum Scope: Hashable, Sendable {
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

package struct Outage: Hashable, Sendable {
  package enum Origin: String, CaseIterable, Sendable {
    case infrastructure, carrier
    case thirdParty = "third_party"
  }

  package var id: String
  package var origin: Origin
  package var scope: Scope
  package var startedAt: Int
  package var endedAt: Int?
  package var voided = false

  package init(id: String, origin: Origin = .infrastructure, scope: Scope, startedAt: Int, endedAt: Int?, voided: Bool = false) {
    self.id = id
    self.origin = origin
    self.scope = scope
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.voided = voided
  }
}

package struct Withdrawal: Hashable, Sendable {
  package enum Reason: String, CaseIterable, Sendable { case carrier, regulatory }

  package var id: String
  package var reason: Reason
  package var scope: Scope
  package var effectiveAt: Int
  package var reversedAt: Int?
  package var voided = false

  package init(id: String, reason: Reason = .carrier, scope: Scope, effectiveAt: Int, reversedAt: Int? = nil, voided: Bool = false) {
    self.id = id
    self.reason = reason
    self.scope = scope
    self.effectiveAt = effectiveAt
    self.reversedAt = reversedAt
    self.voided = voided
  }
}

package struct FeatureFault: Hashable, Sendable {
  package var id: String
  package var feature: String
  package var scope: Scope
  package var startedAt: Int
  package var fixedAt: Int?
  package var voided = false

  package init(id: String, feature: String, scope: Scope, startedAt: Int, fixedAt: Int?, voided: Bool = false) {
    self.id = id
    self.feature = feature
    self.scope = scope
    self.startedAt = startedAt
    self.fixedAt = fixedAt
    self.voided = voided
  }
}

package struct PlanFeature: Hashable, Sendable {
  package var plan: String
  package var feature: String
  package var voided = false

  package init(plan: String, feature: String, voided: Bool = false) {
    self.plan = plan
    self.feature = feature
    self.voided = voided
  }
}

package struct Restoration: Hashable, Sendable {
  package var id: String
  package var orderID: String
  package var openedAt: Int
  package var restoredAt: Int?
  package var voided = false

  package init(id: String, orderID: String, openedAt: Int, restoredAt: Int?, voided: Bool = false) {
    self.id = id
    self.orderID = orderID
    self.openedAt = openedAt
    self.restoredAt = restoredAt
    self.voided = voided
  }
}

package struct Request: Hashable, Sendable {
  package enum Channel: String, CaseIterable, Sendable { case panel, contact }

  package var id: String
  /// Empty: none given.
  package var orderID: String
  /// Empty: none given.
  package var txid: String
  package var requestedAt: Int
  package var channel: Channel
  package var address: String
  package var network: String
  package var tag: String
  package var voided = false

  package init(
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

package struct Rate: Hashable, Sendable {
  package var coin: String
  package var quotedAt: Int
  package var usd: String
  package var voided = false

  package init(coin: String, quotedAt: Int, usd: String, voided: Bool = false) {
    self.coin = coin
    self.quotedAt = quotedAt
    self.usd = usd
    self.voided = voided
  }
}
