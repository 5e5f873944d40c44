/// G8, P1, P: what is wrong with records by themselves, whatever is owed.
extension World {
  func exceptionsOfRecords() -> [ModelLedger.Exception] {
    let live = orders.filter { !$0.voided }
    func hitsNothing(_ subject: String, _ scope: Scope) -> [ModelLedger.Exception] {
      live.contains(where: scope.hits) ? [] : [ModelLedger.Exception(kind: .hitsNothing, subject: subject, cents: 0)]
    }
    var found: [ModelLedger.Exception] = []
    for row in outages where !row.voided && row.origin == .infrastructure { found += hitsNothing("outage:\(row.id)", row.scope) }
    for row in withdrawals where !row.voided {
      found += hitsNothing("withdrawal:\(row.id)", row.scope)
      // Sold after it took effect, and before it was reversed.
      let passed = live.filter { order in
        guard row.scope.hits(order), let sold = order.provisionedAt else { return false }
        return sold > row.effectiveAt && row.reversedAt.map { sold < $0 } ?? true
      }
      if !passed.isEmpty { found.append(ModelLedger.Exception(kind: .soldAfterWithdrawal, subject: "withdrawal:\(row.id)", cents: 0)) }
    }
    let advertised = Set(planFeatures.filter { !$0.voided }.map(\.feature))
    for row in featureFaults where !row.voided {
      let nowhere = [ModelLedger.Exception(kind: .hitsNothing, subject: "feature_fault:\(row.id)", cents: 0)]
      found += advertised.contains(row.feature) ? hitsNothing("feature_fault:\(row.id)", row.scope) : nowhere
    }
    for one in live {
      guard let (from, until) = holding(of: one) else { continue }
      let isShared = live.contains { other in
        guard other.id != one.id, other.line == one.line, let times = holding(of: other) else { return false }
        return times.from < until && from < times.until
      }
      if isShared { found.append(ModelLedger.Exception(kind: .lineHeldTwice, subject: one.id, cents: 0)) }
    }
    return found
  }

  /// From its provisioning to its end, or else to the end of what was paid for.
  private func holding(of order: Order) -> (from: Int, until: Int)? {
    let paid = periods.filter { $0.orderID == order.id && !$0.voided }.map { $0.endsOn * secondsPerDay }.max()
    guard let from = order.provisionedAt, let until = order.endedAt ?? paid, from < until else { return nil }
    return (from, until)
  }
}

/// What the facts alone do not tell: what an order's row said at first, and when each row came.
struct Arrivals: Hashable, Sendable {
  private var first: [String: [String]] = [:]
  private var known: [String: Arrival] = [:]

  private struct Arrival: Hashable, Sendable {
    /// Of all that the row says.
    var hash: Int
    var importedAt: Int
  }

  /// A row with the instants that it says.
  private struct Row {
    /// Of its exception.
    var subject: String
    /// Its own.
    var name: String
    var instants: [Int]
    var hash: Int
    /// G8 asks of requests and rates only as long as their time has not come.
    var isAskedAhead = false
  }

  mutating func note(_ world: World) {
    for row in world.orders where first[row.id] == nil { first[row.id] = Arrivals.place(row) }
    for row in Arrivals.rows(world, withVoided: true) where known[row.name]?.hash != row.hash {
      known[row.name] = Arrival(hash: row.hash, importedAt: world.importedAt)
    }
  }

  private static func place(_ order: Order) -> [String] { [order.line, order.carrier, order.region, order.plan] }

  private static func rows(_ world: World, withVoided isVoidedToo: Bool) -> [Row] {
    var rows: [Row] = []
    func add(_ row: some Hashable, _ isVoided: Bool, _ subject: String?, _ name: String, _ instants: [Int?], isAskedAhead: Bool = false) {
      guard let subject, isVoidedToo || !isVoided else { return }
      rows.append(Row(subject: subject, name: name, instants: instants.compactMap(\.self), hash: row.hashValue, isAskedAhead: isAskedAhead))
    }
    let orders = Dictionary(world.orders.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    func order(_ id: String) -> String? { isVoidedToo || orders[id]?.voided == false ? id : nil }
    for row in world.orders { add(row, row.voided, row.id, "order \(row.id)", [row.provisionedAt, row.activatedAt, row.endedAt]) }
    for row in world.periods { add(row, row.voided, order(row.orderID), "period \(row.id)", [row.paidAt]) }
    for row in world.addons {
      let period = world.periods.first { $0.id == row.periodID }
      add(row, row.voided, period.flatMap { order($0.orderID) }, "addon \(row.id)", [row.activeFrom, row.activeTo])
    }
    for row in world.usage { add(row, row.voided, order(row.orderID), "usage \(row.orderID) \(row.day)", [row.day * secondsPerDay]) }
    for row in world.restorations { add(row, row.voided, order(row.orderID), "ticket \(row.id)", [row.openedAt, row.restoredAt]) }
    for row in world.outages { add(row, row.voided, "outage:\(row.id)", "outage \(row.id)", [row.startedAt, row.endedAt]) }
    for row in world.withdrawals { add(row, row.voided, "withdrawal:\(row.id)", "withdrawal \(row.id)", [row.effectiveAt, row.reversedAt]) }
    for row in world.featureFaults { add(row, row.voided, "feature_fault:\(row.id)", "fault \(row.id)", [row.startedAt, row.fixedAt]) }
    for row in world.requests { add(row, row.voided, "request:\(row.id)", "request \(row.id)", [row.requestedAt], isAskedAhead: true) }
    return rows
  }

  func exceptions(_ world: World, closing date: Int) -> [ModelLedger.Exception] {
    var found: Set<ModelLedger.Exception> = []
    for row in world.orders where !row.voided && first[row.id] != Arrivals.place(row) {
      found.insert(ModelLedger.Exception(kind: .movedWithoutDate, subject: row.id, cents: 0))
    }
    for row in Arrivals.rows(world, withVoided: false) {
      guard let importedAt = known[row.name]?.importedAt else { continue }
      let late = row.instants.filter { $0 > importedAt + 366 * secondsPerDay && (!row.isAskedAhead || $0 >= (date + 1) * secondsPerDay) }
      if !late.isEmpty { found.insert(ModelLedger.Exception(kind: .farFuture, subject: row.subject, cents: 0)) }
    }
    return Array(found)
  }
}
