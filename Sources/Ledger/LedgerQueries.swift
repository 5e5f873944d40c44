public import RefundPolicy
public import Storage

extension Connection {
  /// The first column of the first row, 0 where there is none.
  public func integer(_ sql: String, _ parameters: Int64...) throws -> Int64 {
    let statement = try prepare(sql)
    for (index, parameter) in parameters.enumerated() { try statement.bind(index + 1, parameter) }
    return try statement.step() ? statement.int(0) : 0
  }

  /// A count and an amount.
  func total(_ sql: String, _ parameters: Int64...) throws -> Total {
    let statement = try prepare(sql)
    for (index, parameter) in parameters.enumerated() { try statement.bind(index + 1, parameter) }
    return try statement.step() ? Total(count: statement.int(0), amount: Cents(statement.int(1))) : Total()
  }

  /// All that waits for a decision.
  public func undecided() throws -> Total {
    var undecided = try total("SELECT count(*), coalesce(sum(amount_cents), 0) FROM items WHERE state IN ('pending', 'held')")
    let onSheets = try leftOnSheets()
    undecided.count += onSheets.count
    undecided.amount += onSheets.amount
    return undecided
  }

  /// How many items wait for a decision that were promised for `day` or earlier (Q5).
  public func overdue(on day: ServiceDay) throws -> Int64 {
    let ordinal = Int64(day.ordinal)
    var count = try integer("SELECT count(*) FROM items WHERE state IN ('pending', 'held') AND due_on <= ?1", ordinal)
    count += try integer("SELECT coalesce(sum(left_count), 0) FROM sheets WHERE left_count > 0 AND last_due <= ?1", ordinal)
    // The sheets on which some are and some are not.
    let sheets = try prepare("SELECT \(SheetHead.columns) FROM sheets WHERE left_count > 0 AND first_due <= ?1 AND last_due > ?1")
    try sheets.bind(1, ordinal)
    let reader = try SheetReader(self)
    while try sheets.step() {
      try reader.open(sheets, onlyLeft: true)
      count += Int64(reader.items.count { $0.dueOn <= day })
    }
    return count
  }

  /// The last business date a nightly closed, nil before the first.
  public func watermark() throws -> ServiceDay? {
    let statement = try prepare("SELECT max(business_day) FROM runs WHERE kind = 'nightly'")
    return try statement.step() ? statement.optionalDay(0) : nil
  }

  /// The first business date a nightly closed.
  public func firstClosed() throws -> ServiceDay? {
    let statement = try prepare("SELECT min(business_day) FROM runs WHERE kind = 'nightly'")
    return try statement.step() ? statement.optionalDay(0) : nil
  }

  /// The last run recorded.
  public func lastRun() throws -> RunID? {
    let statement = try prepare("SELECT max(run_id) FROM runs")
    return try statement.step() ? statement.optionalInt(0).map { RunID($0) } : nil
  }

  /// The nightly that closed `day`.
  public func nightly(of day: ServiceDay) throws -> RunID? {
    let statement = try prepare("SELECT run_id FROM runs WHERE kind = 'nightly' AND business_day = ?1")
    try statement.bind(1, Int64(day.ordinal))
    return try statement.step() ? RunID(statement.int(0)) : nil
  }

  /// A run as it was recorded; nil where there is none of that number.
  public func recordedRun(_ run: RunID) throws -> RecordedRun? {
    let columns = ControlTotals.columns
    let row = try prepare(
      "SELECT \(ControlTotals.columnNames), business_day, orders_decided, first_day, last_day FROM runs WHERE run_id = ?1")
    try row.bind(1, run.number)
    guard try row.step() else { return nil }
    var totals = ControlTotals()
    for (index, column) in columns.enumerated() {
      totals[keyPath: column.total] = Total(count: row.int(2 * index), amount: Cents(row.int(2 * index + 1)))
    }
    let next = 2 * columns.count
    let rerunDays = row.optionalDay(next + 2).flatMap { DayRange($0, upTo: row.day(next + 3).advanced(by: 1)) }
    return RecordedRun(id: run, businessDay: row.day(next), rerunDays: rerunDays, ordersDecided: row.int(next + 1), totals: totals)
  }

