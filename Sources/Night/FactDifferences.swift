import Facts
import Ledger
import RefundPolicy
import Reports
import Storage

/// The facts behind what a rerun changes: records of the order and of the faults in evidence that came, or were corrected, since the last nightly.
///
/// They are kept with the rerun, so that its report is the same after any later import.
enum FactDifferences {
  /// Notes the facts behind every change of a rerun that is about to end.
  static func note(_ run: RunID, _ range: DayRange, on connection: Connection) throws {
    let since = try connection.integer("SELECT coalesce((SELECT import_id FROM runs WHERE kind = 'nightly' ORDER BY run_id DESC LIMIT 1), 0)")
    if try connection.integer("SELECT coalesce(max(import_id), 0) FROM imports") <= since { return }
    let opened = try OpenedOrders(connection)
    let rows = try query(range, on: connection)
    let evidence = try connection.prepare(
      """
      SELECT evidence FROM stretches WHERE period_id = ?2 AND item_id = ?1 UNION SELECT evidence FROM former_stretches
      WHERE item_id = ?1 AND version = (SELECT max(version) FROM former_items WHERE item_id = ?1 AND until_run = ?3)
      """)
    let insert = try connection.prepare(
      "INSERT INTO run_facts (run_id, item_id, fact, before, after, learnt_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING")
    let changes = try connection.prepare(
      """
      SELECT i.item_id, i.order_id, i.period_id FROM run_changes AS c JOIN items AS i USING (item_id)
      WHERE c.run_id = ?1 AND c.change <> 'annotated' ORDER BY c.item_id
      """)
    try changes.bind(1, run.number)
    while try changes.step() {
      let item = changes.int(0)
      try evidence.bind(1, item)
      try evidence.bind(2, changes.text(2))
      try evidence.bind(3, run.number)
      var records: [String] = []
      while try evidence.step() { records.append(evidence.text(0)) }
      evidence.reset()
      try opened.clear()
      try opened.open(changes.text(1))
      try rows.bind(1, changes.text(1))
      try rows.bind(2, changes.text(2))
      try rows.bind(3, FaultRecords(of: records).json)
      try rows.bind(4, since)
      while try rows.step() {
        try insert.bind(1, run.number)
        try insert.bind(2, item)
        try insert.bind(3, "\(rows.text(0)) \(rows.text(1))")
        try insert.bind(4, rows.optionalText(2))
        try insert.bind(5, rows.optionalText(3))
        try insert.bind(6, rows.int(4))
        try insert.run()
      }
      rows.reset()
    }
  }

  /// Records with their values before and after, by name: `?1` order, `?2` period, `?3` the faults' records, `?4` the last import already seen.
  private static func query(_ range: DayRange, on connection: Connection) throws -> RawStatement {
    let records = FaultRecords.keys.sorted { $0.key < $1.key }.map { table, key in
      """
      SELECT import_id, '\(table)' AS name, \(key) AS key FROM \(table)
      WHERE import_id > ?4 AND ('\(table)', \(key)) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?3))
      """
    }
    let own = [
      ("orders", "order_id", "order_id = ?1"), ("periods", "period_id", "period_id = ?2"), ("addons", "addon_id", "period_id = ?2"),
      ("restorations", "ticket_id", "order_id = ?1"), ("requests", "request_id", "order_id = ?1"),
    ].map { table, key, condition in "SELECT import_id, '\(table)', \(key) FROM \(table) WHERE import_id > ?4 AND \(condition)" }
    let usage = """
      SELECT import_id, 'usage', order_id || ' ' || date(day * 86400, 'unixepoch') FROM usage
      WHERE import_id > ?4 AND order_id = ?1 AND day BETWEEN \(range.first.ordinal) AND \(range.last.ordinal)
      """
    return try connection.prepare(
      """
      SELECT f.name, f.key, c.before, c.after, i.imported_at FROM (\((records + own + [usage]).joined(separator: " UNION ALL "))) AS f
        JOIN imports AS i USING (import_id) LEFT JOIN fact_changes AS c ON c.import_id = f.import_id AND c.table_name = f.name AND c.key = f.key
      ORDER BY f.name, f.key
      """)
  }
}

/// Reads back, for the report of a rerun, what each item was and is and which facts made the difference.
struct DifferenceReader {
  private let run: RunID
  private let facts, was: RawStatement

  init(_ run: RunID, on connection: Connection) throws {
    self.run = run
    facts = try connection.prepare(
      "SELECT fact, before, after, learnt_at FROM run_facts WHERE run_id = ?1 AND item_id = ?2 ORDER BY fact, learnt_at")
    was = try connection.prepare(
      "SELECT day_count FROM former_items WHERE item_id = ?1 AND until_run = ?2 AND version < ?3 ORDER BY version DESC LIMIT 1")
  }

  /// The rows of one item: one for each fact, or one without any.
  func rows(of item: Item, change: Cents) throws -> [DifferenceRow] {
    defer {
      facts.reset()
      was.reset()
    }
    try was.bind(1, item.id.number)
    try was.bind(2, run.number)
    try was.bind(3, item.version)
    let wasDays = try was.step() ? Int(was.int(0)) : 0
    try facts.bind(1, run.number)
    try facts.bind(2, item.id.number)
    var found: [DifferenceRow.Fact?] = []
    while try facts.step() {
      found.append(
        DifferenceRow.Fact(
          name: facts.text(0), before: facts.optionalText(1) ?? "", after: facts.optionalText(2) ?? "", learntAt: facts.instant(3)))
    }
    return (found.isEmpty ? [nil] : found).map { fact in
      DifferenceRow(
        item: item.id, orderID: item.orderID, periodID: item.periodID, wasDays: wasDays, was: item.amount - change, days: item.dayCount,
        amount: item.amount, fact: fact)
    }
  }
}
