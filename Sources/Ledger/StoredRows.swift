import RefundPolicy
public import Storage

/// Rows of the tables of payouts as JSON, for files outside of the database, and back: what a ledger that was restored from a backup has lost
/// stands in the folders of its batches.
///
/// Acts and versions of items are left out: they are another ledger's numbers once it was restored.
enum StoredRows {
  /// Tables that hold what `prepare` wrote of a batch, and what `send` wrote of a transaction before it was relayed.
  static let ofBatch = ["batches", "payments", "payouts"]
  static let ofAttempt = ["attempts", "attempt_payments", "attempt_steps"]

  /// `{"batches": [{"batch_id": 1, …}], …}`.
  static func json(_ tables: [String], where condition: String, _ id: Int64, _ connection: Connection) throws -> String {
    let texts = try tables.map { table in
      let columns = try columns(of: table, connection)
      let object = columns.map { "'\($0)', \($0)" }.joined(separator: ", ")
      let rows = try connection.prepare("SELECT json_object(\(object)) FROM \(table) WHERE \(condition) ORDER BY \(key(of: columns))")
      try rows.bind(1, id)
      var objects: [String] = []
      while try rows.step() { objects.append("      " + rows.text(0)) }
      return "    \"\(table)\": [\n" + objects.joined(separator: ",\n") + "\n    ]"
    }
    return "{\n" + texts.joined(separator: ",\n") + "\n  }"
  }

  /// Puts rows back as they were, under an act of recovering.
  ///
  /// - Parameters:
  ///   - text: The whole file; its member `rows` holds them.
  ///   - attempt: Another number for a transaction whose own is taken; nil keeps it.
  static func insert(_ tables: [String], from text: String, act: Int64, attempt: Int64? = nil, _ connection: Connection) throws {
    for table in tables {
      let columns = try columns(of: table, connection)
      let hasVersion = table == "payouts"
      let names = columns + ["act_id"] + (hasVersion ? ["version"] : [])
      let values =
        columns.map { $0 == "attempt_id" ? "coalesce(?3, json_extract(value, '$.attempt_id'))" : "json_extract(value, '$.\($0)')" } + ["?2"]
        + (hasVersion ? ["(SELECT i.version FROM items AS i WHERE i.item_id = json_extract(value, '$.item_id'))"] : [])
      let insert = try connection.prepare(
        """
        INSERT INTO \(table) (\(names.joined(separator: ", ")))
        SELECT \(values.joined(separator: ", ")) FROM json_each(?1, '$.rows.\(table)') WHERE ?3 IS ?3
        """)
      try insert.bind(1, text)
      try insert.bind(2, act)
      try insert.bind(3, attempt)
      try insert.run()
    }
  }

  private static func columns(of table: String, _ connection: Connection) throws -> [String] {
    let rows = try connection.prepare("SELECT name FROM pragma_table_info(?1) WHERE name NOT IN ('act_id', 'version')")
    try rows.bind(1, table)
    var names: [String] = []
    while try rows.step() { names.append(rows.text(0)) }
    return names
  }

  private static func key(of columns: [String]) -> String { columns.prefix(2).joined(separator: ", ") }
}

extension Connection {
  /// What the tables hold of a batch as it was prepared, as JSON.
  public func storedRows(of batch: BatchID) throws -> String {
    try StoredRows.json(StoredRows.ofBatch, where: "batch_id = ?1", batch.number, self)
  }

  /// What the tables hold of a transaction as it was built, as JSON.
  public func storedRows(ofAttempt id: Int64) throws -> String {
    let built = try StoredRows.json(["attempt_steps"], where: "attempt_id = ?1 AND step = 'built'", id, self)
    let rest = try StoredRows.json(StoredRows.ofAttempt.filter { $0 != "attempt_steps" }, where: "attempt_id = ?1", id, self)
    return String(rest.dropLast("\n  }".count)) + "," + built.dropFirst("{".count)
  }

  /// The transactions that the newest act built.
  public func attemptsBuiltByLastAct() throws -> [(attempt: Int64, batch: BatchID)] {
    let rows = try prepare(
      """
      SELECT s.attempt_id, a.batch_id FROM attempt_steps AS s JOIN attempts AS a USING (attempt_id)
      WHERE s.step = 'built' AND s.act_id IN (SELECT subject FROM seals WHERE kind = 'payout' AND seal_id = (SELECT seal_id FROM seal_head))
      ORDER BY s.attempt_id
      """)
    var attempts: [(attempt: Int64, batch: BatchID)] = []
    while try rows.step() { attempts.append((rows.int(0), BatchID(rows.int(1)))) }
    return attempts
  }
}
