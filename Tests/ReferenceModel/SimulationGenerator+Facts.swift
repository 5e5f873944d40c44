/// When what becomes known: rows come when they happen, or late; first as they look then, later as they turn out.
extension SimulationGenerator {
  /// Customers who stay, and random worlds of a few orders one after the other, so that something happens all the time.
  mutating func scheduleFacts(until lastDay: Int) {
    let parts = (lastDay - firstRandomDay) / randomHorizon + 1
    let regulars = random.int(1...4)
    schedule(regularCustomers(regulars, until: lastDay), withPlans: false)
    for part in 0..<parts {
      let world = randomWorld(seed: random.next(), orders: max(1, random.int(1...4) / parts))
      let letter = String("abcdefghij".dropFirst(part).prefix(1))
      schedule(world.moved(byDays: part * randomHorizon, naming: letter), withPlans: part == 0)
    }
    // Sorted by day alone: what comes on one day stays in order.
    toCome = toCome.enumerated().sorted { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }.map(\.element)
  }

  private mutating func schedule(_ world: World, withPlans: Bool) {
    if withPlans {
      for row in world.planFeatures { toCome.append((firstRandomDay, .planFeature(row))) }
    }
    for order in world.orders {
      let periods = world.periods.filter { $0.orderID == order.id }
      schedule(order, firstPaidAt: periods.map(\.paidAt).min())
      for period in periods { schedule(period, addons: world.addons.filter { $0.periodID == period.id }) }
    }
    for row in world.usage {
      let day = row.day + 1 + lateness()
      toCome.append((day, .usage(row.voided ? row.with { $0.voided = false } : row)))
      if row.voided { toCome.append((day + random.int(1...30), .usage(row))) }
    }
    for row in world.outages {
      schedule(from: row.startedAt, to: row.endedAt, voided: row.voided) { end, voided in
        .outage(row.with { ($0.endedAt, $0.voided) = (end, voided) })
      }
    }
    for row in world.withdrawals {
      schedule(from: row.effectiveAt, to: row.reversedAt, voided: row.voided, mayNeverEnd: true) { end, voided in
        .withdrawal(row.with { ($0.reversedAt, $0.voided) = (end, voided) })
      }
    }
    for row in world.featureFaults {
      schedule(from: row.startedAt, to: row.fixedAt, voided: row.voided) { end, voided in
        .featureFault(row.with { ($0.fixedAt, $0.voided) = (end, voided) })
      }
    }
    for row in world.restorations {
      schedule(from: row.openedAt, to: row.restoredAt, voided: row.voided) { end, voided in
        .restoration(row.with { ($0.restoredAt, $0.voided) = (end, voided) })
      }
    }
    for row in world.requests {
      let request = withAddress(row)
      toCome.append((day(of: row.requestedAt) + lateness(), .request(request)))
    }
  }

  private mutating func schedule(_ order: Order, firstPaidAt: Int?) {
    var day = day(of: [firstPaidAt, order.provisionedAt].compactMap { $0 }.min() ?? firstRandomDay * secondsPerDay)
    var known = order
    (known.provisionedAt, known.activatedAt, known.endedAt, known.endReason, known.voided) = (nil, nil, nil, nil, false)
    toCome.append((day, .order(known)))
    if let provisionedAt = order.provisionedAt {
      known.provisionedAt = provisionedAt
      day = max(day, ReferenceModel.day(of: provisionedAt) + lateness())
      toCome.append((day, .order(known)))
    }
    if let activatedAt = order.activatedAt {
      known.activatedAt = activatedAt
      day = max(day, ReferenceModel.day(of: activatedAt) + lateness())
      toCome.append((day, .order(known)))
    }
    if let endedAt = order.endedAt {
      (known.endedAt, known.endReason) = (endedAt, order.endReason)
      day = max(day, ReferenceModel.day(of: endedAt) + lateness())
      toCome.append((day, .order(known)))
    }
    if order.voided { toCome.append((day + random.int(1...40), .order(order))) }
  }

  private mutating func schedule(_ period: Period, addons: [Addon]) {
    let arrival = day(of: period.paidAt) + lateness()
    toCome.append((arrival, .period(period.with { $0.voided = false })))
    if period.voided { toCome.append((arrival + random.int(1...30), .period(period))) }
    for addon in addons {
      let day = arrival + lateness()
      toCome.append((day, .addon(addon.with { ($0.activeTo, $0.voided) = (nil, false) })))
      if addon.activeTo != nil || addon.voided { toCome.append((day + random.int(1...30), .addon(addon))) }
    }
  }