  /// By how much items changed that people corrected or reopened since the run before.
  public func corrections(countingIn run: RunID) throws -> Cents {
    Cents(
      try integer(
        "SELECT coalesce(sum(after_cents - before_cents), 0) FROM reviews WHERE run_id = ?1 AND decision IN ('correct', 'restate')", run.number))
  }

  /// What was undecided at the end of a run, by its age.
  public func agingLines(of run: RunID) throws -> [(age: Aging, total: Total)] {
    let row = try prepare("SELECT count, cents FROM run_aging WHERE run_id = ?1 AND age = ?2")
    return try Aging.allCases.map { age in
      try row.bind(1, run.number)
      try row.bind(2, age.rawValue)
      defer { row.reset() }
      return (age, try row.step() ? Total(count: row.int(0), amount: Cents(row.int(1))) : Total())
    }
  }

  /// The runs whose report folder was never finished, oldest first.
  public func unpublishedRuns() throws -> [RunID] {
    let rows = try prepare("SELECT run_id FROM runs WHERE run_id NOT IN (SELECT run_id FROM published) ORDER BY run_id")
    var runs: [RunID] = []
    while try rows.step() { runs.append(RunID(rows.int(0))) }
    return runs
  }

  /// Notes that the run's report folder stands complete.
  public func markPublished(_ run: RunID) throws {
    let insert = try prepare("INSERT INTO published (run_id) VALUES (?1) ON CONFLICT DO NOTHING")
    try insert.bind(1, run.number)
    try commit { try insert.run() }
  }

  /// The days of one version of an item.
  public func stretches(of item: Item) throws -> [ItemStretch] {
    try StretchReader(self).stretches(of: item)
  }

  /// One item as it stands now.
  public func item(_ id: ItemID) throws -> Item? {
    let row = try prepare("SELECT \(ItemColumns.names) FROM items WHERE item_id = ?1")
    try row.bind(1, id.number)
    return try row.step() ? ItemColumns.read(row) : openedOnSheet(id)?.item
  }

  /// The items in rows that hold days of a period, with their days.
  public func items(ofPeriod periodID: String) throws -> [ItemWithDays] {
    let rows = try prepare(
      "SELECT \(ItemColumns.names) FROM items WHERE item_id IN (SELECT item_id FROM stretches WHERE period_id = ?1) ORDER BY item_id")
    try rows.bind(1, periodID)
    return try rows.items().map { ItemWithDays(item: $0, stretches: try stretches(of: $0)) }
  }

  /// Every version of an order's items, oldest first within each item.
  public func versions(ofOrder orderID: String) throws -> [Item] {
    let rows = try prepare(
      """
      SELECT \(ItemColumns.names) FROM items WHERE order_id = ?1
      UNION ALL SELECT \(ItemColumns.names) FROM former_items WHERE item_id IN (SELECT item_id FROM items WHERE order_id = ?1)
      """)
    try rows.bind(1, orderID)
    let onSheets = try SheetsOfOrders(self, onlyLeft: true).items(ofOrder: orderID).map(\.item)
    return (try rows.items() + onSheets).sorted { ($0.id, $0.version) < ($1.id, $1.version) }
  }

  /// What a run told requests, by request id.
  public func eachDecision(of run: RunID, _ body: (RecordedDecision) throws -> Void) throws {
    let rows = try prepare(
      """
      SELECT request_id, order_id, requested_at, decision, clause, item_ids, explanation FROM request_decisions
      WHERE run_id = ?1 ORDER BY request_id
      """)
    try rows.bind(1, run.number)
    while try rows.step() { try body(rows.decision()) }
  }

