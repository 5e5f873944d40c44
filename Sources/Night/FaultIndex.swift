import Facts
import Ledger
import RefundPolicy
import Storage

/// Every fault record that is known as of a date, by what it hits; restoration tickets are read order by order instead.
///
/// Its size grows with the number of records, not of orders. Lines of one carrier, region and plan are told apart by their numbers alone.
final class FaultIndex {
  private let records: RecordsByScope
  /// The core features advertised for each plan (P4).
  private var features: [[UInt8]: Set<String>] = [:]
  private var known: [ClassFaults?] = []
  private var prefixed: [PrefixedClass: ClassFaults] = [:]
  /// The numbers and prefixes that have records.
  var own: OwnNumbers { records.own }
  private let classes: LineClasses
  private let cut: Instant
  private let settings: SettingsHistory
  /// The lowest thresholds there ever were.
  private let numbers: PolicyNumbers
  /// Whether any line could be hit long enough by any fault: as if all records hit the same one.
  let mayQualify: Bool

  /// The records that hit every line of a class, or of a class and of prefixes.
  final class ClassFaults {
    let records: [FaultRecord]
    /// What these records alone make as of the date.
    let lineFaults: LineFaults
    /// Whether one of those faults could qualify.
    let mayQualify: Bool
    /// The texts that tell the class from others.
    let carrier, region, plan: String
    fileprivate let features: Set<String>
    /// When each withdrawal among the records took effect, in seconds, the earliest first (P1).
    fileprivate let withdrawals: [Int64]
    /// The same records without so many of the earliest withdrawals: what hits orders that were sold after those.
    fileprivate var soldAfter: [Int: ClassFaults] = [:]

    /// Others of the same line.
    fileprivate init(_ records: [FaultRecord], _ lineFaults: LineFaults, like other: ClassFaults) {
      (self.records, self.lineFaults, mayQualify) = (records, lineFaults, other.mayQualify)
      (carrier, region, plan, features, withdrawals) = (other.carrier, other.region, other.plan, other.features, [])
    }

    fileprivate init(_ records: [FaultRecord], _ lineFaults: LineFaults, of line: LineClasses.Members, features: Set<String>, mayQualify: Bool) {
      (self.records, self.lineFaults, self.features, self.mayQualify) = (records, lineFaults, features, mayQualify)
      withdrawals = records.filter { $0.kind == .withdrawal }.map(\.start.seconds).sorted()
      func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
      (carrier, region, plan) = (text(line.carrier), text(line.region), text(line.plan))
    }
  }

  /// Reads the records that began before `cut`; voided ones and outages of others count as never made.
  init(_ connection: Connection, before cut: Instant, settings: SettingsHistory, classes: LineClasses = LineClasses()) throws {
    let numbers = settings.least
    (self.cut, self.settings, self.numbers, self.classes) = (cut, settings, numbers, classes)
    let advertised = try connection.prepare("SELECT plan, feature FROM plan_features WHERE voided = 0")
    while try advertised.step() { features[Array(advertised.text(0).utf8), default: []].insert(advertised.text(1)) }
    let records = try SharedRecord.all(connection, before: cut)
    mayQualify = Fault.merged(records.filter { [features] in $0.mayHit(features) }.map(\.record), asOf: cut).contains {
      $0.qualifies(under: numbers, asOf: cut)
    }
    self.records = RecordsByScope(records)
  }

  /// An index of some records only.
  init(of records: [SharedRecord], like other: FaultIndex) {
    (cut, settings, numbers) = (other.cut, other.settings, other.numbers)
    (features, classes) = (other.features, other.classes)
    mayQualify = true
    self.records = RecordsByScope(records)
  }

  /// The same index with what it finds kept apart, for another thread.
  init(like other: FaultIndex, classes: LineClasses) {
    (records, features) = (RecordsByScope(like: other.records), other.features)
    (cut, settings, numbers, mayQualify) = (other.cut, other.settings, other.numbers, other.mayQualify)
    self.classes = classes
  }

  /// The faults of a line by its class, which `classes` tell by this number, and by the prefixes of its own number.
  func faults(of number: Int, line: UInt64) -> ClassFaults {
    let prefixes = records.own.prefixes(of: line)
    if prefixes.isEmpty {
      if number < known.count, let found = known[number] { return found }
      let found = faults(of: number, and: [])
      while known.count <= number { known.append(nil) }
      known[number] = found
      return found
    }
    let key = PrefixedClass(number: number, prefixes: prefixes)
    if let found = prefixed[key] { return found }
    let found = faults(of: number, and: prefixes.flatMap { records.byPrefix[$0] ?? [] })
    prefixed[key] = found
    return found
  }

