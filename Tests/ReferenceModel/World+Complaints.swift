/// What an import would refuse in `world` (contract, section 2).
public func complaints(_ world: World) -> [String] {
  var found: [String] = []
  func check(_ holds: Bool, _ what: String) { if !holds { found.append(what) } }
  func unique(_ ids: [String], _ file: String) { check(Set(ids).count == ids.count, "\(file): an id twice") }
  func ordered(_ start: Int, _ end: Int?, _ id: String) { check(end.map { start <= $0 } ?? true, "\(id) ends before it starts") }

  unique(world.orders.map(\.id), "orders")
  unique(world.periods.map(\.id), "periods")
  unique(world.addons.map(\.id), "addons")
  unique(world.usage.map { "\($0.orderID) \($0.day)" }, "usage")
  unique(world.outages.map(\.id), "outages")
  unique(world.withdrawals.map(\.id), "withdrawals")
  unique(world.featureFaults.map(\.id), "feature_faults")
  unique(world.planFeatures.map { "\($0.plan) \($0.feature)" }, "plan_features")
  unique(world.restorations.map(\.id), "restorations")
  unique(world.requests.map(\.id), "requests")
  unique(world.rates.map { "\($0.coin) \($0.quotedAt)" }, "rates")

  let orders = Set(world.orders.map(\.id))
  let periods = Set(world.periods.map(\.id))
  for order in world.orders {
    check(order.activatedAt == nil || order.provisionedAt != nil, "\(order.id) activated, not provisioned")
    if let provisionedAt = order.provisionedAt {
      ordered(provisionedAt, order.activatedAt, order.id)
      ordered(provisionedAt, order.endedAt, order.id)
    }
    if let activatedAt = order.activatedAt { ordered(activatedAt, order.endedAt, order.id) }
    check((order.endedAt == nil) == (order.endReason == nil), "\(order.id) end and reason")
    check(
      order.line.hasPrefix("+") && (8...16).contains(order.line.count) && order.line.dropFirst().allSatisfy(\.isNumber), "\(order.id) line")
    let mine = world.periods.filter { $0.orderID == order.id && !$0.voided }.sorted { $0.startsOn < $1.startsOn }
    for (one, next) in zip(mine, mine.dropFirst()) { check(one.endsOn <= next.startsOn, "\(one.id) overlaps \(next.id)") }
  }
  for period in world.periods {
    check(orders.contains(period.orderID) && period.startsOn < period.endsOn && period.feeCents >= 0, "\(period.id)")
    let fees = world.addons.filter { $0.periodID == period.id }.reduce(period.feeCents) { $0 + $1.feeCents }
    check(fees <= period.paidCents, "\(period.id) fees above what was paid")
    check(!["USDT", "USDC"].contains(period.coin) || !period.network.isEmpty, "\(period.id) network")
  }
  for addon in world.addons {
    check(periods.contains(addon.periodID) && addon.feeCents >= 0, addon.id)
    check(addon.activeFrom != nil || addon.activeTo == nil, "\(addon.id) ends without a start")
    if let activeFrom = addon.activeFrom { ordered(activeFrom, addon.activeTo, addon.id) }
  }
  for usage in world.usage { check(orders.contains(usage.orderID), "usage of \(usage.orderID)") }
  for outage in world.outages { ordered(outage.startedAt, outage.endedAt, outage.id) }
  for withdrawal in world.withdrawals { ordered(withdrawal.effectiveAt, withdrawal.reversedAt, withdrawal.id) }
  for fault in world.featureFaults { ordered(fault.startedAt, fault.fixedAt, fault.id) }
  for ticket in world.restorations {
    check(orders.contains(ticket.orderID), ticket.id)
    ordered(ticket.openedAt, ticket.restoredAt, ticket.id)
  }
  for request in world.requests { check(!(request.orderID.isEmpty && request.txid.isEmpty), request.id) }
  return found
}
