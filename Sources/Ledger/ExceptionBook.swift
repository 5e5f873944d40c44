import RefundPolicy
import Storage

/// What stands as an exception as of a run, and what of it is new or settled.
struct ExceptionBook {
  private let connection: Connection
  private let isPartial: Bool
  /// Whether an order, or a request that no order can be named for, could have one from before.
  private let hasOpen, hasUnmatched: Bool
  private let insert, lookedAt, decided: RawStatement

  /// - Parameters:
  ///   - isPartial: Whether only some orders are looked at: what is known of the others stays as it is.
  init(isPartial: Bool, on connection: Connection) throws {
    (self.connection, self.isPartial) = (connection, isPartial)
    hasOpen = try connection.integer("SELECT EXISTS (SELECT 1 FROM exceptions WHERE closed_run IS NULL AND order_id IS NOT NULL)") == 1
    hasUnmatched =
      try connection.integer("SELECT EXISTS (SELECT 1 FROM exceptions WHERE closed_run IS NULL AND kind = 'unmatched_request')") == 1
    try connection.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS current_exceptions (
        kind TEXT NOT NULL, subject TEXT NOT NULL, order_id TEXT, period_id TEXT, amount_cents INTEGER NOT NULL, explanation TEXT NOT NULL,
        PRIMARY KEY (kind, subject)) STRICT, WITHOUT ROWID;
      DELETE FROM current_exceptions;
      CREATE TEMP TABLE IF NOT EXISTS decided_requests (request_id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
      DELETE FROM decided_requests;
      CREATE TEMP TABLE IF NOT EXISTS looked_at_orders (order_id TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;
      DELETE FROM looked_at_orders;
      """)
    decided = try connection.prepare("INSERT INTO decided_requests VALUES (?1) ON CONFLICT DO NOTHING")
    lookedAt = try connection.prepare("INSERT INTO looked_at_orders VALUES (?1) ON CONFLICT DO NOTHING")
    insert = try connection.prepare(
      """
      INSERT INTO current_exceptions (kind, subject, order_id, period_id, amount_cents, explanation) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT DO NOTHING
      """)
  }

  func lookAt(order orderID: () -> String) throws {
    if !isPartial || !hasOpen { return }
    try lookedAt.bind(1, orderID())
    try lookedAt.run()
  }

  func lookAt(request requestID: String) throws {
    if !isPartial || !hasUnmatched { return }
    try decided.bind(1, requestID)
    try decided.run()
  }

  func note(_ exception: RecordedException) throws {
    try insert.bind(1, exception.kind.rawValue)
    try insert.bind(2, exception.subject)
    try insert.bind(3, exception.orderID)
    try insert.bind(4, exception.periodID)
    try insert.bind(5, exception.amount.count)
    try insert.bind(6, exception.explanation)
    try insert.run()
  }

  /// Leaves those of some kinds as they are.
  func keep(_ kinds: Set<ExceptionKind>) throws {
    for kind in kinds { try keep("kind = '\(kind.rawValue)'") }
  }

  private func keep(_ which: String) throws {
    try connection.execute(
      """
      INSERT INTO current_exceptions (kind, subject, order_id, period_id, amount_cents, explanation)
      SELECT kind, subject, order_id, period_id, amount_cents, explanation FROM exceptions WHERE closed_run IS NULL AND \(which)
      ON CONFLICT DO NOTHING;
      """)
  }

  /// Closes what stands no more and opens what is new.
  ///
  /// - Returns: Whether there was any.
  func settle(_ run: RunID) throws -> Bool {
    if isPartial {
      let ofFacts = ExceptionKind.ofFacts.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
      try keep(
        """
        kind NOT IN (\(ofFacts)) AND NOT (kind = 'unmatched_request' AND subject IN (SELECT request_id FROM decided_requests))
          AND (order_id IS NULL OR order_id NOT IN (SELECT order_id FROM looked_at_orders))
        """)
    }
    let close = try connection.prepare(
      """
      UPDATE exceptions SET closed_run = ?1 WHERE closed_run IS NULL AND NOT EXISTS (
        SELECT 1 FROM current_exceptions AS c
        WHERE c.kind = exceptions.kind AND c.subject = exceptions.subject AND c.amount_cents = exceptions.amount_cents
          AND c.explanation = exceptions.explanation)
      """)
    try close.bind(1, run.number)
    try close.run()
    let closed = close.changes
    let open = try connection.prepare(
      """
      INSERT INTO exceptions (kind, subject, order_id, period_id, amount_cents, explanation, opened_run)
      SELECT kind, subject, order_id, period_id, amount_cents, explanation, ?1 FROM current_exceptions AS c
      WHERE NOT EXISTS (SELECT 1 FROM exceptions AS e WHERE e.closed_run IS NULL AND e.kind = c.kind AND e.subject = c.subject)
      ORDER BY kind, subject
      """)
    try open.bind(1, run.number)
    try open.run()
    return closed > 0 || open.changes > 0
  }
}
