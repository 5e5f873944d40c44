import Foundation
import RefundPolicy
import Storage

/// Facts by which something that was over is open again, or a void record counts again (G5): each is an exception until the end is back or a person
/// has released what it holds. An order whose line was provisioned or activated and is so no more is the same: S2 or W1 would follow from it.
enum EndsTakenBack {
  /// The columns that say when a record was over, or how far an order had come.
  private static let ends = ["ended_at", "reversed_at", "fixed_at", "restored_at", "provisioned_at", "activated_at"]

  /// Whether nothing that came later gave the end back that a change took: an end of any time, or that the record is void.
  ///
  /// - Parameter change: Names a row of `fact_changes`.
  static func isStanding(_ change: String, schema: String = "") -> String {
    func isGivenBack(_ how: String) -> String {
      """
      EXISTS (SELECT 1 FROM \(schema)fact_changes AS later
              WHERE later.table_name = \(change).table_name AND later.key = \(change).key AND later.change_id > \(change).change_id AND (\(how)))
      """
    }
    let isVoid = "later.after ->> '$.voided' = 'true'"
    let emptied = ends.map { column in
      "(json_type(\(change).after, '$.\(column)') = 'null' AND NOT \(isGivenBack("later.after ->> '$.\(column)' IS NOT NULL OR \(isVoid)")))"
    }
    return """
      (\(emptied.joined(separator: "\n  OR "))
        OR (\(change).after ->> '$.voided' = 'false' AND NOT \(isGivenBack(isVoid))))
      """
  }

  /// The record of a table, as the subject of an exception names it: an order by its id, others like evidence does.
  static func subject(table: String, key: String) -> String { table == "orders" ? key : "\(words[table] ?? table):\(key)" }

  /// The record that a subject names.
  private static func record(subject: String, orderID: String?) -> Record? {
    if subject == orderID { return Record(table: "orders", key: subject) }
    guard let colon = subject.firstIndex(of: ":"), let table = words.first(where: { $0.value == subject[..<colon] })?.key else { return nil }
    return Record(table: table, key: String(subject[subject.index(after: colon)...]))
  }

  private static let words = [
    "periods": "period", "addons": "addon", "usage": "usage", "outages": "outage", "withdrawals": "withdrawal", "feature_faults": "feature_fault",
    "plan_features": "plan_feature", "restorations": "restoration", "requests": "request", "rates": "rate", "assignments": "assignment",
  ]

  struct Record: Hashable {
    var table: String
    var key: String
  }

  /// Calls `body` with each exception that stands: those noted since an import, and those that were open before.
  static func eachException(since importID: Int64, on connection: Connection, _ body: (RecordedException) throws -> Void) throws {
    var records: Set<Record> = []
    let noted = try connection.prepare(
      "SELECT DISTINCT table_name, key FROM ends_taken_back AS e JOIN fact_changes USING (change_id) WHERE e.import_id > ?1")
    try noted.bind(1, importID)
    while try noted.step() { records.insert(Record(table: noted.text(0), key: noted.text(1))) }
    let open = try connection.prepare("SELECT subject, order_id FROM exceptions WHERE kind = 'end_taken_back' AND closed_run IS NULL")
    while try open.step() { if let record = record(subject: open.text(0), orderID: open.optionalText(1)) { records.insert(record) } }
    if records.isEmpty { return }
    let standing = try connection.prepare(
      """
      SELECT c.order_id, c.before, c.after FROM (
        SELECT *, coalesce(order_id, CASE table_name WHEN 'requests' THEN (SELECT order_id FROM matched_requests WHERE request_id = key) END) AS owner
        FROM fact_changes WHERE table_name = ?1 AND key = ?2) AS c JOIN ends_taken_back USING (change_id)
      WHERE \(isStanding("c")) AND NOT (c.table_name IN ('orders', 'periods', 'requests')
        AND c.import_id <= \(AutomaticApproval.releasedThrough(order: "c.owner")))
      ORDER BY c.change_id
      """)
    for record in records {
      try standing.bind(1, record.table)
      try standing.bind(2, record.key)
      var (orderID, taken): (String?, [String: String]) = (nil, [:])
      while try standing.step() {
        orderID = standing.optionalText(0)
        taken.merge(try endsTaken(before: standing.text(1), after: standing.text(2))) { _, last in last }
      }
      standing.reset()
      if taken.isEmpty { continue }
      try body(
        RecordedException(
          kind: .endTakenBack, subject: subject(table: record.table, key: record.key), orderID: orderID,
          periodID: record.table == "periods" ? record.key : nil, amount: .zero, explanation: explanation(record, taken)))
    }
  }

  /// By column what a change took back: the value that it was.
  private static func endsTaken(before: String, after: String) throws -> [String: String] {
    func values(_ text: String) throws -> [String: String?] {
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
      return object.mapValues { $0 as? String }
    }
    let (was, now) = (try values(before), try values(after))
    var taken: [String: String] = [:]
    for column in ends {
      guard let former = was[column] ?? nil, now[column] == .some(nil) else { continue }
      taken[column] = former + (column == "ended_at" ? (was["end_reason"] ?? nil).map { " (\($0))" } ?? "" : "")
    }
    if now["voided"] == "false" { taken["voided"] = "true" }
    return taken
  }

  private static func explanation(_ record: Record, _ taken: [String: String]) -> String {
    let name = (record.table == "orders" ? "order" : words[record.table] ?? record.table).split(separator: "_").joined(separator: " ")
    let values = taken.sorted { $0.key < $1.key }.map { "\($0.key) was \($0.value) and is \($0.key == "voided" ? "false" : "empty") now" }
    let what =
      if taken.keys.contains(where: { $0 != "voided" && $0 != "provisioned_at" && $0 != "activated_at" }) {
        "was over, and is so no more"
      } else if taken["provisioned_at"] != nil {
        "was provisioned, and is so no more"
      } else if taken["activated_at"] != nil {
        "was activated, and is so no more"
      } else {
        "was void, and counts again"
      }
    return "The \(name) \(record.key) \(what): \(values.joined(separator: ", ")); perhaps an older export was imported after a newer one (G5)."
  }
}
