/// The first day of every random world, 2026-01-01.
public let firstRandomDay = dayOrdinal(2026, 1, 1)

/// The number of days that matter in a random world: nights from `firstRandomDay` to `firstRandomDay + randomHorizon` see all of it happen.
public let randomHorizon = 75

/// Facts that keep every check of an import, dense in edges: seconds beside thresholds and midnights, periods of one day and one cent, faults
/// that touch, scopes that meet on one line, requests on the last second of the window, voided rows, settings that change half-way.
///
/// The same seed and number of orders give the same world everywhere.
public func randomWorld(seed: UInt64, orders: Int) -> World {
  var generator = WorldGenerator(seed: seed)
  return generator.generate(orders: orders)
}

struct WorldGenerator {
  var random: SplitMix64
  var world = World()
  /// How many faults in a hundred hit more than one line: fewer where there are more orders, else every line is always down.
  var broadPercent = 0
  /// Instants at which something happens to an order's line; requests like to be made beside them.
  var turningPoints: [String: [Int]] = [:]

  static let carriers = ["orange", "telia", "kpn"]
  static let regions = ["eu", "us", "ap"]
  static let plans = ["basic", "pro", "max"]
  static let features = ["voice", "sms", "api"]

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func generate(orders count: Int) -> World {
    broadPercent = max(1, min(40, 400 / max(1, count)))
    addSettings()
    addPlanFeatures()
    for number in 0..<count { addOrder(number) }
    for index in world.orders.indices where random.chance(20) { addCancellation(of: index) }
    for order in world.orders { addWhatHappens(to: order) }
    for order in world.orders { addRequests(for: order) }
    addUnmatchedRequests()
    addRates()
    return world
  }

  /// A change takes effect at a midnight, so that settings dated by day can say it too.
  private mutating func addSettings() {
    if random.chance(50) { world.settings.append(DatedSettings(effectiveFrom: (firstRandomDay - 400) * secondsPerDay)) }
    for day in [firstRandomDay + random.int(10...30), firstRandomDay + random.int(31...60)] where random.chance(60) {
      world.settings.append(
        DatedSettings(
          effectiveFrom: day * secondsPerDay, windowDays: random.pick([3, 7, 14]), outageOverHours: random.pick([12, 24, 48]),
          troubleshootingOverHours: random.pick([48, 72]), featureOverDays: random.pick([3, 7]),
          faultOpenMaxDays: [2, 5, 30][day % 3]))
    }
  }

  private mutating func addPlanFeatures() {
    for plan in Self.plans {
      for feature in Self.features where random.chance(70) {
        world.planFeatures.append(PlanFeature(plan: plan, feature: feature, voided: random.chance(10)))
      }
    }
  }

  private mutating func addOrder(_ number: Int) {
    let start = firstRandomDay + random.int(0...50)
    var order = Order(id: "o" + padded(number, to: 4), line: line(number), voided: random.chance(4))
    order.carrier = random.pick(Self.carriers)
    order.region = random.pick(Self.regions)
    order.plan = random.pick(Self.plans)
    if random.chance(85) {
      let provisioned = random.instant(near: start)
      order.provisionedAt = provisioned
      if random.chance(85) {
        order.activatedAt = provisioned + random.pick([0, 0, 1, 3600, secondsPerDay, random.int(0...(3 * secondsPerDay))])
      }
    }
    if random.chance(45) {
      let earliest = order.activatedAt ?? order.provisionedAt ?? start * secondsPerDay
      order.endedAt = max(earliest, random.pick([earliest, random.instant(near: start + random.int(0...40))]))
      order.endReason = random.pick(Order.EndReason.allCases)
    }
    world.orders.append(order)
    addPeriods(of: order, from: start)
    addUsage(of: order, from: start)
  }

  /// Mostly one's own; now and then the number of the order before, rented out again.
  private mutating func line(_ number: Int) -> String {
    if random.chance(5), let before = world.orders.last { return before.line }
    return random.pick(["+1415555", "+4420794", "+4916093"]) + padded(number, to: 4)
  }

