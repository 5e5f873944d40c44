import Ledger
public import RefundPolicy
import Storage

/// Something that happened to an order: who did what when, with before and after where there was one (D1).
public struct HistoryEvent: Hashable, Sendable {
  public var at: Instant
  /// The program, an import, or a person.
  public var actor: String
  /// For a person's act, the system user and host that it came from: `user@host`.
  public var machine: String?
  public var isByPerson: Bool
  public var what: String
  public var before: String?
  public var after: String?
  public var note: String?
}

/// The shared records of faults that say something of an order: those that hit its line, and those that were evidence once.
struct FaultRecords {
  private var names: Set<[String]> = []

  init(of facts: OrderFacts, and evidence: [String]) { self.init(of: facts.faults.map(\.evidence) + evidence) }

  /// - Parameter evidence: As items hold it: `outage:ID`, several joined by `+`.
  init(of evidence: [String]) {
    for text in evidence.flatMap({ $0.split(separator: "+").map(String.init) }) {
      let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2, let table = FaultRecords.tables[parts[0]] else { continue }
      names.insert([table, parts[1]])
    }
  }

  private static let tables = ["outage": "outages", "withdrawal": "withdrawals", "feature_fault": "feature_faults"]
  static let keys = ["outages": "outage_id", "withdrawals": "withdrawal_id", "feature_faults": "fault_id"]

  /// Pairs of table and key, for SQL.
  var json: String {
    "["
      + names.sorted { $0.lexicographicallyPrecedes($1) }.map { "[\(FaultRecords.quoted($0[0])), \(FaultRecords.quoted($0[1]))]" }.joined(
        separator: ", ") + "]"
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// A query of import, table and key of each record, and of the key that changes of it are logged with.
  static let query = keys.sorted { $0.key < $1.key }.map { table, key in
    "SELECT import_id, '\(table)' AS name, \(key) AS key, \(key) AS logged FROM \(table) WHERE ('\(table)', \(key)) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))"
  }.joined(separator: " UNION ALL ")
}

extension Connection {
  /// The evidence of every item an order ever had.
  func evidence(ofOrder orderID: String) throws -> [String] {
    let rows = try prepare(
      """
      SELECT evidence FROM stretches JOIN items USING (item_id) WHERE order_id = ?1
      UNION SELECT s.evidence FROM former_stretches AS s JOIN items AS i ON i.item_id = s.item_id WHERE i.order_id = ?1
      """)
    try rows.bind(1, orderID)
    var evidence = try SheetsOfOrders(self, onlyLeft: true).items(ofOrder: orderID).flatMap(\.stretches).map(\.evidence)
    while try rows.step() { evidence.append(rows.text(0)) }
    return evidence
  }
}

extension HistoryEvent {
  /// Facts as they were learnt and corrected, runs, decisions and reviews, by their time; what happened in one second stands in that order too.
  static func all(ofOrder orderID: String, requests: [String], records: FaultRecords, on connection: Connection) throws -> [HistoryEvent] {
    let events =
      try learnt(orderID, records, connection) + changed(orderID, records, connection) + runs(orderID, connection)
      + told(requests, connection) + reviews(orderID, connection) + payouts(orderID, connection)
    return events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }

  /// When each record came in first.
  private static func learnt(_ orderID: String, _ records: FaultRecords, _ connection: Connection) throws -> [HistoryEvent] {
    let rows = try connection.prepare(
      """
      SELECT imported_at, import_id, name, group_concat(key, ', ') FROM (SELECT coalesce(
          (SELECT former_import_id FROM fact_changes WHERE table_name = name AND fact_changes.key = logged ORDER BY change_id LIMIT 1), import_id
        ) AS import_id, name, key FROM (
          SELECT import_id, 'orders' AS name, order_id AS key, order_id AS logged FROM orders WHERE order_id = ?1
          UNION ALL SELECT import_id, 'periods', period_id, period_id FROM periods WHERE order_id = ?1
          UNION ALL SELECT a.import_id, 'addons', addon_id, addon_id FROM addons AS a JOIN periods USING (period_id) WHERE order_id = ?1
          UNION ALL SELECT import_id, 'usage', date(day * 86400, 'unixepoch'), order_id || ' ' || date(day * 86400, 'unixepoch')
            FROM usage WHERE order_id = ?1
          UNION ALL SELECT import_id, 'restorations', ticket_id, ticket_id FROM restorations WHERE order_id = ?1
          UNION ALL SELECT import_id, 'requests', request_id, request_id FROM requests WHERE order_id = ?1
          UNION ALL \(FaultRecords.query))
        ORDER BY 1, name, key) JOIN imports USING (import_id)
      GROUP BY import_id, name ORDER BY import_id, name
      """)
    try rows.bind(1, orderID)
    try rows.bind(2, records.json)
    var events: [HistoryEvent] = []
    while try rows.step() {
      events.append(
        HistoryEvent(at: rows.instant(0), actor: "import \(rows.int(1))", isByPerson: false, what: "told of \(rows.text(2)) \(rows.text(3))"))
    }
    return events
  }

