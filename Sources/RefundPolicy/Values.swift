/// Where a fault record applies: the column pair `scope`, `scope_value`.
public enum Scope: Hashable, Sendable {
  case platform
  case region(String)
  case carrier(String)
  /// The beginning of an E.164 number, with its `+`.
  case prefix(String)
  case line(String)
  case plan(String)
}

/// What of an order decides which fault records hit it.
public struct LineFacts: Hashable, Sendable {
  /// The digits of the E.164 number.
  public let digits: UInt64
  public let carrier: String
  public let region: String
  public let plan: String

  public init(digits: UInt64, carrier: String, region: String, plan: String) {
    (self.digits, self.carrier, self.region, self.plan) = (digits, carrier, region, plan)
  }

  /// The E.164 number, with its `+`.
  public var number: String { "+\(digits)" }
}

/// Why an order ended: the column `end_reason`.
public enum EndReason: String, Hashable, Sendable, CaseIterable {
  case expired, cancelled, withdrawn, aup

  /// Whether an end for it means something for the days before it: N5 leaves nothing of them, and P1 wants a withdrawal record.
  public var reachesBack: Bool {
    switch self {
    case .withdrawn, .aup: true
    case .expired, .cancelled: false
    }
  }
}

/// Who a broken piece of infrastructure belonged to: the column `origin`. Only the seller's own counts (P2).
public enum OutageOrigin: String, Hashable, Sendable, CaseIterable {
  case infrastructure, carrier
  case thirdParty = "third_party"
}

/// The column `reason` of a withdrawal.
public enum WithdrawalReason: String, Hashable, Sendable, CaseIterable { case carrier, regulatory }

/// The column `category` of an add-on.
public enum AddonCategory: String, Hashable, Sendable, CaseIterable { case ai, other }

/// How a refund request came in: the column `channel`.
public enum RequestChannel: String, Hashable, Sendable, CaseIterable { case panel, contact }

/// Why a day is refunded, in the order in which one cause goes before another (P5, W4).
public enum Cause: Int, Hashable, Sendable, CaseIterable, Comparable {
  case withdrawal, outage, unrestored, feature, cancellation, unused, unprovisioned

  public static func < (left: Cause, right: Cause) -> Bool { left.rawValue < right.rawValue }

  /// W1, S2: whether it refunds whole periods, by the policy's own decision.
  public var takesWholePeriods: Bool {
    switch self {
    case .unused, .unprovisioned: true
    case .withdrawal, .outage, .unrestored, .feature, .cancellation: false
    }
  }

  /// The word in reports.
  public var name: String {
    switch self {
    case .withdrawal: "withdrawal"
    case .outage: "outage"
    case .unrestored: "unrestored"
    case .feature: "feature"
    case .cancellation: "cancellation"
    case .unused: "unused"
    case .unprovisioned: "unprovisioned"
    }
  }

  /// The clause that makes days of this cause refundable.
  public var clause: Clause {
    switch self {
    case .withdrawal: .P1
    case .outage: .P2
    case .unrestored: .P3
    case .feature: .P4
    case .cancellation: .Q3
    case .unused: .W1
    case .unprovisioned: .S2
    }
  }
}