  private mutating func addPeriods(of order: Order, from start: Int) {
    var next = start + random.pick([0, 0, 0, -1, 1, 3])
    var paidAt = random.instant(near: start + random.int(-2...0))
    for number in 1...random.pick([1, 1, 2, 2, 3, 4, 5]) {
      let length = random.pick([1, 1, 2, 3, 7, 10, 28, 30, 31, random.int(1...40), random.chance(20) ? 365 : 14])
      let id = "p\(order.id.dropFirst())-\(number)"
      var period = Period(id: id, orderID: order.id, startsOn: next, endsOn: next + length, paidCents: 0, paidAt: paidAt)
      period.paidCents = random.pick([0, 1, 2, 7, 100, 500, 1000, 1001, 2999, 2999, 9_999, random.int(1...20_000)])
      if number == 1 || random.chance(10) { period.feeCents = min(period.paidCents, random.pick([0, 1000, 1000, 20_000, 1])) }
      period.coin = random.pick(["XMR", "XMR", "BTC", "LTC", "USDT", "USDC"])
      period.network = ["USDT": "Tron", "USDC": "Ethereum"][period.coin] ?? ""
      period.paidAmount = random.pick(["", "0.1", "12.345678"])
      period.txid = transaction()
      period.voided = random.chance(5)
      // Just before, or at, a change of settings; also earlier than the periods before it.
      if number > 1 && random.chance(6) { period.paidAt = random.instant(near: start - 4) }
      if random.chance(12), let change = world.settings.last { period.paidAt = change.effectiveFrom + random.pick([-1, 0, 0]) }
      world.periods.append(period)
      addAddons(to: period)
      if period.voided && random.chance(50) { addTwin(of: period) }
      next = period.endsOn + random.pick([0, 0, 0, 1, 5])
      // A renewal is paid around its start, long before, or with the others.
      paidAt = max(paidAt, random.pick([paidAt, paidAt + 1, random.instant(near: next), random.instant(near: next - 3)]))
    }
  }

  /// What the voided row should have said: the same days, at another price.
  private mutating func addTwin(of period: Period) {
    var twin = period
    twin.id += "r"
    twin.voided = false
    twin.paidCents += 100
    world.periods.append(twin)
  }

  /// In hexadecimal with and without 0x, in upper and lower case, or in letters that count; sometimes one that paid before, or none.
  private mutating func transaction() -> String {
    if random.chance(10) { return "" }
    if random.chance(8), let before = world.periods.randomTransaction(&random) { return before }
    let word = String(random.next(), radix: 16)
    return random.pick([word, "0x" + word, word.uppercased(), "0X" + word.uppercased(), "Tz" + word + "Q"])
  }

  private mutating func addAddons(to period: Period) {
    var left = period.paidCents - period.feeCents
    for number in 0..<random.pick([0, 0, 0, 1, 2, 3]) {
      let fee = random.pick([0, left, left / 2, left * 3 / 4, min(left, 199)])
      left -= fee
      var addon = Addon(
        id: "a\(period.id.dropFirst())-\(number)", periodID: period.id, category: random.pick([.ai, .ai, .other]), feeCents: fee,
        voided: random.chance(10))
      if random.chance(80) {
        let edge = random.pick([period.startsOn, period.endsOn, period.startsOn + 1, period.startsOn - 5, period.endsOn - 1])
        let from = random.instant(near: edge)
        addon.activeFrom = from
        let begins = period.startsOn * secondsPerDay
        let until = random.pick([from, from + 1, begins, begins + 1, random.instant(near: period.endsOn)])
        if random.chance(60) { addon.activeTo = max(from, until) }
      }
      world.addons.append(addon)
    }
  }

  private mutating func addUsage(of order: Order, from start: Int) {
    let days: [Int] =
      switch random.int(0...9) {
      case 0...1: []
      case 2...5: [start + random.int(0...10)]
      case 6...8: (start - 1..<start + 40).filter { _ in random.chance(15) }
      default: Array(start..<start + random.int(1...40))
      }
    let kind = random.int(0...4)
    for day in days {
      var row = Usage(orderID: order.id, day: day, voided: random.chance(8))
      if kind == 0 || kind == 3 { row.calls = random.int(0...2) }
      if kind == 1 || kind == 3 { row.sms = random.int(0...2) }
      if kind == 2 || (kind == 3 && random.chance(30)) { row.verifications = random.int(0...2) }
      world.usage.append(row)
    }
  }

  private mutating func addRates() {
    for coin in ["XMR", "BTC", "LTC", "USDT", "USDC"] {
      for day in stride(from: firstRandomDay, to: firstRandomDay + randomHorizon, by: 7) {
        world.rates.append(
          Rate(coin: coin, quotedAt: day * secondsPerDay + random.int(0...86_399), usd: "\(random.int(1...90_000)).\(random.int(1...9))"))
      }
    }
  }
}

extension [Period] {
  fileprivate func randomTransaction(_ random: inout SplitMix64) -> String? {
    isEmpty ? nil : random.pick(self).txid
  }
}
