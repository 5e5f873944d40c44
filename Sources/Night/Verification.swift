public import AuditLog
import Facts
import Ledger
import RefundPolicy
public import Storage

/// The database against itself (contract 7), and the queue against entitlements computed afresh.
public struct Verification: Sendable {
  public var findings: [Finding] = []
  /// What the next run will change because of what came since the last nightly: no fault.
  public var awaiting = 0
  public var itemsChecked: Int64 = 0
  public var runsChecked: Int64 = 0

  /// What was found where nothing more could be looked at.
  public init(findings: [Finding]) { self.findings = findings }

  /// - Parameter lock: Proof that no other process writes: entitlements are computed in a transaction that is rolled back.
  public init(of store: Store, holding lock: borrowing RunLock) throws {
    try store.read { connection in
      var check = LedgerCheck(connection) { try ImportContent.add($0, from: connection, to: &$1) }
      findings = try check.run()
      if !findings.isEmpty { return }
      findings = try FactState.findings(on: connection)
      itemsChecked = try connection.integer("SELECT (SELECT count(*) FROM items) + (SELECT coalesce(sum(left_count), 0) FROM sheets)")
      runsChecked = try connection.integer("SELECT count(*) FROM runs")
    }
    if findings.isEmpty { try compareEntitlements(store) }
  }

  /// Decides every day again as of the last nightly, and looks at what a run would change.
  private mutating func compareEntitlements(_ store: Store) throws {
    let (differences, awaiting) = try store.transaction { connection -> (Store.Ending, ([Finding], Int)) in
      guard let day = try connection.watermark() else { return (.rollback, ([], 0)) }
      let before = try connection.integer("SELECT max(run_id) FROM runs")
      // Facts and settings since the last nightly change what is owed; a rerun has seen some of them.
      let isSettled = try !connection.hasLearntSinceLastNightly()
      let night = Night(store, now: day.end)
      let run = try night.decide(asOf: day, again: DayRange(.distantPast, upTo: .distantFuture), .everything, on: connection) { _, _ in }
      guard run != nil else { return (.rollback, ([], 0)) }
      var differences: [Finding] = []
      let changed = try connection.prepare(
        """
        SELECT c.item_id, c.change, c.before_cents, c.after_cents FROM run_changes AS c
        WHERE c.run_id > ?1 AND c.change <> 'annotated'
          -- What a person reopened since is as it was decided, until the next run looks at it.
          AND NOT EXISTS (SELECT 1 FROM former_items AS f WHERE f.item_id = c.item_id AND f.version = c.version - 1 AND f.review_id IS NOT NULL)
        ORDER BY c.item_id
        """)
      try changed.bind(1, before)
      while try changed.step() {
        differences.append(
          Finding(
            "item \(ItemID(changed.int(0)))",
            "computed afresh it would be \(changed.text(1)): \(Cents(changed.int(2))) USD, from the facts \(Cents(changed.int(3))) USD"))
      }
      return (.rollback, isSettled ? (differences, 0) : ([], differences.count))
    }
    findings += differences
    self.awaiting = awaiting
  }
}

extension ServiceDay {
  /// Bounds of a range that holds every day that facts can name.
  fileprivate static let distantPast = ServiceDay(ordinal: -1_000_000)
  fileprivate static let distantFuture = ServiceDay(ordinal: 10_000_000)
}

extension Connection {
  /// Whether an import that brought something, or new settings, came after the last nightly. Usage counts without a row: it may be what W1 waits
  /// for (G4).
  fileprivate func hasLearntSinceLastNightly() throws -> Bool {
    let row = try prepare(
      """
      SELECT 1 FROM seals WHERE seal_id > (
        SELECT max(seal_id) FROM seals JOIN runs ON run_id = subject WHERE seals.kind = 'run' AND runs.kind = 'nightly')
        AND (kind = 'settings' OR (kind = 'import' AND (
          EXISTS (SELECT 1 FROM imports WHERE import_id = subject AND rows_new + rows_changed > 0)
          OR EXISTS (SELECT 1 FROM import_tables WHERE import_id = subject AND table_name = 'usage'))))
      """)
    return try row.step()
  }
}
