import AuditLog
public import RefundPolicy
public import Storage

/// Exceptions are for a person: each is new until somebody says to have looked.
extension Connection {
  /// How many open exceptions nobody has seen.
  ///
  /// - Throws: ``Damage`` where a look is not as its seal says: nobody may have looked.
  public func unseenExceptions() throws -> Int64 {
    let last = try prepare("SELECT look_id, exception_id FROM looks ORDER BY exception_id DESC LIMIT 1")
    let isThere = try last.step()
    if isThere, let finding = try ActCheck(self).finding(.look, last.int(0)) { throw Damage([finding]) }
    return try integer("SELECT count(*) FROM exceptions WHERE closed_run IS NULL AND exception_id > ?1", isThere ? last.int(1) : 0)
  }

  /// How many exceptions nobody had seen when a run ended, of those that were open then.
  public func unseenExceptions(asOf run: RunID) throws -> Int64 {
    try integer(
      """
      SELECT count(*) FROM exceptions WHERE opened_run <= ?1 AND (closed_run IS NULL OR closed_run > ?1)
        AND exception_id > (SELECT coalesce(max(exception_id), 0) FROM looks JOIN seals ON kind = 'look' AND subject = look_id
                            WHERE seal_id < (SELECT seal_id FROM seals WHERE kind = 'run' AND subject = ?1))
      """, run.number)
  }

  /// Notes that somebody has seen every exception that there is, in the transaction of the caller; nothing where none is new.
  ///
  /// - Returns: How many open ones were new.
  @discardableResult
  public func noteSeen(by name: String, at now: Instant) throws -> Int64 {
    let count = try unseenExceptions()
    if count == 0 { return 0 }
    let id = try integer("SELECT coalesce(max(look_id), 0) + 1 FROM looks")
    let insert = try prepare(
      "INSERT INTO looks (look_id, exception_id, seen_by, seen_at) SELECT ?1, max(exception_id), ?2, ?3 FROM exceptions")
    try insert.bind(1, id)
    try insert.bind(2, name)
    try insert.bind(3, now.seconds)
    try insert.run()
    try seal(.look, id, by: name, at: now) { try LookContent.add(id, from: self, to: &$0) }
    return count
  }

  /// How many items a guard holds (G2, G4, G5), wherever they stand.
  public func held(by flag: FlagSet) throws -> Int64 {
    let rows = try integer("SELECT count(*) FROM items WHERE state = 'held' AND flags & ?1 <> 0", Int64(flag.rawValue))
    // Only the night's limit holds items on sheets.
    return flag.contains(.nightLimit)
      ? try rows + integer("SELECT coalesce(sum(left_count), 0) FROM sheets WHERE left_count > 0 AND state = 'held'") : rows
  }
}

/// A look at the exceptions, as its seal is over it.
enum LookContent {
  static func add(_ look: Int64, from connection: Connection, to fingerprint: inout Fingerprint) throws {
    let row = try connection.prepare("SELECT * FROM looks WHERE look_id = ?1")
    try row.bind(1, look)
    if try row.step() { fingerprint.add(row: row) }
  }
}