  /// First without its end; later with the end it has, or one that it gets here, for else most lines would be down all year; perhaps voided.
  private mutating func schedule(from start: Int, to end: Int?, voided: Bool, mayNeverEnd: Bool = false, as row: (Int?, Bool) -> Fact) {
    var day = ReferenceModel.day(of: start) + lateness()
    toCome.append((day, row(nil, false)))
    let knownEnd = end ?? (mayNeverEnd || random.chance(15) ? nil : start + random.int(0...(12 * secondsPerDay)))
    if let knownEnd {
      day = max(day, ReferenceModel.day(of: knownEnd) + lateness())
      toCome.append((day, row(knownEnd, false)))
    }
    if voided { toCome.append((day + random.int(1...20), row(knownEnd, true))) }
  }

  private mutating func lateness() -> Int { random.chance(70) ? 0 : random.int(1...25) }

  /// Addresses of all coins, good and bad; what coin the periods were paid in is for the ledger to see.
  mutating func withAddress(_ request: Request) -> Request {
    let coin = random.pick([("XMR", ""), ("BTC", ""), ("LTC", ""), ("USDT", "Tron"), ("USDC", "Ethereum")])
    let addresses = payableAddresses(coin: coin.0, network: coin.1)
    return request.with {
      $0.address = random.pick(addresses + addresses + ["", "nowhere"])
      $0.tag = ""
    }
  }
}

/// Rows that can be told with something changed.
protocol Changeable {}

extension Changeable {
  func with(_ change: (inout Self) -> Void) -> Self {
    var changed = self
    change(&changed)
    return changed
  }
}

extension Order: Changeable {}
extension Period: Changeable {}
extension Addon: Changeable {}
extension Usage: Changeable {}
extension Outage: Changeable {}
extension Withdrawal: Changeable {}
extension FeatureFault: Changeable {}
extension Restoration: Changeable {}
extension PlanFeature: Changeable {}
extension Request: Changeable {}

extension World {
  /// The same some days later, with a letter in front of every id.
  fileprivate func moved(byDays days: Int, naming letter: String) -> World {
    let seconds = days * secondsPerDay
    var moved = World()
    func later(_ instant: Int?) -> Int? { instant.map { $0 + seconds } }
    func named(_ id: String) -> String { id.isEmpty ? "" : letter + id }
    moved.planFeatures = planFeatures
    moved.orders = orders.map { row in
      row.with {
        ($0.id, $0.provisionedAt, $0.activatedAt) = (named(row.id), later(row.provisionedAt), later(row.activatedAt))
        $0.endedAt = later(row.endedAt)
      }
    }
    moved.periods = periods.map { row in
      row.with {
        ($0.id, $0.orderID, $0.paidAt) = (named(row.id), named(row.orderID), row.paidAt + seconds)
        ($0.startsOn, $0.endsOn) = (row.startsOn + days, row.endsOn + days)
      }
    }
    moved.addons = addons.map { row in
      row.with {
        ($0.id, $0.periodID, $0.activeFrom, $0.activeTo) = (named(row.id), named(row.periodID), later(row.activeFrom), later(row.activeTo))
      }
    }
    moved.usage = usage.map { row in row.with { ($0.orderID, $0.day) = (named(row.orderID), row.day + days) } }
    moved.outages = outages.map { row in
      row.with { ($0.id, $0.startedAt, $0.endedAt) = (named(row.id), row.startedAt + seconds, later(row.endedAt)) }
    }
    moved.withdrawals = withdrawals.map { row in
      row.with { ($0.id, $0.effectiveAt, $0.reversedAt) = (named(row.id), row.effectiveAt + seconds, later(row.reversedAt)) }
    }
    moved.featureFaults = featureFaults.map { row in
      row.with { ($0.id, $0.startedAt, $0.fixedAt) = (named(row.id), row.startedAt + seconds, later(row.fixedAt)) }
    }
    moved.restorations = restorations.map { row in
      row.with {
        ($0.id, $0.orderID, $0.openedAt, $0.restoredAt) = (named(row.id), named(row.orderID), row.openedAt + seconds, later(row.restoredAt))
      }
    }
    moved.requests = requests.map { row in
      row.with { ($0.id, $0.orderID, $0.requestedAt) = (named(row.id), named(row.orderID), row.requestedAt + seconds) }
    }
    return moved
  }
}
