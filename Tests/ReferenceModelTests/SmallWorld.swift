public import ReferenceModel

/// 2026-01-01, day 0 of the small worlds.
public let day0 = dayOrdinal(2026, 1, 1)

/// Seconds at `hours` after the start of day `day` of a small world.
public func at(_ day: Int, hours: Int = 0, seconds: Int = 0) -> Int {
  (day0 + day) * secondsPerDay + hours * 3600 + seconds
}

extension World {
  /// One line, `o`, with one period `p` of 30 days from day 0 for 40.00 USD of which 10.00 is the setup fee (1.00 a day), paid, provisioned and
  /// activated at noon of day 0, with the core feature `sms`.
  public static func oneLine() -> World {
    var world = World()
    let noon = at(0, hours: 12)
    world.orders = [Order(id: "o", line: "+14155550001", provisionedAt: noon, activatedAt: noon)]
    world.periods = [
      Period(
        id: "p", orderID: "o", startsOn: day0, endsOn: day0 + 30, paidCents: 4000, feeCents: 1000, txid: "0xAB12", paidAt: at(0, hours: 10))
    ]
    world.planFeatures = [PlanFeature(plan: "basic", feature: "sms")]
    return world
  }

  /// The same, changed.
  public static func oneLine(_ change: (inout World) -> Void) -> World {
    var world = oneLine()
    change(&world)
    return world
  }

  /// Days of a period that are refundable as of day `date`, counted from day 0, told like `3-5 outage 300`.
  public func told(_ date: Int, period: String = "p") -> [String] {
    var stretches: [(first: Int, last: Int, cause: Cause, cents: Int)] = []
    for entitled in entitlement(self, day0 + date)[period] ?? [] {
      let number = entitled.day - day0
      if let last = stretches.last, last.last + 1 == number, last.cause == entitled.cause {
        stretches[stretches.count - 1].last = number
        stretches[stretches.count - 1].cents += entitled.cents
      } else {
        stretches.append((number, number, entitled.cause, entitled.cents))
      }
    }
    return stretches.map { "\($0.first)-\($0.last) \($0.cause.rawValue) \($0.cents)" }
  }

  /// The verdict on a request as of day `date`, like `granted W1 o`.
  public func verdict(_ date: Int, _ request: String = "r") -> String {
    guard let verdict = decisions(self, day0 + date)[request] else { return "unknown" }
    return "\(verdict.decision.rawValue) \(verdict.clause.rawValue) \(verdict.orderID ?? "-")"
  }
}
