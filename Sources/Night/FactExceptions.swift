import Facts
import Ledger
import RefundPolicy
import Storage

/// The exceptions that facts are by themselves, whatever is owed (P, P1, G8). They are told of what is recorded, also before it takes effect.
///
/// A nightly looks at what came since the last one, and again at what stands; a rerun leaves them to the next night.
struct FactExceptions {
  private let connection: Connection
  private let classes: LineClasses
  private let faults: FaultIndex
  private let blocks: OrderBlocks
  private let recorder: RunRecorder
  /// The last import that the last nightly knew; 0 before the first.
  private let lastImport: Int64
  private let cut: Instant

  init(_ recorder: RunRecorder, faults: FaultIndex, classes: LineClasses, asOf cut: Instant, on connection: Connection) throws {
    (self.recorder, self.faults, self.classes, self.cut, self.connection) = (recorder, faults, classes, cut, connection)
    blocks = try OrderBlocks(connection)
    lastImport = try connection.integer("SELECT coalesce(max(import_id), 0) FROM runs WHERE kind = 'nightly'")
  }

  func note() throws {
    let records = try SharedRecord.all(connection, before: Instant(seconds: .max))
    let sold = SoldAfterWithdrawal(records, like: faults)
    var future = try FarFuture(connection, asOf: cut)
    try future.eachShared(recorder.note)
    var changed = Changed(records: try areRecordsChanged(SharedTable.allCases), withdrawals: try areRecordsChanged([.withdrawals]))
    var (far, moved): (Set<String>, Set<String>) = (try connection.ordersWithOpen(.farFuture), [])
    let extent = try ChangedOrders.extent(since: lastImport, on: connection)
    if extent.blocks > 0 || extent.patchBytes > 0 {
      changed.areOrders = true
      changed.haveOrdersMoved = try haveOrdersMoved()
      try ChangedOrders.each(since: lastImport, on: connection) { file in
        // Only numbers are asked of it here.
        if file.order.isVoided { return }
        if try future.isFar(file) { far.insert(file.order.id.string) }
        let isNew = file.order.importID > lastImport
        if isNew || file.periods.contains(where: { $0.importID > lastImport }) { changed.lines.insert(file.order.line) }
        if isNew && lastImport > 0 && !sold.isEmpty { moved.insert(file.order.id.string) }
      }
    }
    try blocks.each(ofOrders: far) { order, _ in if let exception = try future.exception(of: order) { try recorder.note(exception) } }
    try blocks.each(ofOrders: moved, opened: classes.begin) { order, place in
      changed.haveSoldAfter = changed.haveSoldAfter || sold.passes(order.order, ofClass: classes.number(place))
    }
    try noteLinesHeldTwice(changed.lines)
    try noteMoved()
    try note(records, sold, changed)
  }

  /// What came since the last nightly.
  private struct Changed {
    /// Whether any shared record did, and whether a withdrawal did.
    var records, withdrawals: Bool
    var areOrders = false
    /// Whether what decides which records hit an order changed of one that was known.
    var haveOrdersMoved = false
    /// Whether one of them was sold after a withdrawal.
    var haveSoldAfter = false
    var lines: Set<UInt64> = []
  }

  private func areRecordsChanged(_ tables: [SharedTable]) throws -> Bool {
    try tables.contains { try connection.integer("SELECT EXISTS (SELECT 1 FROM \($0.rawValue) WHERE import_id > ?1)", lastImport) == 1 }
  }

  private func haveOrdersMoved() throws -> Bool {
    let columns = ["line", "carrier", "region", "plan", "provisioned_at", "voided"].map { "json_type(before, '$.\($0)') IS NOT NULL" }
    return try connection.integer(
      "SELECT EXISTS (SELECT 1 FROM fact_changes WHERE import_id > ?1 AND table_name = 'orders' AND (\(columns.joined(separator: " OR "))))",
      lastImport
    ) == 1
  }

  // P Two orders that hold one line at the same time.

