/// The numbers of the policy that decide what a period or a request is owed.
package struct PolicyNumbers: Hashable, Sendable {
  /// W1: a request counts as made in time up to this many days of 86,400 s after activation, inclusive.
  package var windowDays: Int
  /// P2: an outage must last longer than this many hours.
  package var outageOverHours: Int
  /// P3: a restoration ticket must stay open longer than this many hours.
  package var troubleshootingOverHours: Int
  /// P4: a feature must stay broken longer than this many days of 86,400 s.
  package var featureOverDays: Int

  package init(windowDays: Int = 7, outageOverHours: Int = 24, troubleshootingOverHours: Int = 72, featureOverDays: Int = 7) {
    self.windowDays = windowDays
    self.outageOverHours = outageOverHours
    self.troubleshootingOverHours = troubleshootingOverHours
    self.featureOverDays = featureOverDays
  }
}

/// The numbers that steer the work and follow the date of the run, not of the payment.
package struct OperatingNumbers: Hashable, Sendable {
  /// Q5: business days within which an automatic refund is promised.
  package var automaticDueBusinessDays = 5
  /// Q5: business days within which a reviewed refund is promised.
  package var reviewDueBusinessDays = 10
  /// Q5: hours more for coins other than Monero; counted in whole days, upwards.
  package var nonMoneroExtraHours = 48
  /// G1: at or above this amount two people approve.
  package var secondApproval = Cents(500_00)
  /// G2: a night that opens or raises more items than this is held; nil is no limit.
  package var nightLimitItems: Int?
  /// G2: a night that opens or raises more than this in all is held; nil is no limit.
  package var nightLimit: Cents?
  /// H2: the oldest rate a payout may use.
  package var rateMaxAgeMinutes = 1440
  /// H2: a rate more than this many times another away from the last one stops its payouts: it may be mistyped.
  package var rateMaxFactor = 2
  /// Coins that payouts know besides their own table, or otherwise than it.
  package var coins: [CoinSetting] = []
  /// Codes of coins with tags that may be paid without one.
  package var untaggedCoins: Set<String> = []
  /// Q5: days that are not business days although they fall on Monday to Friday.
  package var holidays: Set<ServiceDay> = []

  package init() {}
}

/// A coin on a network, as the settings describe it.
package struct CoinSetting: Hashable, Sendable {
  package var coin: String
  package var network: String
  /// Whether facts may leave the network empty.
  package var isOnOwnChain: Bool
  /// Decimals of the smallest unit, 0 to 18.
  package var decimals: Int
  /// G3: decimal text.
  package var minimum: String
  /// The form of its addresses: the word of a family.
  package var addresses: String

  package init(coin: String, network: String, isOnOwnChain: Bool, decimals: Int, minimum: String, addresses: String) {
    (self.coin, self.network, self.isOnOwnChain) = (coin, network, isOnOwnChain)
    (self.decimals, self.minimum, self.addresses) = (decimals, minimum, addresses)
  }
}

/// One set of settings and when it takes effect.
package struct SettingsSet: Hashable, Sendable {
  package var effectiveFrom: Instant
  package var policy: PolicyNumbers
  package var operating: OperatingNumbers

  package init(effectiveFrom: Instant, policy: PolicyNumbers, operating: OperatingNumbers) {
    (self.effectiveFrom, self.policy, self.operating) = (effectiveFrom, policy, operating)
  }
}

/// All settings there ever were. Before the first set the policy's own defaults hold.
package struct SettingsHistory: Hashable, Sendable {
  /// Ascending by `effectiveFrom`, no two the same.
  package let sets: [SettingsSet]

  package init(_ sets: [SettingsSet] = []) { self.sets = sets.sorted { $0.effectiveFrom < $1.effectiveFrom } }

  /// The place of the set in effect at an instant; nil before the first.
  private func place(at instant: Instant) -> Int? { sets.lastIndex { $0.effectiveFrom <= instant } }

  /// The numbers for what was paid for at `instant`: a change never rewrites the past.
  package func policy(paidAt instant: Instant) -> PolicyNumbers { place(at: instant).map { sets[$0].policy } ?? PolicyNumbers() }

  /// The operating numbers for what a person does at `instant`.
  package func operating(at instant: Instant) -> OperatingNumbers { place(at: instant).map { sets[$0].operating } ?? OperatingNumbers() }

  /// The operating numbers for the run that closes `day`: the last set in effect before the day ends.
  package func operating(closing day: ServiceDay) -> OperatingNumbers {
    operating(at: day.end.advanced(bySeconds: -1))
  }
}