  /// What a request was told, oldest first, with the run's business date.
  public func decisions(ofRequest requestID: String) throws -> [(day: ServiceDay, run: RunID, decision: RecordedDecision)] {
    let rows = try prepare(
      """
      SELECT request_id, order_id, requested_at, decision, clause, item_ids, explanation, business_day, run_id
      FROM request_decisions JOIN runs USING (run_id) WHERE request_id = ?1 ORDER BY run_id
      """)
    try rows.bind(1, requestID)
    var found: [(day: ServiceDay, run: RunID, decision: RecordedDecision)] = []
    while try rows.step() { found.append((rows.day(7), RunID(rows.int(8)), try rows.decision())) }
    return found
  }

  /// The exceptions open when a run ended, by kind and subject.
  public func eachException(asOf run: RunID, _ body: (RecordedException) throws -> Void) throws {
    let rows = try prepare(
      """
      SELECT \(RawStatement.exceptionColumns) FROM exceptions
      WHERE opened_run <= ?1 AND (closed_run IS NULL OR closed_run > ?1) ORDER BY kind, subject
      """)
    try rows.bind(1, run.number)
    while try rows.step() { try body(rows.exception()) }
  }

  /// The exceptions of an order that are open now.
  public func openExceptions(ofOrder orderID: String) throws -> [RecordedException] {
    let rows = try prepare(
      "SELECT \(RawStatement.exceptionColumns) FROM exceptions WHERE closed_run IS NULL AND order_id = ?1 ORDER BY kind, subject")
    try rows.bind(1, orderID)
    var found: [RecordedException] = []
    while try rows.step() { found.append(try rows.exception()) }
    return found
  }
}

/// Reads the days of versions of items with two statements made once.
public struct StretchReader {
  private let connection: Connection
  private let current, former: RawStatement

  public init(_ connection: Connection) throws {
    self.connection = connection
    let columns = RawStatement.stretchColumns
    current = try connection.prepare(
      """
      SELECT \(columns) FROM stretches WHERE period_id = ?1 AND item_id = ?2
        AND (SELECT version FROM items WHERE item_id = ?2) = ?3 ORDER BY first_day
      """)
    former = try connection.prepare("SELECT \(columns) FROM former_stretches WHERE item_id = ?1 AND version = ?2 ORDER BY first_day")
  }

  public func stretches(of item: Item) throws -> [ItemStretch] {
    try current.bind(1, item.periodID)
    try current.bind(2, item.id.number)
    try current.bind(3, item.version)
    let found = try rows(of: current)
    if !found.isEmpty { return found }
    try former.bind(1, item.id.number)
    try former.bind(2, item.version)
    let kept = try rows(of: former)
    if !kept.isEmpty || item.version > 1 { return kept }
    return try connection.openedOnSheet(item.id)?.stretches ?? []
  }

  private func rows(of statement: RawStatement) throws -> [ItemStretch] {
    var found: [ItemStretch] = []
    while try statement.step() { found.append(try statement.stretch(from: 0)) }
    statement.reset()
    return found
  }
}

extension RawStatement {
  fileprivate static let exceptionColumns = "kind, subject, order_id, period_id, amount_cents, explanation"

  /// The ``exceptionColumns``.
  fileprivate func exception() throws -> RecordedException {
    guard let kind = ExceptionKind(rawValue: text(0)) else { throw StorageError.refused(why: "unknown exception '\(text(0))'") }
    return RecordedException(
      kind: kind, subject: text(1), orderID: optionalText(2), periodID: optionalText(3), amount: Cents(int(4)), explanation: text(5))
  }

  fileprivate func decision() throws -> RecordedDecision {
    guard let verdict = RequestVerdict(rawValue: text(3)), let clause = Clause(rawValue: text(4)) else {
      throw StorageError.refused(why: "request \(text(0)) has the unknown decision '\(text(3))'")
    }
    return RecordedDecision(
      requestID: text(0), orderID: optionalText(1), requestedAt: instant(2), verdict: verdict, clause: clause,
      items: text(5).split(separator: "+").compactMap { ItemID($0) }, explanation: text(6))
  }
}
