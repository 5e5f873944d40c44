import Facts
import Ledger
import RefundPolicy
import Storage

/// The orders that a run may have to decide otherwise than the last nightly did: by what came since, by time passing, by what people decided, and
/// by the shared faults that hit them. For all others the run would find just what is there.
///
/// Cost follows what changed, not what exists. `makegood verify` decides every order and so proves that none was left out.
final class AffectedOrders {
  /// Whether every order has to be looked at, for faults that hit many; else only those that are named.
  let isScan: Bool
  private let connection: Connection
  let affecting: Affecting
  private let classes: LineClasses
  /// The named ones, for orders that come in ascending order.
  let named: FactCursor

  /// The records by which lines are affected, where every order is looked at.
  struct Affecting {
    /// What corrected records were and are.
    var changed: FaultIndex?
    /// Those by which faults only became longer: they came, began, ended or grew.
    var grown: FaultIndex?
    /// Those that requests made while they ran may be told of, though they are too short for a refund.
    var told: FaultIndex?

    /// - Parameter copy: Makes what one thread asks another's.
    func map(_ copy: (FaultIndex) -> FaultIndex) -> Affecting {
      Affecting(changed: changed.map(copy), grown: grown.map(copy), told: told.map(copy))
    }

    var all: [FaultIndex] { [changed, grown, told].compactMap(\.self) }
  }

  fileprivate init(_ connection: Connection, isScan: Bool, _ affecting: Affecting, classes: LineClasses) throws {
    (self.connection, self.classes, self.isScan, self.affecting) = (connection, classes, isScan, affecting)
    named = try FactCursor("SELECT order_id FROM affected_orders WHERE order_id >= ?1 ORDER BY order_id", on: connection)
  }

  /// Calls `body` with the reader on each named order.
  func each(_ reader: BlockReader, _ body: () throws -> Void) throws {
    let walk = try OrderWalk(connection, reader) { [classes] in classes.begin($0) }
    let rows = try connection.prepare("SELECT order_id FROM affected_orders ORDER BY order_id")
    while try rows.step() { if try walk.go(to: ByteText(rows, 0)) { try body() } }
  }
}

/// Finds the affected orders of a run, and matches the requests that have to be matched anew.
struct AffectedSearch {
  let store: Store
  let connection: Connection
  /// The instant that ends the date that is closed, and the one that ended the last nightly's; the same for a rerun.
  let cut: Instant
  let formerCut: Instant
  let faults: FaultIndex
  let classes: LineClasses
  let numbers: PolicyNumbers
  /// So many changed orders are no reason to look at everything, however small the database.
  private static let few: Int64 = 300
  private let scale: Night.Scale
  private let lastRun: Int64
  private let lastImport: Int64
  private let areManyChanged: Bool
  private let faultOpenMaxSeconds: Int64
  private let name: RawStatement