  /// - Parameter changed: The lines of orders that came or changed.
  private func noteLinesHeldTwice(_ changed: Set<UInt64>) throws {
    var lines = changed
    try blocks.each(ofOrders: connection.ordersWithOpen(.lineHeldTwice)) { order, _ in lines.insert(order.order.line) }
    if lines.isEmpty { return }
    var holdings = LineHoldings()
    if try Int64(lines.count) > OrderBlocks.count(on: connection) {
      // To look each of them up costs more than to pass by all orders.
      var seen = NumbersSeenTwice()
      try blocks.eachBlock { _, heads in
        for head in heads where !head.isVoided { seen.add(head.line) }
        return .on
      }
      lines = seen.twice.intersection(lines)
    }
    try blocks.each(ofOrders: Set(blocks.orders(ofLines: lines))) { order, _ in holdings.add(order) }
    for exception in holdings.exceptions { try recorder.note(exception) }
  }

  // P An order that got other values, and nobody recorded since when.

  private func noteMoved() throws {
    var orders = try connection.ordersWithOpen(.movedWithoutDate)
    let rows = try connection.prepare(
      """
      SELECT DISTINCT key FROM fact_changes WHERE import_id > ?1 AND table_name = 'orders'
        AND (json_type(before, '$.line') IS NOT NULL OR json_type(before, '$.carrier') IS NOT NULL
          OR json_type(before, '$.region') IS NOT NULL OR json_type(before, '$.plan') IS NOT NULL)
      """)
    try rows.bind(1, lastImport)
    while try rows.step() { orders.insert(rows.text(0)) }
    if orders.isEmpty { return }
    let changes = try connection.prepare(
      """
      SELECT before ->> '$.line', before ->> '$.carrier', before ->> '$.region', before ->> '$.plan' FROM fact_changes
      WHERE table_name = 'orders' AND key = ?1 ORDER BY change_id
      """)
    try blocks.each(ofOrders: orders) { order, _ in
      if order.order.isVoided { return }
      let now = ["+\(order.order.line)", order.order.carrier.string, order.order.region.string, order.order.plan.string]
      var first: [String?] = [nil, nil, nil, nil]
      try changes.bind(1, order.order.id.string)
      while try changes.step() { for column in first.indices { first[column] = first[column] ?? changes.optionalText(column) } }
      changes.reset()
      let moved = zip(["line", "carrier", "region", "plan"], zip(first, now)).compactMap { name, values in
        values.0.flatMap { $0 == values.1 ? nil : "\(name) was \($0) and is \(values.1)" }
      }
      if moved.isEmpty { return }
      let id = order.order.id.string
      try recorder.note(
        RecordedException(
          kind: .movedWithoutDate, subject: id, orderID: id, periodID: nil, amount: .zero,
          explanation: "The order \(id) was changed, and nothing says since when: \(moved.joined(separator: ", ")). "
            + "It is decided by the new values for its whole life (P)."))
    }
  }

  // G8, P1 Records that hit no order, and withdrawals that pass by orders sold after them.

