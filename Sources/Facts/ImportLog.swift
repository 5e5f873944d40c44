public import RefundPolicy
public import Storage

extension Connection {
  /// When the newest import was made; nil before the first.
  public func newestImport() throws -> Instant? {
    let row = try prepare("SELECT imported_at FROM imports ORDER BY import_id DESC LIMIT 1")
    return try row.step() ? Instant(seconds: row.int(0)) : nil
  }

  /// The tables that every import of the seven days before the newest one brought, and the newest did not. One import alone is no custom.
  func tablesMissedByNewestImport() throws -> [String] {
    let rows = try prepare(
      """
      WITH newest AS (SELECT import_id, imported_at FROM imports ORDER BY import_id DESC LIMIT 1),
        week AS (SELECT i.import_id FROM imports AS i, newest AS n
                 WHERE i.import_id < n.import_id AND i.imported_at BETWEEN n.imported_at - 7 * 86400 AND n.imported_at)
      SELECT table_name FROM import_tables WHERE import_id IN week GROUP BY table_name
      HAVING count(*) = (SELECT count(*) FROM week) AND count(*) >= 2
        AND table_name NOT IN (SELECT table_name FROM import_tables WHERE import_id = (SELECT import_id FROM newest))
      """)
    var names: Set<String> = []
    while try rows.step() { names.insert(rows.text(0)) }
    return FactTable.all.map(\.name).filter(names.contains)
  }
}
