/// Facts that turn out to have been told wrongly, or very late; mostly such that items answer for them.
extension SimulationGenerator {
  /// One correction that makes sense of what is known; nil when luck finds none.
  mutating func correction() -> (Correction, [Fact])? {
    for _ in 0..<8 {
      let kind = random.pick(Correction.allCases)
      if let fact = fact(correcting: kind) {
        var world = table.world
        if world.learn([fact]).isEmpty { return (kind, [fact]) }
      }
    }
    return nil
  }

  private mutating func fact(correcting kind: Correction) -> Fact? {
    let now = now
    switch kind {
    case .outageShortened:
      return outage { !$0.voided && $0.startedAt < now }.flatMap { row in
        let end = row.startedAt + random.pick([3600, 86_400, 86_401, 2 * secondsPerDay, random.int(0...(6 * secondsPerDay))])
        return end < row.endedAt ?? now ? .outage(row.with { $0.endedAt = end }) : nil
      }
    case .outageLengthened:
      return outage { !$0.voided && $0.endedAt != nil }.map { row in
        let more = random.pick([1, 3600, secondsPerDay, random.int(1...(15 * secondsPerDay))])
        return .outage(row.with { $0.endedAt = (row.endedAt ?? 0) + more })
      }
    case .outageVoided: return outage { !$0.voided }.map { row in .outage(row.with { $0.voided = true }) }
    case .outageReinstated: return outage(where: \.voided).map { row in .outage(row.with { $0.voided = false }) }
    case .outageMoved:
      guard let order = one(of: table.world.orders) else { return nil }
      let scopes: [Scope] = [
        .line("+1999999"), .region("nowhere"), .prefix("+1998"), .line(order.line), .line(order.line), .region(order.region), .plan(order.plan),
        .carrier(order.carrier), .platform,
      ]
      let scope = random.pick(scopes)
      return outage { !$0.voided && $0.scope != scope }.map { row in .outage(row.with { $0.scope = scope }) }
    case .withdrawalReversed:
      return one(of: table.world.withdrawals.filter { !$0.voided && $0.reversedAt == nil && $0.effectiveAt < now }).map { row in
        let reversal = row.effectiveAt + random.pick([1, random.int(1...(20 * secondsPerDay))])
        return .withdrawal(row.with { $0.reversedAt = reversal })
      }
    case .usageArrivedLate: return lateUsage()
    case .orderFoundAbusive:
      return one(of: table.world.orders.filter { $0.endReason != .aup && ($0.provisionedAt ?? Int.max) < now }).map { row in
        let begin = row.activatedAt ?? row.provisionedAt ?? now
        return .order(row.with { ($0.endedAt, $0.endReason) = (max(begin, now - random.int(0...(30 * secondsPerDay))), .aup) })
      }
    case .abuseDisproved:
      return one(of: table.world.orders.filter { $0.endReason == .aup }).map { row in
        let reason = random.pick([.expired, .cancelled, nil] as [Order.EndReason?])
        return .order(row.with { ($0.endedAt, $0.endReason) = (reason == nil ? nil : row.endedAt, reason) })
      }
    case .priceCorrected:
      return period().map { row in
        let paid = random.pick([row.paidCents * 2, row.paidCents / 2, row.paidCents + 1, row.paidCents - 1, random.int(0...20_000)])
        return .period(row.with { $0.paidCents = max(row.feeCents, paid) })
      }
    case .coinCorrected:
      return period().map { row in
        let coin = random.pick([("XMR", ""), ("BTC", ""), ("USDT", "Tron")])
        return .period(row.with { ($0.coin, $0.network) = coin })
      }
    case .assistantFound:
      return period().flatMap { row in
        let fee = random.pick([row.paidCents / 10, row.paidCents / 2])
        let known = table.world.addons.count { $0.periodID == row.id && $0.id.hasPrefix("late") }
        let from = row.startsOn * secondsPerDay
        return .addon(Addon(id: "late\(known)-\(row.id)", periodID: row.id, category: .ai, feeCents: fee, activeFrom: from))
      }
    case .assistantMoved:
      guard let period = period() else { return nil }
      return one(of: table.world.addons.filter { $0.periodID != period.id }).map { row in .addon(row.with { $0.periodID = period.id }) }
    case .ticketMoved:
      guard let order = one(of: table.world.orders) else { return nil }
      return one(of: table.world.restorations.filter { $0.orderID != order.id }).map { row in .restoration(row.with { $0.orderID = order.id }) }
    case .periodVoided: return period().map { row in .period(row.with { $0.voided = true }) }
    case .featureAdvertised:
      return one(of: table.world.planFeatures).map { row in .planFeature(row.with { $0.voided.toggle() }) }
    case .requestByTransaction:
      let paid = table.world.periods.filter { !$0.txid.isEmpty && $0.paidAt < now - 60 * secondsPerDay }
      return one(of: paid).map { row in
        let txid = random.pick([row.txid, row.txid.uppercased(), row.txid.hasPrefix("0x") ? String(row.txid.dropFirst(2)) : row.txid])
        return .request(request { $0.txid = txid })
      }
    case .orderMoved:
      guard let other = one(of: table.world.orders) else { return nil }
      return one(of: table.world.orders.filter { $0.id != other.id }).map { row in
        let what = random.int(0...3)
        return .order(
          row.with {
            switch what {
            case 0: $0.line = other.line
            case 1: $0.carrier = other.carrier
            case 2: $0.plan = other.plan
            default: $0.region = other.region
            }
          })
      }
    case .dateMistyped:
      let ahead = random.pick([367, 3650]) * secondsPerDay
      switch random.int(0...2) {
      case 0: return outage { !$0.voided && $0.endedAt != nil }.map { row in .outage(row.with { $0.endedAt = (row.endedAt ?? 0) + ahead }) }
      case 1:
        return one(of: table.world.orders.filter { $0.endedAt != nil }).map { row in .order(row.with { $0.endedAt = (row.endedAt ?? 0) + ahead }) }
      default:
        return one(of: table.world.requests.filter { $0.requestedAt < now }).map { row in .request(row.with { $0.requestedAt += ahead }) }
      }
    case .olderExport:
      return one(of: table.world.orders.filter { $0.provisionedAt != nil }).map { row in
        let steps = random.int(1...3)
        return .order(
          row.with {
            ($0.endedAt, $0.endReason) = (nil, nil)
            if steps > 1 || row.endedAt == nil { $0.activatedAt = nil }
            if steps > 2 { $0.provisionedAt = nil }
          })
      }
    case .addressGiven:
      return one(of: table.world.orders).map { row in .request(request { $0.orderID = row.id }) }
    }
  }