  private static func changed(_ orderID: String, _ records: FaultRecords, _ connection: Connection) throws -> [HistoryEvent] {
    let rows = try connection.prepare(
      """
      SELECT imported_at, import_id, table_name, key, before, after FROM fact_changes JOIN imports USING (import_id)
      WHERE order_id = ?1 OR (table_name = 'addons' AND key IN
          (SELECT addon_id FROM addons JOIN periods USING (period_id) WHERE order_id = ?1))
        OR (table_name, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))
      ORDER BY change_id
      """)
    try rows.bind(1, orderID)
    try rows.bind(2, records.json)
    var events: [HistoryEvent] = []
    while try rows.step() {
      events.append(
        HistoryEvent(
          at: rows.instant(0), actor: "import \(rows.int(1))", isByPerson: false, what: "corrected \(rows.text(2)) \(rows.text(3))",
          before: rows.text(4), after: rows.text(5)))
    }
    return events
  }

  private static func runs(_ orderID: String, _ connection: Connection) throws -> [HistoryEvent] {
    // What a sheet tells of its run as run_changes does.
    let opened = try SheetsOfOrders(connection, onlyLeft: false).items(ofOrder: orderID)
    let openings = opened.map { "[\($0.item.run.number), \($0.item.id.number), \($0.item.amount.count)]" }.joined(separator: ", ")
    let rows = try connection.prepare(
      """
      SELECT r.recorded_at, r.run_id, r.kind, r.business_day, c.change, c.item_id, c.before_cents, c.after_cents
      FROM (SELECT n.run_id, n.item_id, n.change, n.before_cents, n.after_cents FROM items AS i JOIN run_changes AS n USING (item_id)
            WHERE i.order_id = ?1 AND n.change <> 'annotated'
            UNION ALL SELECT value ->> 0, value ->> 1, 'opened', 0, value ->> 2 FROM json_each(?2)) AS c JOIN runs AS r USING (run_id)
      ORDER BY r.run_id, c.item_id
      """)
    try rows.bind(1, orderID)
    try rows.bind(2, "[\(openings)]")
    var events: [HistoryEvent] = []
    while try rows.step() {
      let kind = rows.text(2) == "nightly" ? "night of \(rows.day(3))" : "rerun as of \(rows.day(3))"
      events.append(
        HistoryEvent(
          at: rows.instant(0), actor: "run \(rows.int(1))", isByPerson: false, what: "\(kind): \(rows.text(4)) \(ItemID(rows.int(5)))",
          before: "\(Cents(rows.int(6))) USD", after: "\(Cents(rows.int(7))) USD"))
    }
    return events
  }

  private static func told(_ requests: [String], _ connection: Connection) throws -> [HistoryEvent] {
    let rows = try connection.prepare(
      """
      SELECT recorded_at, run_id, decision, clause, explanation FROM request_decisions JOIN runs USING (run_id)
      WHERE request_id = ?1 ORDER BY run_id
      """)
    var events: [HistoryEvent] = []
    for request in requests {
      try rows.bind(1, request)
      while try rows.step() {
        events.append(
          HistoryEvent(
            at: rows.instant(0), actor: "run \(rows.int(1))", isByPerson: false,
            what: "told request \(request): \(rows.text(2)) (\(rows.text(3)))", note: rows.text(4)))
      }
      rows.reset()
    }
    return events
  }

  private static func reviews(_ orderID: String, _ connection: Connection) throws -> [HistoryEvent] {
    let rows = try connection.prepare(
      """
      SELECT r.reviewed_at, r.reviewer, r.decision, r.item_id, r.state_before, r.before_cents, r.state_after, r.after_cents,
        r.note || coalesce('; for the customer: ' || r.customer_reason, ''),
        (SELECT machine FROM seals WHERE kind = 'review' AND subject <= r.review_id ORDER BY subject DESC LIMIT 1)
      FROM items AS i JOIN reviews AS r USING (item_id) WHERE i.order_id = ?1 ORDER BY r.review_id
      """)
    try rows.bind(1, orderID)
    var events: [HistoryEvent] = []
    while try rows.step() {
      events.append(
        HistoryEvent(
          at: rows.instant(0), actor: rows.text(1), machine: rows.optionalText(9), isByPerson: true,
          what: "\(rows.text(2)) \(ItemID(rows.int(3)))",
          before: "\(rows.text(4)), \(Cents(rows.int(5))) USD", after: "\(rows.text(6)), \(Cents(rows.int(7))) USD",
          note: rows.optionalText(8)))
    }
    return events
  }

  private static func payouts(_ orderID: String, _ connection: Connection) throws -> [HistoryEvent] {
    let rows = try connection.prepare(
      """
      SELECT a.acted_at, a.actor, a.act, m.item_id, m.batch_id, m.state_before, m.state_after, m.txid, m.note,
        (SELECT machine FROM seals WHERE kind = 'payout' AND subject = a.act_id)
      FROM items AS i JOIN payout_moves AS m USING (item_id) JOIN payout_acts AS a USING (act_id) WHERE i.order_id = ?1 ORDER BY m.move_id
      """)
    try rows.bind(1, orderID)
    var events: [HistoryEvent] = []
    while try rows.step() {
      events.append(
        HistoryEvent(
          at: rows.instant(0), actor: rows.text(1), machine: rows.optionalText(9), isByPerson: true,
          what: "payout \(rows.text(2)): \(ItemID(rows.int(3))) in \(BatchID(rows.int(4)))", before: rows.text(5), after: rows.text(6),
          note: rows.optionalText(8) ?? rows.optionalText(7).map { "transaction \($0)" }))
    }
    return events
  }
}
