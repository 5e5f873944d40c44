/// Customers who stay: lines that are used, renewed month after month, and fail now and then. They leave more for people to decide than the random
/// worlds, whose orders are short and often refunded by rule.
extension SimulationGenerator {
  mutating func regularCustomers(_ count: Int, until lastDay: Int) -> World {
    var world = World()
    for number in 0..<count { addCustomer(number, until: lastDay, to: &world) }
    for number in world.orders.indices { addTroubles(of: world.orders[number], until: lastDay, to: &world) }
    return world
  }

  private mutating func addCustomer(_ number: Int, until lastDay: Int, to world: inout World) {
    let start = firstRandomDay + random.int(0...max(1, (lastDay - firstRandomDay) * 2 / 3))
    let activatedAt = random.instant(near: start)
    var order = Order(
      id: "ro\(number)", line: "+1415777000\(number)", carrier: random.pick(WorldGenerator.carriers), region: random.pick(WorldGenerator.regions),
      plan: random.pick(WorldGenerator.plans), provisionedAt: activatedAt, activatedAt: activatedAt)
    let length = random.pick([7, 14, 28, 30, 30, 31])
    let price = random.pick([999, 2999, 5000, 12_000, random.int(100...20_000)])
    let coin = random.pick([("XMR", ""), ("XMR", ""), ("BTC", ""), ("USDT", "Tron")])
    for month in 0..<random.int(1...6) where start + month * length < lastDay {
      let id = "rp\(number)-\(month + 1)"
      var period = Period(
        id: id, orderID: order.id, startsOn: start + month * length, endsOn: start + (month + 1) * length, paidCents: price, coin: coin.0,
        network: coin.1, txid: "0x" + String(random.next(), radix: 16), paidAt: activatedAt - 3600 + month * length * secondsPerDay)
      if month == 0 { period.feeCents = min(price, 1000) }
      world.periods.append(period)
      if random.chance(20) {
        world.addons.append(
          Addon(id: "ra\(number)-\(month + 1)", periodID: id, category: random.pick([.ai, .other]), feeCents: price / 10, activeFrom: period.paidAt))
      }
    }
    if random.chance(25) {
      order.endedAt = activatedAt + random.int(10...120) * secondsPerDay
      order.endReason = random.pick(Order.EndReason.allCases)
    }
    world.orders.append(order)
    let busyPercent = random.pick([0, 5, 5, 20])
    for day in start..<max(start + 1, lastDay) where (day == start && random.chance(85)) || random.chance(busyPercent) {
      world.usage.append(Usage(orderID: order.id, day: day, calls: 1, verifications: random.chance(3) ? 1 : 0))
    }
  }

  /// Failures of all kinds around their thresholds, and now and then somebody who asks for the money.
  private mutating func addTroubles(of order: Order, until lastDay: Int, to world: inout World) {
    let periods = world.periods.filter { $0.orderID == order.id }
    guard let from = periods.first?.startsOn, let until = periods.last?.endsOn else { return }
    for _ in 0..<random.int(1...4) {
      let start = random.instant(near: random.int(from...max(from, min(until, lastDay))))
      let scopes: [Scope] = [.line(order.line), .line(order.line), .line(order.line), .prefix("+1415777"), .region(order.region)]
      switch random.int(0...9) {
      case 0...4:
        let end = start + random.pick([86_400, 86_401, 2 * secondsPerDay, random.int(3600...(9 * secondsPerDay))])
        let id = "rout" + padded(world.outages.count, to: 2)
        world.outages.append(Outage(id: id, scope: random.pick(scopes), startedAt: start, endedAt: end))
      case 5:
        // One goes on where another ends; both together may be long enough, or may be told of only.
        var next = start
        for _ in 0..<2 {
          let id = "rout" + padded(world.outages.count, to: 2)
          let end = next + random.int(1...13) * 3600
          world.outages.append(Outage(id: id, scope: random.pick(scopes), startedAt: next, endedAt: end))
          next = end
        }
        let id = "rr" + padded(world.requests.count, to: 2)
        world.requests.append(Request(id: id, orderID: order.id, requestedAt: start + random.int(0...(next - start))))
      case 6...7:
        let end = start + random.pick([259_200, 259_201, random.int(3600...(9 * secondsPerDay))])
        let id = "rt" + padded(world.restorations.count, to: 2)
        world.restorations.append(Restoration(id: id, orderID: order.id, openedAt: start, restoredAt: end))
      case 8:
        let end = start + random.pick([604_800, 604_801, random.int(3600...(20 * secondsPerDay))])
        let id = "rf" + padded(world.featureFaults.count, to: 2)
        world.featureFaults.append(
          FeatureFault(id: id, feature: random.pick(WorldGenerator.features), scope: random.pick(scopes), startedAt: start, fixedAt: end))
      default:
        let id = "rw" + padded(world.withdrawals.count, to: 2)
        world.withdrawals.append(Withdrawal(id: id, scope: .line(order.line), effectiveAt: start))
      }
      if random.chance(30) {
        let id = "rr" + padded(world.requests.count, to: 2)
        world.requests.append(Request(id: id, orderID: order.id, requestedAt: start + random.int(-7200...200_000)))
      }
    }
  }
}