  /// What hits one order of a line (P1).
  ///
  /// - Parameter provisioned: When it was provisioned, in seconds; nil where it is not.
  func faults(_ line: ClassFaults, ofOrderProvisioned provisioned: Int64?) -> ClassFaults {
    guard let first = line.withdrawals.first, provisioned.map({ $0 > first }) ?? true else { return line }
    let passed = provisioned.flatMap { time in line.withdrawals.firstIndex { $0 >= time } } ?? line.withdrawals.count
    if let known = line.soldAfter[passed] { return known }
    let hitting = line.records.filter { $0.hits(orderProvisionedAt: provisioned.map { Instant(seconds: $0) }) }
    let found = ClassFaults(hitting, faults(of: hitting), like: line)
    line.soldAfter[passed] = found
    return found
  }

  /// Whether records hit a line, and whether a fault of those could qualify.
  func outlook(of number: Int, line: UInt64) -> LineOutlook {
    let faults = faults(of: number, line: line)
    var outlook: LineOutlook = []
    if !faults.records.isEmpty { outlook.insert(.isHit) }
    if faults.mayQualify { outlook.insert(.mayQualify) }
    if hasLineRecords(line) {
      outlook.formUnion([.hasOwnRecords, .mayQualify])
      if !lineRecords(line, in: faults).isEmpty { outlook.insert(.isHit) }
    }
    return outlook
  }

  private func faults(of number: Int, and prefixed: [FaultRecord]) -> ClassFaults {
    let line = classes.members[number]
    let advertised = features[line.plan] ?? []
    let hitting = relevant(records.shared(by: line) + prefixed, advertised)
    let faults = faults(of: hitting)
    return ClassFaults(
      hitting, faults, of: line, features: advertised, mayQualify: faults.faults.contains { $0.qualifies(under: numbers, asOf: cut) })
  }

  /// What records that hit one line make as of the date.
  func faults(of records: [FaultRecord]) -> LineFaults { LineFaults(Fault.merged(records, asOf: cut), settings: settings, asOf: cut) }

  /// From when on the open tickets of an order may make days refundable: once their fault is long enough (P3), and from then on with every day.
  ///
  /// - Parameter faults: Those of its line, with its tickets. Nil where none of these is open.
  func ticketsDue(_ faults: LineFaults) -> Instant? {
    guard let open = faults.faults.first(where: { $0.kind == .restoration && $0.isOpen }) else { return nil }
    return open.qualifies(under: numbers, asOf: cut) ? cut : open.lastTooShort(under: numbers)
  }

  private func relevant(_ records: [FaultRecord], _ advertised: Set<String>) -> [FaultRecord] {
    records.filter { record in
      guard case .feature(let feature) = record.kind else { return true }
      return advertised.contains(feature)
    }
  }

  /// Whether there can be a line that a record hits.
  func mayHit(_ record: SharedRecord) -> Bool { record.mayHit(features) }

  /// Whether records of its very number may hit a line, beside those of its class and prefixes.
  func hasLineRecords(_ line: UInt64) -> Bool { records.own.has(line: line) }

  /// The records that hit a line by its very number.
  func lineRecords(_ line: UInt64, in faults: ClassFaults) -> [FaultRecord] {
    hasLineRecords(line) ? relevant(records.byLine[line] ?? [], faults.features) : []
  }

  /// Whether a fault of a line that these records have a part in could qualify; those of its very number are not looked at.
  func mayQualify(of number: Int, line: UInt64, by records: [FaultRecord]) -> Bool {
    if records.isEmpty { return false }
    return faults(of: number, line: line).lineFaults.faults.contains { fault in
      fault.qualifies(under: numbers, asOf: cut) && fault.records.contains { part in records.contains { $0.evidence == part.evidence } }
    }
  }

  /// Whether any fault of the records could qualify under the lowest thresholds there ever were.
  func mayQualify(_ records: [FaultRecord]) -> Bool {
    !records.isEmpty && Fault.merged(records, asOf: cut).contains { $0.qualifies(under: numbers, asOf: cut) }
  }
}

/// Records by what they hit.
private struct RecordsByScope {
  private var platform: [FaultRecord] = []
  // Texts are compared by their bytes, as everywhere: two that look alike may be written with other bytes.
  private var byRegion: [[UInt8]: [FaultRecord]] = [:]
  private var byCarrier: [[UInt8]: [FaultRecord]] = [:]
  private var byPlan: [[UInt8]: [FaultRecord]] = [:]
  private(set) var byLine: [UInt64: [FaultRecord]] = [:]
  /// By what ``OwnNumbers`` tells of the prefix.
  private(set) var byPrefix: [UInt64: [FaultRecord]] = [:]
  /// The numbers and prefixes that have records.
  private(set) var own = OwnNumbers()

  init(_ records: [SharedRecord]) { for record in records { add(record) } }

  /// The same for another thread, with records of its own: threads that count who holds the same one get in each other's way.
  init(like other: RecordsByScope) {
    func copy(_ records: [FaultRecord]) -> [FaultRecord] {
      records.map { FaultRecord(kind: $0.kind, id: $0.id, start: $0.start, end: $0.end) }
    }
    platform = copy(other.platform)
    (byRegion, byCarrier) = (other.byRegion.mapValues(copy), other.byCarrier.mapValues(copy))
    (byPlan, byPrefix) = (other.byPlan.mapValues(copy), other.byPrefix.mapValues(copy))
    (byLine, own) = (other.byLine, other.own)
  }

