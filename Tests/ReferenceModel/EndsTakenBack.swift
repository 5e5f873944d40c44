/// G5: what imports took back of what was over or void.
struct EndsTakenBack: Hashable, Sendable {
  enum Record: Hashable, Sendable {
    case order(String)
    case period(String)
    case request(String)
    /// Shared by orders, or a row of one that nothing automatic follows from; by the subject of its exception.
    case other(String)

    /// As an exception's line names it.
    var subject: String {
      switch self {
      case .order(let id), .period(let id): id
      case .request(let id): "request:\(id)"
      case .other(let subject): subject
      }
    }
  }

  private struct Taken: Hashable, Sendable {
    var record: Record
    /// Of the import, counted from 1.
    var number: Int
    /// Which of the row's ends, counted from 0; nil where it was void before.
    var end: Int?
  }

  private var taken: Set<Taken> = []
  private var imports = 0
  private var importsOfLastRun = 0
  /// The last import that somebody knew of who released what an order's ends held.
  private var released: [String: Int] = [:]

  var records: Set<Record> { Set(taken.map(\.record)) }

  mutating func noteRun() { importsOfLastRun = imports }

  mutating func release(_ orderID: String) { released[orderID] = max(released[orderID] ?? 0, importsOfLastRun) }

  func stands(_ record: Record, of orderID: String?) -> Bool {
    let seen = if case .other = record { 0 } else { orderID.flatMap { released[$0] } ?? 0 }
    return taken.contains { $0.record == record && $0.number > seen }
  }

  mutating func compare(_ former: World, _ now: World) {
    imports += 1
    compare(former.orders, now.orders, { .order($0.id) }, \.voided) { [$0.endedAt, $0.activatedAt, $0.provisionedAt] }
    compare(former.periods, now.periods, { .period($0.id) }, \.voided) { _ in [] }
    compare(former.requests, now.requests, { .request($0.id) }, \.voided) { _ in [] }
    compare(former.outages, now.outages, { .other("outage:\($0.id)") }, \.voided) { [$0.endedAt] }
    compare(former.withdrawals, now.withdrawals, { .other("withdrawal:\($0.id)") }, \.voided) { [$0.reversedAt] }
    compare(former.featureFaults, now.featureFaults, { .other("feature_fault:\($0.id)") }, \.voided) { [$0.fixedAt] }
    compare(former.restorations, now.restorations, { .other("restoration:\($0.id)") }, \.voided) { [$0.restoredAt] }
    compare(former.addons, now.addons, { .other("addon:\($0.id)") }, \.voided) { _ in [] }
    compare(former.usage, now.usage, { .other("usage:\($0.orderID) \(dayText($0.day))") }, \.voided) { _ in [] }
    compare(former.planFeatures, now.planFeatures, { .other("plan_feature:\($0.plan) \($0.feature)") }, \.voided) { _ in [] }
    compare(former.rates, now.rates, { .other("rate:\($0.coin) \(instantText($0.quotedAt))") }, \.voided) { _ in [] }
  }

  /// - Parameter ends: When something happened to the row for good: that it was over, that its line was provisioned or activated.
  private mutating func compare<Row>(
    _ former: [Row], _ now: [Row], _ record: (Row) -> Record, _ voided: (Row) -> Bool, _ ends: (Row) -> [Int?]
  ) {
    let before = Dictionary(former.map { (record($0), $0) }, uniquingKeysWith: { $1 })
    for row in now {
      let name = record(row)
      guard let old = before[name] else { continue }
      if voided(row) {
        taken = taken.filter { $0.record != name }
        continue
      }
      for (index, (was, end)) in zip(ends(old), ends(row)).enumerated() {
        if end != nil {
          taken = taken.filter { $0.record != name || $0.end != index }
        } else if was != nil {
          taken.insert(Taken(record: name, number: imports, end: index))
        }
      }
      if voided(old) { taken.insert(Taken(record: name, number: imports, end: nil)) }
    }
  }
}
