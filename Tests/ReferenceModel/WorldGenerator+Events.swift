extension WorldGenerator {
  /// Faults that mean to hit this order's line (and by their scope may hit others).
  mutating func addWhatHappens(to order: Order) {
    if random.chance(40) { addOutages(order) }
    if random.chance(25) { addRestorations(order) }
    if random.chance(25) { addFeatureFaults(order) }
    if random.chance(order.endReason == .withdrawn ? 60 : 12) { addWithdrawal(order) }
  }

  private mutating func addOutages(_ order: Order) {
    for (start, end) in pieces(order, threshold: random.pick([24, 24, 24, 12, 48]) * 3600) {
      let outage = Outage(
        id: "out" + padded(world.outages.count, to: 4), origin: random.chance(85) ? .infrastructure : random.pick([.carrier, .thirdParty]),
        scope: scope(of: order), startedAt: start, endedAt: end, voided: random.chance(6))
      world.outages.append(outage)
    }
  }

  private mutating func addRestorations(_ order: Order) {
    for (start, end) in pieces(order, threshold: random.pick([72, 72, 48]) * 3600) {
      world.restorations.append(
        Restoration(
          id: "t" + padded(world.restorations.count, to: 4), orderID: order.id, openedAt: start, restoredAt: end, voided: random.chance(6)))
    }
  }

  private mutating func addFeatureFaults(_ order: Order) {
    let feature = random.pick(Self.features + ["unadvertised"])
    for (start, end) in pieces(order, threshold: random.pick([7, 7, 3]) * secondsPerDay) {
      world.featureFaults.append(
        FeatureFault(
          id: "f" + padded(world.featureFaults.count, to: 4), feature: random.chance(90) ? feature : random.pick(Self.features),
          scope: scope(of: order), startedAt: start, fixedAt: end, voided: random.chance(6)))
    }
  }

  private mutating func addWithdrawal(_ order: Order) {
    for _ in 0..<random.pick([1, 1, 1, 2]) {
      let effective = random.pick([order.endedAt ?? when(order), when(order), when(order)])
      var record = Withdrawal(
        id: "w" + padded(world.withdrawals.count, to: 4), reason: random.pick(Withdrawal.Reason.allCases),
        scope: random.chance(90) ? .line(order.line) : .prefix(random.pick([order.line, String(order.line.dropLast(1))])),
        effectiveAt: effective, voided: random.chance(8))
      if random.chance(40) {
        let later = random.instant(near: day(of: effective) + random.int(0...15))
        record.reversedAt = max(effective, random.pick([effective, effective + 1, later, later]))
      }
      turningPoints[order.id, default: []] += [effective] + [record.reversedAt].compactMap { $0 }
      world.withdrawals.append(record)
    }
  }

  /// Mostly narrow, so that not every line is always down.
  private mutating func scope(of order: Order) -> Scope {
    if random.chance(broadPercent) {
      return random.pick([
        .platform, .region(order.region), .carrier(order.carrier), .plan(order.plan), .prefix(String(order.line.dropLast(2))),
      ])
    }
    return random.pick([.line(order.line), .line(order.line), .prefix(order.line), .prefix(String(order.line.dropLast(1)))])
  }

  private mutating func when(_ order: Order) -> Int {
    if random.chance(50), let begin = order.activatedAt { return random.instant(near: day(of: begin) + random.int(0...12)) }
    let anchors = world.periods.filter { $0.orderID == order.id }.flatMap { [$0.startsOn, $0.endsOn] }
    let around = (order.activatedAt ?? order.provisionedAt).map { day(of: $0) } ?? anchors.first ?? firstRandomDay
    return random.instant(near: random.pick(anchors + [around + random.int(-3...20), around + random.int(0...30)]))
  }

  /// Records that are together one fault, or just fail to be, around `threshold` seconds: in one to four pieces that overlap, touch, leave
  /// a gap of a second or an hour, or lie within one another; some of nothing; some without an end.
  private mutating func pieces(_ order: Order, threshold: Int) -> [(start: Int, end: Int?)] {
    let start = when(order)
    let nextMidnight = (day(of: start + threshold) + 1) * secondsPerDay
    let end =
      start
      + random.pick([
        threshold, threshold, threshold, threshold + 1, threshold + 1, threshold - 1, threshold / 2, 0, 1, nextMidnight - start,
        nextMidnight - start + 1,
        threshold + random.int(0...(5 * secondsPerDay)), threshold + random.int(0...(5 * secondsPerDay)),
      ])
    turningPoints[order.id, default: []] += [start, end]

    var result: [(start: Int, end: Int?)] = []
    var from = start
    for _ in 0..<random.pick([0, 0, 1, 2, 3]) where from < end {
      let until = random.int(from...end)
      result.append((from, until))
      from = max(start, until + random.pick([0, 0, -1, -3600, 1, 3600, 0]))
    }
    if from <= end { result.append((from, random.chance(20) ? nil : end)) }
    if random.chance(15) { result.append((start, start)) }
    if random.chance(10) { result.append((start + 1, max(start + 1, end - 1))) }
    // Ids do not follow time.
    for index in result.indices { result.swapAt(index, random.int(0...index)) }
    return result
  }
}
