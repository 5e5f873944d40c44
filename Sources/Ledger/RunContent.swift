import AuditLog
import RefundPolicy
import Storage

/// Everything that a run wrote, in the order in which its seal is over it.
public enum RunContent {
  /// The tables in that order: each with the rows of one run, `?1`, by their keys.
  private static let queries = [
    "SELECT * FROM runs WHERE run_id = ?1",
    "SELECT * FROM run_changes WHERE run_id = ?1 ORDER BY item_id",
    // The text of a sheet by its digest, and not what is left of it: that changes later.
    """
    SELECT first_item, last_item, run_id, first_order, last_order, opened_on, state, item_count, cents, first_due, last_due, digest FROM sheets
    WHERE run_id = ?1 ORDER BY last_order
    """,
    "SELECT * FROM run_facts WHERE run_id = ?1 ORDER BY item_id, fact, learnt_at",
    "SELECT * FROM period_bases WHERE run_id = ?1 ORDER BY period_id",
    "SELECT * FROM run_aging WHERE run_id = ?1 ORDER BY age",
    "SELECT * FROM request_decisions WHERE run_id = ?1 ORDER BY request_id",
    """
    SELECT exception_id, kind, subject, order_id, period_id, amount_cents, explanation, opened_run FROM exceptions
    WHERE opened_run = ?1 ORDER BY exception_id
    """,
    "SELECT exception_id, closed_run FROM exceptions WHERE closed_run = ?1 ORDER BY exception_id",
  ]

  static func add(_ run: RunID, from connection: Connection, to fingerprint: inout Fingerprint) throws {
    for query in queries {
      let rows = try connection.prepare(query)
      try rows.bind(1, run.number)
      fingerprint.add(query)
      while try rows.step() { fingerprint.add(row: rows) }
    }
  }
}

/// A set of settings, as its seal is over it.
enum SettingsContent {
  static func add(_ effectiveFrom: Instant, from connection: Connection, to fingerprint: inout Fingerprint) throws {
    let row = try connection.prepare("SELECT * FROM settings WHERE effective_from = ?1")
    try row.bind(1, effectiveFrom.seconds)
    if try row.step() { fingerprint.add(row: row) }
  }
}

/// The reviews of one act, as their seal is over them.
enum ReviewContent {
  static func add(_ reviews: Range<Int64>, from connection: Connection, to fingerprint: inout Fingerprint) throws {
    let rows = try connection.prepare("SELECT * FROM reviews WHERE review_id >= ?1 AND review_id < ?2 ORDER BY review_id")
    try rows.bind(1, reviews.lowerBound)
    try rows.bind(2, reviews.upperBound)
    while try rows.step() { fingerprint.add(row: rows) }
  }
}

/// Everything that one act of payouts wrote.
enum PayoutContent {
  static func add(_ act: Int64, from connection: Connection, to fingerprint: inout Fingerprint) throws {
    for (table, key) in PayoutSchema.tablesOfActs {
      let rows = try connection.prepare("SELECT * FROM \(table) WHERE act_id = ?1 ORDER BY \(key)")
      try rows.bind(1, act)
      fingerprint.add(table)
      while try rows.step() { fingerprint.add(row: rows) }
    }
  }
}
