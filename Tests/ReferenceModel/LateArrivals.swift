/// The facts of `world` as they come to be known: partial worlds, each holding all that the one before it held, the last one `world` itself.
///
/// Rows arrive late, a row that others refer to never after them. Some arrive first in an early form that a later import replaces: an order
/// not yet provisioned, activated or ended, a fault without its end, a record that turns out to have been a mistake. Each partial
/// world keeps every check of an import, also on top of the ones before.
public func lateArrivals(_ world: World, seed: UInt64) -> [World] {
  var random = SplitMix64(seed: seed)
  let stages = random.int(2...5)
  var partial = Array(repeating: World(), count: stages)

  /// Puts a row into all stages from `first` on; in its early form until a later stage.
  func place<Row>(_ row: Row, from earliest: Int = 0, early: Row? = nil, into file: WritableKeyPath<World, [Row]>) -> Int {
    let first = random.chance(60) ? earliest : random.int(earliest...(stages - 1))
    let final = random.chance(50) ? first : random.int(first...(stages - 1))
    for stage in first..<stages {
      partial[stage][keyPath: file].append(stage < final ? early ?? row : row)
    }
    return first
  }

  for stage in partial.indices {
    partial[stage].settings = world.settings
    partial[stage].rates = world.rates
  }
  var orderStage: [String: Int] = [:]
  for order in world.orders {
    var early = order
    early.endedAt = nil
    early.endReason = nil
    early.voided = false
    switch random.int(0...3) {
    case 0: (early.activatedAt, early.provisionedAt) = (nil, nil)
    case 1: early.activatedAt = nil
    default: break
    }
    orderStage[order.id] = place(order, early: early, into: \.orders)
  }
  var periodStage: [String: Int] = [:]
  for period in world.periods {
    periodStage[period.id] = place(period, from: orderStage[period.orderID] ?? 0, into: \.periods)
  }
  for addon in world.addons {
    var early = addon
    early.activeTo = nil
    early.voided = false
    // Often later than the period, so that bases change after days of them were refunded.
    var earliest = min(stages - 1, (periodStage[addon.periodID] ?? 0) + random.int(0...2))
    if random.chance(40) {
      // Taken for an AI add-on in use at first, so that the base was too low.
      earliest = periodStage[addon.periodID] ?? 0
      early.category = .ai
      early.activeFrom = early.activeFrom ?? world.periods.first { $0.id == addon.periodID }?.paidAt
    }
    _ = place(addon, from: earliest, early: early, into: \.addons)
  }
  for usage in world.usage {
    var early = usage
    early.voided = false
    _ = place(usage, from: orderStage[usage.orderID] ?? 0, early: early, into: \.usage)
  }
  for outage in world.outages {
    var early = outage
    early.endedAt = nil
    early.voided = false
    _ = place(outage, early: early, into: \.outages)
  }
  for withdrawal in world.withdrawals {
    var early = withdrawal
    early.reversedAt = nil
    early.voided = false
    _ = place(withdrawal, early: early, into: \.withdrawals)
  }
  for fault in world.featureFaults {
    var early = fault
    early.fixedAt = nil
    early.voided = false
    _ = place(fault, early: early, into: \.featureFaults)
  }
  for feature in world.planFeatures {
    var early = feature
    early.voided = false
    _ = place(feature, early: early, into: \.planFeatures)
  }
  for ticket in world.restorations {
    var early = ticket
    early.restoredAt = nil
    early.voided = false
    _ = place(ticket, from: orderStage[ticket.orderID] ?? 0, early: early, into: \.restorations)
  }
  for request in world.requests {
    var early = request
    early.voided = false
    _ = place(request, early: early, into: \.requests)
  }
  partial[stages - 1] = world
  return partial
}