  /// Some time on the day that is about to be closed.
  private var now: Int { (today + 1) * secondsPerDay + 43_200 }

  private mutating func one<Row>(of rows: [Row]) -> Row? { rows.isEmpty ? nil : random.pick(rows) }

  private mutating func request(_ naming: (inout Request) -> Void) -> Request {
    let known = table.world.requests.count { $0.id.hasPrefix("late") }
    let request = Request(id: "late" + padded(known, to: 3), requestedAt: now + random.int(-40_000...40_000)).with(naming)
    return withAddress(request)
  }

  /// Mostly one that items hold days for.
  private mutating func outage(where fits: (Outage) -> Bool) -> Outage? {
    let evidence = Set(table.model.ledger.items.flatMap(\.days.values).flatMap(\.evidence))
    let fitting = table.world.outages.filter(fits)
    let answering = fitting.filter { evidence.contains("outage:\($0.id)") }
    return one(of: answering.isEmpty || random.chance(25) ? fitting : answering)
  }

  private mutating func period() -> Period? {
    let items = Set(table.model.ledger.items.map(\.periodID))
    let known = table.world.periods.filter { !$0.voided }
    let answering = known.filter { items.contains($0.id) }
    return one(of: answering.isEmpty || random.chance(25) ? known : answering)
  }

  private mutating func lateUsage() -> Fact? {
    let items = table.model.ledger.items.filter { !$0.days.isEmpty }
    guard let item = one(of: items), let day = one(of: item.days.keys.sorted()) else { return nil }
    let past = min(day, today)
    var row = Usage(orderID: item.orderID, day: past)
    if random.chance(25) { row.verifications = 1 } else { row.calls = 1 }
    return .usage(row)
  }
}
