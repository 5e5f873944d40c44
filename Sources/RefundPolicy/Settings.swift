/// The numbers of the policy that decide what a period or a request is owed.
public struct PolicyNumbers: Hashable, Sendable {
  /// W1: a request counts as made in time up to this many days of 86,400 s after activation, inclusive.
  public var windowDays: Int
  /// P2: an outage must last longer than this many hours.
  public var outageOverHours: Int
  /// P3: a restoration ticket must stay open longer than this many hours.
  public var troubleshootingOverHours: Int
  /// P4: a feature must stay broken longer than this many days of 86,400 s.
  public var featureOverDays: Int

  public init(windowDays: Int = 7, outageOverHours: Int = 24, troubleshootingOverHours: Int = 72, featureOverDays: Int = 7) {
    self.windowDays = windowDays
    self.outageOverHours = outageOverHours
    self.troubleshootingOverHours = troubleshootingOverHours
    self.featureOverDays = featureOverDays
  }
}

/// The numbers that steer the work and follow the date of the run, not of the payment.
public struct OperatingNumbers: Hashable, Sendable {
  /// Q5: business days within which an automatic refund is promised.
  public var automaticDueBusinessDays = 5
  /// Q5: business days within which a reviewed refund is promised.
  public var reviewDueBusinessDays = 10
  /// Q5: hours more for coins other than Monero; counted in whole days, upwards.
  public var nonMoneroExtraHours = 48
  /// G1: at or above this amount two people approve.
  public var secondApproval = Cents(500_00)
  /// G2: a night that opens or raises more items than this is held; nil is no limit.
  public var nightLimitItems: Int?
  /// G2: a night that opens or raises more than this in all is held; nil is no limit.
  public var nightLimit: Cents?
  /// H2: the oldest rate a payout may use.
  public var rateMaxAgeMinutes = 1440
  /// G6: a rate more than this many times away from what it is measured by is doubtful: it may be mistyped.
  public var rateMaxFactor = RateFactor(2)
  /// G7: a run that would close more dates than this does nothing; 1 or more.
  public var catchUpMaxNights = 31
  /// G8: a fault that is open for more days than this is doubtful; 1 or more.
  public var faultOpenMaxDays = 30
  /// Facts whose newest import is older than this need a person; in hours, 1 or more.
  public var factsMaxAgeHours = 36
  /// G1: who may decide; with none everybody may.
  public var reviewers: [ReviewerSetting] = []
  /// Coins that payouts know besides their own table, or otherwise than it.
  public var coins: [CoinSetting] = []
  /// Codes of coins with tags that may be paid without one.
  public var untaggedCoins: Set<String> = []
  /// Q5: days that are not business days although they fall on Monday to Friday.
  public var holidays: Set<ServiceDay> = []

  public init() {}
}

/// A person who may decide.
public struct ReviewerSetting: Hashable, Sendable {
  public var name: String
  /// The system users that may act under the name; none is every one.
  public var users: [String]

  public init(name: String, users: [String]) { (self.name, self.users) = (name, users) }
}

/// A coin on a network, as the settings describe it.
public struct CoinSetting: Hashable, Sendable {
  public var coin: String
  public var network: String
  /// Whether facts may leave the network empty.
  public var isOnOwnChain: Bool
  /// Decimals of the smallest unit, 0 to 18.
  public var decimals: Int
  /// G3: decimal text.
  public var minimum: String
  /// The form of its addresses: the word of a family.
  public var addresses: String

  public init(coin: String, network: String, isOnOwnChain: Bool, decimals: Int, minimum: String, addresses: String) {
    (self.coin, self.network, self.isOnOwnChain) = (coin, network, isOnOwnChain)
    (self.decimals, self.minimum, self.addresses) = (decimals, minimum, addresses)
  }
}

/// One set of settings and when it takes effect.
public struct SettingsSet: Hashable, Sendable {
  public var effectiveFrom: Instant
  public var policy: PolicyNumbers
  public var operating: OperatingNumbers

  public init(effectiveFrom: Instant, policy: PolicyNumbers, operating: OperatingNumbers) {
    (self.effectiveFrom, self.policy, self.operating) = (effectiveFrom, policy, operating)
  }
}

/// All settings there ever were. Before the first set the policy's own defaults hold.
public struct SettingsHistory: Hashable, Sendable {
  /// Ascending by `effectiveFrom`, no two the same.
  public let sets: [SettingsSet]

  public init(_ sets: [SettingsSet] = []) { self.sets = sets.sorted { $0.effectiveFrom < $1.effectiveFrom } }

  /// The set in effect at an instant; nil before the first.
  public func set(at instant: Instant) -> SettingsSet? { sets.last { $0.effectiveFrom <= instant } }

  /// The numbers for what was paid for at `instant`: a change never rewrites the past.
  public func policy(paidAt instant: Instant) -> PolicyNumbers { set(at: instant)?.policy ?? PolicyNumbers() }

  /// The operating numbers for what a person does at `instant`.
  public func operating(at instant: Instant) -> OperatingNumbers { set(at: instant)?.operating ?? OperatingNumbers() }

  /// The operating numbers for the run that closes `day`: the last set in effect before the day ends.
  public func operating(closing day: ServiceDay) -> OperatingNumbers {
    operating(at: day.end.advanced(bySeconds: -1))
  }
}