  private mutating func add(_ shared: SharedRecord) {
    let record = shared.record
    switch shared.scope {
    case .platform: platform.append(record)
    case .region(let region): byRegion[Array(region.utf8), default: []].append(record)
    case .carrier(let carrier): byCarrier[Array(carrier.utf8), default: []].append(record)
    case .plan(let plan): byPlan[Array(plan.utf8), default: []].append(record)
    case .line:
      let number = shared.scope.lineNumber ?? 0
      byLine[number, default: []].append(record)
      own.insert(line: number)
    case .prefix(let prefix):
      byPrefix[own.insert(prefix: UInt64(prefix.dropFirst()) ?? 0, digits: prefix.utf8.count - 1), default: []].append(record)
    }
  }

  /// Those that hit lines by their class.
  func shared(by line: LineClasses.Members) -> [FaultRecord] {
    platform + (byRegion[line.region] ?? []) + (byCarrier[line.carrier] ?? []) + (byPlan[line.plan] ?? [])
  }
}

/// A fault record that is not of one order: an outage of the seller's own, a withdrawal, or a broken feature.
struct SharedRecord {
  var record: FaultRecord
  var scope: Scope
  /// The import that brought or changed it last.
  var importID: Int64

  /// Whether there can be a line that it hits: a broken feature hits where it is advertised.
  fileprivate func mayHit(_ advertised: [[UInt8]: Set<String>]) -> Bool {
    guard case .feature(let feature) = record.kind, case .plan(let plan) = scope else { return true }
    return advertised[Array(plan.utf8)]?.contains(feature) ?? false
  }

  /// The records that began before `cut`.
  static func all(_ connection: Connection, before cut: Instant) throws -> [SharedRecord] {
    try SharedTable.allCases.flatMap { table in
      let rows = try connection.prepare("\(table.query) AND \(table.start) < ?1")
      try rows.bind(1, cut.seconds)
      var found: [SharedRecord] = []
      while try rows.step() { found.append(try table.read(rows)) }
      return found
    }
  }
}

/// The three tables of shared fault records, read alike.
enum SharedTable: String, CaseIterable {
  case outages
  case withdrawals
  case featureFaults = "feature_faults"

  var key: String {
    switch self {
    case .outages: "outage_id"
    case .withdrawals: "withdrawal_id"
    case .featureFaults: "fault_id"
    }
  }

  var start: String { self == .withdrawals ? "effective_at" : "started_at" }

  var end: String {
    switch self {
    case .outages: "ended_at"
    case .withdrawals: "reversed_at"
    case .featureFaults: "fixed_at"
    }
  }

  /// P2: of the outages only those of the seller's own infrastructure.
  var query: String {
    let kind = self == .featureFaults ? "feature" : "NULL"
    let condition = self == .outages ? " AND origin = 'infrastructure'" : ""
    return "SELECT \(key), scope, scope_value, \(start), \(end), \(kind), import_id FROM \(rawValue) WHERE voided = 0\(condition)"
  }

  func read(_ row: RawStatement) throws -> SharedRecord {
    let kind: FaultKind =
      switch self {
      case .outages: .outage
      case .withdrawals: .withdrawal
      case .featureFaults: .feature(row.text(5))
      }
    let record = FaultRecord(kind: kind, id: row.text(0), start: row.instant(3), end: row.optionalInstant(4))
    guard let scope = Scope(row.text(1), value: row.text(2)) else {
      throw StorageError.refused(why: "\(record.evidence) has the unknown scope '\(row.text(1))'")
    }
    return SharedRecord(record: record, scope: scope, importID: row.int(6))
  }
}

extension Scope {
  /// The digits of the one line that it is.
  var lineNumber: UInt64? {
    guard case .line(let line) = self else { return nil }
    return UInt64(line.dropFirst()) ?? 0
  }

  /// The columns `scope` and `scope_value`.
  init?(_ word: String, value: String) {
    switch word {
    case "platform": self = .platform
    case "region": self = .region(value)
    case "carrier": self = .carrier(value)
    case "prefix": self = .prefix(value)
    case "line": self = .line(value)
    case "plan": self = .plan(value)
    default: return nil
    }
  }
}

extension SettingsHistory {
  /// The lowest thresholds there ever were, the defaults included.
  var least: PolicyNumbers {
    sets.reduce(into: PolicyNumbers()) { least, set in
      least.outageOverHours = min(least.outageOverHours, set.policy.outageOverHours)
      least.troubleshootingOverHours = min(least.troubleshootingOverHours, set.policy.troubleshootingOverHours)
      least.featureOverDays = min(least.featureOverDays, set.policy.featureOverDays)
    }
  }
}