  private func note(_ records: [SharedRecord], _ sold: SoldAfterWithdrawal, _ changed: Changed) throws {
    // A feature of no plan is told by its name alone.
    let features = try UnknownFeatures(connection)
    for record in records { if let exception = features.exception(of: record) { try recorder.note(exception) } }
    let isFirst = lastImport == 0
    // What hit an order goes on to, as long as none moves.
    let areAllInDoubt = isFirst || changed.haveOrdersMoved
    let open = try connection.subjectsOfOpen(.hitsNothing)
    let isAnyChanged = changed.areOrders || changed.records
    if !isAnyChanged { try recorder.keepExceptions(of: [.hitsNothing]) }
    var inDoubt = records.filter { record in
      isAnyChanged && !features.isUnknown(record) && (areAllInDoubt || record.importID > lastImport || open.contains(record.record.evidence))
    }
    // Few lines are looked up; many are found on the way past all orders.
    let lines = Set(inDoubt.compactMap(\.scope.lineNumber))
    if try Int64(lines.count) < OrderBlocks.count(on: connection) {
      let held = try blocks.held(lines)
      let ofNone = RecordsWithoutOrder(inDoubt.filter { $0.scope.lineNumber.map { !held.contains($0) } ?? false }, like: faults)
      for exception in ofNone.exceptions(known: classes) { try recorder.note(exception) }
      inDoubt.removeAll { $0.scope.lineNumber != nil }
    }
    var missing = RecordsWithoutOrder(inDoubt, like: faults)
    let isSoldAfterKept = !(areAllInDoubt || changed.withdrawals || changed.haveSoldAfter)
    if isSoldAfterKept { try recorder.keepExceptions(of: [.soldAfterWithdrawal]) }
    var sold = isSoldAfterKept ? SoldAfterWithdrawal([], like: faults) : sold
    if !missing.isEmpty || !sold.isEmpty {
      try blocks.eachBlock { reader, heads in
        if missing.isEmpty && sold.isEmpty { return .enough }
        classes.begin(reader)
        for head in heads where !head.isVoided {
          let number = classes.number(head.place)
          missing.look(at: head.line, ofClass: number)
          if sold.mayPass(head.line, ofClass: number) {
            reader.go(to: head.offset)
            reader.readRow()
            sold.look(at: reader.order, ofClass: number)
          }
        }
        return .on
      }
      for exception in missing.exceptions(known: classes) + sold.exceptions { try recorder.note(exception) }
    }
  }
}

extension Connection {
  fileprivate func subjectsOfOpen(_ kind: ExceptionKind) throws -> Set<String> { try open(kind, "subject") }

  fileprivate func ordersWithOpen(_ kind: ExceptionKind) throws -> Set<String> { try open(kind, "order_id") }

  private func open(_ kind: ExceptionKind, _ column: String) throws -> Set<String> {
    let rows = try prepare("SELECT \(column) FROM exceptions WHERE kind = ?1 AND closed_run IS NULL AND \(column) IS NOT NULL")
    try rows.bind(1, kind.rawValue)
    var found: Set<String> = []
    while try rows.step() { found.insert(rows.text(0)) }
    return found
  }
}

/// Numbers of which more than one order was seen.
private struct NumbersSeenTwice {
  private var once: Set<UInt64> = []
  private(set) var twice: Set<UInt64> = []

  mutating func add(_ number: UInt64) { if !once.insert(number).inserted { twice.insert(number) } }
}

/// Who held which line, and when: from its provisioning to the order's end, or, where it has none, to the end of what was paid for.
private struct LineHoldings {
  private struct Holding {
    var orderID: String
    var from, until: Int64
  }

  private var byLine: [UInt64: [Holding]] = [:]

  mutating func add(_ order: OrderRows) {
    let row = order.order
    let paid = order.periods.filter { !$0.isVoided }.map { ServiceDay(ordinal: $0.ends).start.seconds }.max()
    guard !row.isVoided, let from = row.provisioned, let until = row.ended ?? paid, from < until else { return }
    byLine[row.line, default: []].append(Holding(orderID: row.id.string, from: from, until: until))
  }

  /// One for each order that shares its line for a time.
  var exceptions: [RecordedException] {
    byLine.sorted { $0.key < $1.key }.flatMap { line, holdings in
      holdings.compactMap { one -> RecordedException? in
        let others = holdings.filter { $0.orderID != one.orderID && $0.from < one.until && one.from < $0.until }
        guard !others.isEmpty else { return nil }
        let since = others.map { max($0.from, one.from) }.min() ?? one.from
        return RecordedException(
          kind: .lineHeldTwice, subject: one.orderID, orderID: one.orderID, periodID: nil, amount: .zero,
          explanation: "The order \(one.orderID) holds the line +\(line) at the same time as \(FirstNames(others.map(\.orderID))), "
            + "from \(Instant(seconds: since)) on; correct the line, or the end, of one of them (P).")
      }
    }
  }
}

/// Some ids, and how many more there are.
struct FirstNames: CustomStringConvertible {
  let description: String

  /// - Parameter count: Of all; there may be more than are named.
  init(_ ids: [String], of count: Int? = nil) {
    let named = ids.prefix(3)
    let more = (count ?? ids.count) - named.count
    description = named.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }
}
