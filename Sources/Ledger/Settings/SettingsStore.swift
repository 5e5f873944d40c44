import AuditLog
public import RefundPolicy
public import Storage

/// A set of settings as the ledger keeps it.
public struct SettingsRecord: Hashable, Sendable {
  public var set: SettingsSet
  public var said: Said

  /// Who said it, when and why.
  public struct Said: Hashable, Sendable {
    public var at: Instant
    public var by: String
    public var note: String?
    /// It takes effect before the day after the last closed date, as that was when it was said.
    public var rewritesHistory: Bool

    public init(at: Instant, by: String, note: String? = nil, rewritesHistory: Bool = false) {
      (self.at, self.by, self.note, self.rewritesHistory) = (at, by, note, rewritesHistory)
    }
  }
}

/// What became of new settings.
public enum SettingsOutcome: Hashable, Sendable {
  case added(SettingsChange)
  /// They say what holds at that instant already; nothing was written.
  case unchanged(SettingsSet)
}

/// New settings beside what held at their instant before.
public struct SettingsChange: Hashable, Sendable {
  /// Nil where the policy's own defaults held.
  public var before: SettingsSet?
  public var after: SettingsSet
  public var rewritesHistory: Bool
  /// Sets that take effect later; each is whole, so it stays as it is.
  public var later: [Instant]

  /// The settings that become others.
  public var changed: [SettingsLine] { lines.filter { $0.before != $0.after } }
  /// The settings that stay as they were.
  public var kept: [SettingsLine] { lines.filter { $0.before == $0.after } }

  private var lines: [SettingsLine] { SettingsFormat.lines(from: before ?? .defaults, to: after) }
}

extension Connection {
  /// All settings there ever were.
  public func settings() throws -> SettingsHistory {
    SettingsHistory(try settingsRecords().map(\.set))
  }

  /// All settings there ever were, and who said them, by the instant at which they take effect.
  public func settingsRecords() throws -> [SettingsRecord] {
    let rows = try prepare("SELECT \(SettingsRow.names) FROM settings ORDER BY effective_from")
    var records: [SettingsRecord] = []
    while try rows.step() { records.append(try SettingsRow.read(rows)) }
    return records
  }

  /// The settings that were there when a run was recorded: what is said later, for an earlier date too, does not change what the run said.
  public func settings(knownTo run: RunID) throws -> SettingsHistory {
    let rows = try prepare(
      """
      SELECT \(SettingsRow.names) FROM settings JOIN seals ON kind = 'settings' AND subject = effective_from
      WHERE seal_id < (SELECT seal_id FROM seals WHERE kind = 'run' AND subject = ?1) ORDER BY effective_from
      """)
    try rows.bind(1, run.number)
    var sets: [SettingsSet] = []
    while try rows.step() { sets.append(try SettingsRow.read(rows).set) }
    return SettingsHistory(sets)
  }

  /// The settings that rewrite history which were added between a run and the one before it, oldest first.
  public func historyRewrites(before run: RunID) throws -> [SettingsRecord] {
    let rows = try prepare(
      """
      SELECT \(SettingsRow.names) FROM settings JOIN seals ON kind = 'settings' AND subject = effective_from
      WHERE rewrites_history = 1 AND seal_id < (SELECT seal_id FROM seals WHERE kind = 'run' AND subject = ?1)
        AND seal_id > coalesce((SELECT max(seal_id) FROM seals WHERE kind = 'run' AND subject < ?1), 0)
      ORDER BY seal_id
      """)
    try rows.bind(1, run.number)
    var records: [SettingsRecord] = []
    while try rows.step() { records.append(try SettingsRow.read(rows)) }
    return records
  }

  /// Adds what a file says to the settings; what it leaves out is inherited from the set in force at its `effective_from`.
  ///
  /// - Parameter rewritesHistory: Whether it may take effect before the day after the last closed date; it needs a note then.
  /// - Throws: ``SettingsError``, and ``StorageError`` from the database.
  public func take(
    _ draft: SettingsDraft, by reviewer: Reviewer, note: String?, rewritesHistory: Bool, at now: Instant
  ) throws -> SettingsOutcome {
    let history = try settings()
    let from = draft.effectiveFrom
    let before = history.set(at: from)
    let after = try draft.applied(to: before ?? .defaults)
    let inForce = before ?? .defaults
    if inForce.policy == after.policy, inForce.operating == after.operating { return .unchanged(inForce) }
    if history.sets.contains(where: { $0.effectiveFrom == from }) { throw SettingsError.alreadySet(from) }
    var isPast = false
    if let last = try watermark(), from < last.end {
      guard rewritesHistory else { throw SettingsError.inThePast(from, lastClosed: last) }
      guard let note, !note.allSatisfy(\.isWhitespace) else { throw SettingsError.noteMissing }
      isPast = true
    }
    try add(after, SettingsRecord.Said(at: now, by: reviewer.name, note: note, rewritesHistory: isPast))
    let later = history.sets.map(\.effectiveFrom).filter { $0 > from }
    return .added(SettingsChange(before: before, after: after, rewritesHistory: isPast, later: later))
  }

  /// Adds a whole set of settings; one that takes effect at the same instant is never replaced.
  ///
  /// - Throws: ``SettingsError/alreadySet(_:)``, and ``StorageError`` from the database.
  public func add(_ set: SettingsSet, _ said: SettingsRecord.Said) throws {
    let insert = try prepare(
      """
      INSERT INTO settings (effective_from, numbers, second_approval_cents, night_limit_items, night_limit_cents, said_at, said_by, note,
        rewrites_history) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING
      """)
    try insert.bind(1, set.effectiveFrom.seconds)
    try insert.bind(2, SettingsFormat.json(set))
    try insert.bind(3, set.operating.secondApproval.count)
    try insert.bind(4, set.operating.nightLimitItems.map { Int64($0) })
    try insert.bind(5, set.operating.nightLimit?.count)
    try insert.bind(6, said.at.seconds)
    try insert.bind(7, said.by)
    try insert.bind(8, said.note)
    try insert.bind(9, said.rewritesHistory ? 1 : 0)
    try insert.run()
    if insert.changes == 0 { throw SettingsError.alreadySet(set.effectiveFrom) }
    try seal(.settings, set.effectiveFrom.seconds, by: said.by, at: said.at) {
      try SettingsContent.add(set.effectiveFrom, from: self, to: &$0)
    }
  }
}

/// Reading rows of `settings`.
private enum SettingsRow {
  static let names = "numbers, said_at, said_by, note, rewrites_history"

  static func read(_ row: RawStatement) throws -> SettingsRecord {
    let said = SettingsRecord.Said(at: row.instant(1), by: row.text(2), note: row.optionalText(3), rewritesHistory: row.int(4) == 1)
    do {
      return SettingsRecord(set: try SettingsDraft(Array(row.text(0).utf8)).applied(to: .defaults), said: said)
    } catch {
      throw StorageError.refused(why: "settings that were said at \(said.at) cannot be read: \(error)")
    }
  }
}
