extension WorldGenerator {
  /// A line in use that fails for days and is given up beside the first or last second of it: what Q3 is about.
  mutating func addCancellation(of index: Int) {
    let order = world.orders[index]
    guard let activatedAt = order.activatedAt else { return }
    let firstDay = day(of: activatedAt)
    if !world.usage.contains(where: { $0.orderID == order.id && $0.day == firstDay }) {
      world.usage.append(Usage(orderID: order.id, day: firstDay, calls: 1))
    }
    let start = random.instant(near: firstDay + random.int(0...6))
    let end = start + random.pick([secondsPerDay, secondsPerDay + 1, 2 * secondsPerDay, random.int(0...(4 * secondsPerDay))])
    world.outages.append(
      Outage(
        id: "out" + padded(world.outages.count, to: 4), scope: .line(order.line), startedAt: start, endedAt: random.chance(15) ? nil : end))
    let requestedAt = random.pick([start - 1, start, start + 1, end - 1, end, end + 1, (start + end) / 2])
    world.requests.append(Request(id: "r" + padded(world.requests.count, to: 4), orderID: order.id, requestedAt: requestedAt))
    if random.chance(50) {
      let asked = day(of: requestedAt) * secondsPerDay
      world.orders[index].endedAt = max(activatedAt, random.pick([requestedAt, asked, asked - 1, requestedAt + 2 * secondsPerDay]))
      world.orders[index].endReason = random.pick([.cancelled, .cancelled, .expired, .withdrawn])
    }
  }

  mutating func addRequests(for order: Order) {
    let mine = world.periods.filter { $0.orderID == order.id }
    for _ in 0..<random.pick([0, 0, 1, 1, 2, 3]) {
      var request = Request(
        id: "r" + padded(world.requests.count, to: 4), requestedAt: requestTime(order, mine),
        channel: random.pick(Request.Channel.allCases), address: random.pick(["", "nowhere"]), tag: random.pick(["", "", "0", "12345"]),
        voided: random.chance(7))
      let txid = mine.isEmpty ? "" : respelt(random.pick(mine).txid)
      switch random.int(0...19) {
      case 0...12: request.orderID = order.id
      case 13...16: (request.orderID, request.txid) = ("", txid)
      case 17...18: (request.orderID, request.txid) = (order.id, txid)
      default: (request.orderID, request.txid) = (order.id, respelt(random.pick(world.periods).txid))
      }
      if request.orderID.isEmpty && request.txid.isEmpty { request.orderID = order.id }
      world.requests.append(request)
    }
  }

  /// On the last second of the window and beside it, beside payments, and beside the ends of faults and periods.
  private mutating func requestTime(_ order: Order, _ periods: [Period]) -> Int {
    var candidates = [random.instant(near: firstRandomDay + random.int(0...randomHorizon))]
    for start in [order.activatedAt, order.provisionedAt].compactMap({ $0 }) {
      for days in [3, 7, 7, 14] { candidates += [-1, 0, 0, 1].map { start + days * secondsPerDay + $0 } }
      candidates += [start - 1, start, start + 3600, start - secondsPerDay, start + 2 * secondsPerDay]
    }
    if let endedAt = order.endedAt { candidates += [0, -1, 1, -3600, -3600, -7200, -secondsPerDay].map { endedAt + $0 } }
    for period in periods {
      candidates += [period.paidAt, period.paidAt + 1, period.paidAt - 1, period.paidAt + secondsPerDay]
      candidates += [random.instant(near: period.endsOn - 1), random.instant(near: period.endsOn - 2)]
    }
    let usual = random.pick(candidates)
    guard let turningPoint = turningPoints[order.id].map({ random.pick($0) }), random.chance(65) else { return usual }
    return turningPoint + random.pick([0, 1, -1, 3600, -3600, -7200, secondsPerDay, 10 * secondsPerDay])
  }

  private mutating func respelt(_ txid: String) -> String {
    random.pick([txid, txid, txid, txid.uppercased(), txid.lowercased(), txid.hasPrefix("0x") ? String(txid.dropFirst(2)) : txid])
  }

  mutating func addUnmatchedRequests() {
    for (orderID, txid) in [("nobody", ""), ("", "0x00c0ffee"), ("", "tzunknown")] {
      world.requests.append(
        Request(
          id: "r" + padded(world.requests.count, to: 4), orderID: orderID, txid: txid,
          requestedAt: random.instant(near: firstRandomDay + random.int(0...randomHorizon)), voided: random.chance(7)))
    }
  }
}