  /// - Returns: Nil where everything has to be decided: the first night, other settings, or many orders changed.
  init?(
    _ store: Store, _ connection: Connection, _ settings: SettingsHistory, closing day: ServiceDay, faults: FaultIndex, classes: LineClasses,
    _ scale: Night.Scale
  ) throws {
    (self.store, self.connection, self.faults, self.classes) = (store, connection, faults, classes)
    (numbers, self.scale) = (settings.least, scale)
    cut = day.end
    let last = try connection.prepare(
      "SELECT run_id, import_id, business_day, (SELECT max(seal_id) FROM seals WHERE kind = 'run' AND subject = run_id) FROM runs "
        + "WHERE kind = 'nightly' ORDER BY run_id DESC LIMIT 1")
    guard try last.step() else { return nil }
    (lastRun, lastImport) = (last.int(0), last.int(1))
    formerCut = last.day(2).end
    let newSettings = try connection.prepare("SELECT 1 FROM seals WHERE kind = 'settings' AND seal_id > ?1")
    try newSettings.bind(1, last.int(3))
    if try newSettings.step() { return nil }
    let operating = settings.operating(closing: day)
    if operating != settings.operating(closing: last.day(2)) { return nil }
    faultOpenMaxSeconds = Int64(operating.faultOpenMaxDays) * 86_400
    // Measured: to find and decide an order takes about as long as to pass by those of a block; and an order takes some hundred bytes.
    let changed = try ChangedOrders.extent(since: lastImport, on: connection)
    let patched = changed.patchBytes / 100
    if 3 * changed.blocks + patched > max(changed.all, AffectedSearch.few) { return nil }
    areManyChanged = changed.blocks + patched >= scale.threadsFrom
    try connection.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS affected_orders (order_id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
      DELETE FROM affected_orders;
      """)
    name = try connection.prepare("INSERT INTO affected_orders VALUES (?1) ON CONFLICT DO NOTHING")
  }

  func find(_ matching: RequestMatching, unmatched: RequestMatching.Unmatched) throws -> AffectedOrders {
    try nameDue()
    try nameDecided()
    var transactions: Set<UInt64> = []
    try nameChanged(&transactions)
    // What a request is of does not depend on faults.
    try match(matching, transactions, unmatched)
    var (active, affecting) = try activeRecords()
    try nameLines(&affecting)
    let isScan = !affecting.changed.isEmpty || !affecting.grown.isEmpty
    // Where every order is looked at, it is seen there whether a record hits its line.
    try nameAsking(isScan ? active.filter { $0.record == nil } : active, affecting)
    let told = isScan ? active.compactMap(\.record) : []
    func index(_ records: [SharedRecord]) -> FaultIndex? { records.isEmpty ? nil : FaultIndex(of: records, like: faults) }
    return try AffectedOrders(
      connection, isScan: isScan,
      AffectedOrders.Affecting(changed: index(affecting.changed), grown: index(affecting.grown), told: index(told)), classes: classes)
  }

  /// Each block is read once: many are not to fill the pages of this connection, but read beside. A run changes none of them.
  private func readBlocks<Result>(areMany: Bool, _ body: (Connection) throws -> Result) throws -> Result {
    areMany ? try store.readBeside(body) : try body(connection)
  }

  private func add(_ orderID: String) throws {
    try name.bind(1, orderID)
    try name.run()
  }

  private func addAll(_ query: String, _ parameters: Int64...) throws {
    let insert = try connection.prepare("INSERT INTO affected_orders \(query) ON CONFLICT DO NOTHING")
    for (index, value) in parameters.enumerated() { try insert.bind(index + 1, value) }
    try insert.run()
  }

  /// Something known of them before takes effect now, or a ticket or a request of theirs waits.
  private func nameDue() throws { try addAll("SELECT order_id FROM agenda WHERE due < ?1", cut.seconds) }

  /// People decided about their items (none of which stands on a sheet then), a payout moved one, or a rerun changed one: it leaves flags and promises to the night.
  private func nameDecided() throws {
    try addAll(
      """
      SELECT order_id FROM items WHERE item_id IN (SELECT item_id FROM reviews WHERE run_id > ?1
        UNION SELECT item_id FROM payout_moves WHERE run_id > ?1 UNION SELECT item_id FROM run_changes WHERE run_id > ?1)
      """, lastRun)
    // A period that moved: its items keep the order they were opened for, what is wrong with them is told of the order it is of now.
    let moved = try connection.prepare(
      """
      SELECT DISTINCT key FROM fact_changes JOIN items ON period_id = key
      WHERE table_name = 'periods' AND before ->> 'order_id' IS NOT NULL AND items.order_id IN (SELECT order_id FROM affected_orders)
      """)
    let blocks = try OrderBlocks(connection)
    var periods: [String] = []
    while try moved.step() { periods.append(moved.text(0)) }
    for period in periods { for orderID in try blocks.orders(with: FactKey(period), .period) { try add(orderID) } }
  }

  /// Rows of theirs came or changed.
  private func nameChanged(_ transactions: inout Set<UInt64>) throws {
    try readBlocks(areMany: areManyChanged) { connection in
      try ChangedOrders.each(since: lastImport, on: connection) { file in
        unsafe try name.bind(1, bytes: file.order.id.bytes)
        try name.run()
        transactions.formUnion(file.transactions)
      }
    }
    let former = try connection.prepare(
      """
      SELECT order_id, before ->> 'order_id', before ->> 'txid', before ->> 'period_id' FROM fact_changes
      WHERE import_id > ?1 AND table_name IN ('orders', 'periods', 'addons', 'usage', 'restorations')
      """)
    try former.bind(1, lastImport)
    let blocks = try OrderBlocks(connection)
    while try former.step() {
      // A period or a ticket that moved to another order.
      for column in 0...1 { if let orderID = former.optionalText(column) { try add(orderID) } }
      // An add-on that moved to another period: the order it left may have no row that changed.
      if let period = former.optionalText(3) { for orderID in try blocks.orders(with: FactKey(period), .period) { try add(orderID) } }
      if let transaction = former.optionalText(2) { transactions.insert(FactKey(transaction).transactionHash) }
    }
  }

  // Shared faults.

  /// By what requests may be told otherwise.
  private enum Active {
    /// A record that came, began or ended.
    case record(SharedRecord)
    /// One that was another once, and may have hit others, from an instant on.
    case former(since: Instant)

    var record: SharedRecord? { if case .record(let record) = self { record } else { nil } }
  }

  /// The records by which orders may be affected; see ``AffectedOrders``.
  private struct Affecting {
    var changed: [SharedRecord] = []
    var grown: [SharedRecord] = []
    /// Those of single lines, and those of many that are long enough only together with the records of single lines.
    var ofLines: [SharedRecord] = []
    /// The lines that those can affect.
    var lines: Set<UInt64> = []
    /// All that can hit a line: the faults of records that hit many, as if each hit all; and the records of single lines.
    var faultsOfMany: [Fault] = []
    var recordsOfLines: [UInt64: [FaultRecord]] = [:]
  }

  private func activeRecords() throws -> (all: [Active], Affecting) {
    var all: [Active] = []
    var affecting = Affecting()
    let known = try SharedRecord.all(connection, before: cut)
    // As if all records of a kind hit the same line, and as if all those did that hit many.
    let hitting = known.filter(faults.mayHit)
    let together = merged(hitting)
    let ofMany = merged(hitting.filter { $0.scope.lineNumber == nil })
    affecting.faultsOfMany = ofMany
    for shared in hitting { if let line = shared.scope.lineNumber { affecting.recordsOfLines[line, default: []].append(shared.record) } }
    let (qualifying, qualifyingAlone) = (evidence(of: together), evidence(of: ofMany))
    for shared in known {
      let record = shared.record
      let end = record.end.flatMap { $0 < cut ? $0 : nil }
      let hasBegunOrEnded = record.start >= formerCut || end.map { $0 >= formerCut } ?? false
      let grows = record.kind != .withdrawal && end == nil && formerCut < cut
      // G8 One that does not grow is told when it has been open for long.
      let long = record.start.advanced(bySeconds: faultOpenMaxSeconds)
      let turnsLong = end == nil && long >= formerCut && long < cut
      guard hasBegunOrEnded || grows || turnsLong || shared.importID > lastImport else { continue }
      if hasBegunOrEnded || shared.importID > lastImport { all.append(.record(shared)) }
      guard qualifying.contains(record.evidence) else { continue }
      if let line = shared.scope.lineNumber {
        affecting.ofLines.append(shared)
        affecting.lines.insert(line)
      } else if qualifyingAlone.contains(record.evidence) {
        affecting.grown.append(shared)
      } else {
        affecting.ofLines.append(shared)
        for fault in ofMany where fault.records.contains(where: { $0.evidence == record.evidence }) {
          affecting.lines.formUnion(hitting.filter { touches($0.record, fault) }.compactMap(\.scope.lineNumber))
        }
      }
    }
    for table in SharedTable.allCases { try addFormer(table, &all, &affecting.changed) }
    try addPlans(&affecting.changed)
    return (all, affecting)
  }

  private func merged(_ records: [SharedRecord]) -> [Fault] { Fault.merged(records.map(\.record), asOf: cut) }

  /// The records of the faults that are long enough.
  private func evidence(of faults: [Fault]) -> Set<String> {
    Set(faults.filter { $0.qualifies(under: numbers, asOf: cut) }.flatMap(\.records).map(\.evidence))
  }

  /// The faults that a record can be part of, on whatever line that it hits: with those that hit many, and with the records of that line.
  private func faults(with shared: SharedRecord, among affecting: Affecting) -> [Fault] {
    func has(_ fault: Fault) -> Bool { fault.records.contains { $0.evidence == shared.record.evidence } }
    func fault(on line: [FaultRecord]) -> Fault? {
      let near = affecting.faultsOfMany.filter { fault in has(fault) || line.contains { touches($0, fault) } }
      return Fault.merged(near.flatMap(\.records) + line, asOf: cut).first(where: has)
    }
    if let line = shared.scope.lineNumber { return [fault(on: affecting.recordsOfLines[line] ?? [])].compactMap(\.self) }
    guard let alone = fault(on: []) else { return [] }
    return [alone] + affecting.recordsOfLines.values.compactMap { line in line.contains { touches($0, alone) } ? fault(on: line) : nil }
  }

  /// Whether a record would be part of a fault if it hit the same line.
  private func touches(_ record: FaultRecord, _ fault: Fault) -> Bool {
    record.kind == fault.kind && record.start <= fault.end ?? cut && fault.start <= record.end ?? cut
  }

  /// Names the orders of single lines, where they are few: else passing by every order costs less, and their records are left to be asked for.
  private func nameLines(_ affecting: inout Affecting) throws {
    let lines = affecting.lines.union(affecting.changed.compactMap(\.scope.lineNumber))
    if try Int64(lines.count) > FactState.orderCount(on: connection) / scale.ordersPerLine { return affecting.grown += affecting.ofLines }
    let orders = try readBlocks(areMany: lines.count >= scale.threadsFrom) { try OrderBlocks($0).orders(ofLines: lines) }
    for orderID in orders { try add(orderID) }
    affecting.changed.removeAll { $0.scope.lineNumber != nil }
  }

  /// What changed records were: they hit whom they hit before too, however long they are now.
  private func addFormer(_ table: SharedTable, _ all: inout [Active], _ hits: inout [SharedRecord]) throws {
    let feature = table == .featureFaults ? "t.feature" : "NULL"
    let changes = try connection.prepare(
      """
      SELECT t.\(table.key), t.scope, t.scope_value, t.\(table.start), \(feature), c.before, before ->> '\(table.start)'
      FROM fact_changes AS c JOIN \(table.rawValue) AS t ON t.\(table.key) = c.key
      WHERE c.table_name = '\(table.rawValue)' AND c.import_id > ?1 ORDER BY c.key, c.change_id DESC
      """)
    try changes.bind(1, lastImport)
    let scopes = try connection.prepare(
      "SELECT CASE WHEN json_type(?1, '$.scope') IS NULL THEN ?2 ELSE ?1 ->> 'scope' END, "
        + "CASE WHEN json_type(?1, '$.scope_value') IS NULL THEN ?3 ELSE ?1 ->> 'scope_value' END")
    var last: (key: String, scope: String, value: String)?
    while try changes.step() {
      let key = changes.text(0)
      // From the newest back: each change tells what differs.
      var (scope, value) = (changes.text(1), changes.text(2))
      if let last, last.key == key { (scope, value) = (last.scope, last.value) }
      func add() throws {
        guard let place = Scope(scope, value: value) else { return }
        // Without a feature, so that it hits whatever is advertised.
        let record = FaultRecord(kind: .outage, id: key, start: changes.instant(3), end: nil)
        hits.append(SharedRecord(record: record, scope: place, importID: lastImport))
      }
      try add()
      try scopes.bind(1, changes.text(5))
      try scopes.bind(2, scope)
      try scopes.bind(3, value)
      if try scopes.step() { (scope, value) = (scopes.text(0), scopes.text(1)) }
      scopes.reset()
      try add()
      last = (key, scope, value)
      let start = changes.optionalText(6).flatMap { Instant(rfc3339: $0) } ?? changes.instant(3)
      all.append(.former(since: min(start, changes.instant(3))))
    }
  }

  /// What is advertised for a plan changed: its lines are hit by other feature faults now.
  private func addPlans(_ hits: inout [SharedRecord]) throws {
    let plans = try connection.prepare(
      "SELECT DISTINCT plan FROM plan_features WHERE import_id > ?1 AND EXISTS (SELECT 1 FROM feature_faults AS f WHERE f.feature = plan_features.feature)"
    )
    try plans.bind(1, lastImport)
    while try plans.step() {
      let record = FaultRecord(kind: .outage, id: "", start: cut, end: nil)
      hits.append(SharedRecord(record: record, scope: .plan(plans.text(0)), importID: lastImport))
    }
  }

  /// Requests made during a fault that such a record may be part of may be told otherwise, also where it does not qualify (Q2, Q3). Which lines it
  /// hits is not asked.
  private func nameAsking(_ records: [Active], _ affecting: Affecting) throws {
    var times: [(since: Int64, until: Int64)] = []
    for record in records {
      switch record {
      case .former(let since): times.append((since.seconds, .max))
      case .record(let shared): times += faults(with: shared, among: affecting).map { ($0.start.seconds, $0.end?.seconds ?? .max) }
      }
    }
    // Many records of one time ask for the same requests.
    var spans: [(since: Int64, until: Int64)] = []
    for (since, until) in times.sorted(by: { $0.since < $1.since }) {
      if let last = spans.last, since <= last.until {
        spans[spans.count - 1].until = max(last.until, until)
      } else {
        spans.append((since, until))
      }
    }
    for span in spans {
      try addAll("SELECT order_id FROM matched_requests WHERE requested_at >= ?1 AND requested_at <= ?2", span.since, span.until)
    }
  }

  // Requests.

  private func match(_ matching: RequestMatching, _ transactions: Set<UInt64>, _ unmatched: RequestMatching.Unmatched) throws {
    var requests: Set<String> = []
    func collect(_ query: String, _ parameters: Int64...) throws {
      let rows = try connection.prepare(query)
      for (index, value) in parameters.enumerated() { try rows.bind(index + 1, value) }
      while try rows.step() { requests.insert(rows.text(0)) }
    }
    try collect("SELECT request_id FROM requests WHERE import_id > ?1", lastImport)
    try collect("SELECT request_id FROM requests WHERE requested_at >= ?1 AND requested_at < ?2", formerCut.seconds, cut.seconds)
    try collect("SELECT request_id FROM matched_requests WHERE due < ?1", cut.seconds)
    try collect("SELECT subject FROM exceptions WHERE kind = 'unmatched_request' AND closed_run IS NULL")
    try collect("SELECT request_id FROM requests WHERE order_id IN (SELECT order_id FROM affected_orders)")
    if !transactions.isEmpty {
      let rows = try connection.prepare("SELECT request_id, txid FROM requests WHERE txid IS NOT NULL")
      while try rows.step() { if transactions.contains(FactKey(rows.text(1)).transactionHash) { requests.insert(rows.text(0)) } }
    }
    for request in requests.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      for orderID in try matching.match(request, unmatched: unmatched) { try add(orderID) }
    }
  }
}
