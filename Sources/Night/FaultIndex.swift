import Ledger
import RefundPolicy
import Storage

/// Every fault record that is known as of a date, by what it hits; restoration tickets are read order by order instead.
///
/// Its size grows with the number of records, not of orders.
struct FaultIndex {
  private var platform: [FaultRecord] = []
  private var byRegion: [String: [FaultRecord]] = [:]
  private var byCarrier: [String: [FaultRecord]] = [:]
  private var byPlan: [String: [FaultRecord]] = [:]
  private var byLine: [String: [FaultRecord]] = [:]
  private var byPrefix: [String: [FaultRecord]] = [:]
  private var prefixLengths: Set<Int> = []
  /// The core features advertised for each plan (P4).
  private var features: [String: Set<String>] = [:]

  /// Reads the records that began before `cut`; voided ones and outages of others count as never made.
  init(_ connection: Connection, before cut: Instant) throws {
    let outages = try connection.prepare(
      "SELECT outage_id, scope, scope_value, started_at, ended_at FROM outages WHERE voided = 0 AND origin = 'infrastructure' AND started_at < ?1")
    try add(outages, before: cut) { _ in .outage }
    let withdrawals = try connection.prepare(
      "SELECT withdrawal_id, scope, scope_value, effective_at, reversed_at FROM withdrawals WHERE voided = 0 AND effective_at < ?1")
    try add(withdrawals, before: cut) { _ in .withdrawal }
    let faults = try connection.prepare(
      "SELECT fault_id, scope, scope_value, started_at, fixed_at, feature FROM feature_faults WHERE voided = 0 AND started_at < ?1")
    try add(faults, before: cut) { .feature($0.text(5)) }
    let advertised = try connection.prepare("SELECT plan, feature FROM plan_features WHERE voided = 0")
    while try advertised.step() { features[advertised.text(0), default: []].insert(advertised.text(1)) }
  }

  private mutating func add(_ rows: RawStatement, before cut: Instant, kind: (RawStatement) -> FaultKind) throws {
    try rows.bind(1, cut.seconds)
    while try rows.step() {
      let record = FaultRecord(kind: kind(rows), id: rows.text(0), start: rows.instant(3), end: rows.optionalInstant(4))
      let value = rows.text(2)
      switch rows.text(1) {
      case "platform": platform.append(record)
      case "region": byRegion[value, default: []].append(record)
      case "carrier": byCarrier[value, default: []].append(record)
      case "plan": byPlan[value, default: []].append(record)
      case "line": byLine[value, default: []].append(record)
      case "prefix":
        byPrefix[value, default: []].append(record)
        prefixLengths.insert(value.utf8.count)
      case let scope: throw StorageError.refused(why: "\(record.evidence) has the unknown scope '\(scope)'")
      }
    }
  }

  var isEmpty: Bool {
    platform.isEmpty && byRegion.isEmpty && byCarrier.isEmpty && byPlan.isEmpty && byLine.isEmpty && byPrefix.isEmpty
  }

  /// Every record that hits the line.
  func records(hitting line: LineFacts) -> [FaultRecord] {
    var found = platform
    if let records = byRegion[line.region] { found += records }
    if let records = byCarrier[line.carrier] { found += records }
    if let records = byPlan[line.plan] { found += records }
    if let records = byLine[line.number] { found += records }
    for length in prefixLengths {
      if let prefix = String(line.number.utf8.prefix(length)), let records = byPrefix[prefix] { found += records }
    }
    return found.filter { record in
      guard case .feature(let feature) = record.kind else { return true }
      return features[line.plan]?.contains(feature) ?? false
    }
  }
}
