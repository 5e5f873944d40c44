import AuditLog
import Ledger
import RefundPolicy
import Storage
import Testing

/// What is changed by plain SQL behind the program's back is paid to nobody, and `verify` names it (contract 7).
@Suite struct `tampering` {
  /// Made once, and only ever copied.
  nonisolated(unsafe) private static let ledger = Result { try TamperedLedger.pristine() }

  private static func copy() throws -> TamperedLedger { unsafe try TamperedLedger(copying: ledger.get()) }

  /// What each step does where nobody has touched anything.
  private static let expected = Result {
    let ledger = try copy()
    return TamperedLedger.Step.allCases.map { ledger.outcome(of: $0) }
  }

  @Test func `does not stop what nobody has touched`() throws {
    let ledger = try Self.copy()
    #expect(ledger.findings() == [])
    let expected = try Self.expected.get()
    #expect(expected.allSatisfy { $0.stopped == nil }, "\(expected)")
    // Two that were prepared and one whose transaction was built; six that are approved and can be paid.
    #expect(expected.map(\.paid.count) == [3, 6, 0], "\(expected)")
    for step in TamperedLedger.Step.allCases { _ = ledger.outcome(of: step) }
    #expect(ledger.findings() == [])
  }

  // The table of tamperings.

  @Test func `is tried in many ways`() { #expect(Tampering.all.count >= 60) }

  /// With all guards in place the database refuses it, or it stops what it must.
  @Test(arguments: Tampering.all) func `against the guards is refused, or stops the money and is named`(_ tampering: Tampering) throws {
    let ledger = try Self.copy()
    do { try ledger.execute("BEGIN; \(tampering.sql); COMMIT") } catch {
      try ledger.execute("ROLLBACK")
      #expect(ledger.findings() == [])
      return
    }
    try Self.mustStop(tampering, ledger)
  }

  /// Guards are taken away for it and put back, so that nothing of them is missed.
  @Test(arguments: Tampering.all) func `behind the guards stops the money and is named`(_ tampering: Tampering) throws {
    let ledger = try Self.copy()
    try ledger.execute(behindGuards: tampering.sql)
    try Self.mustStop(tampering, ledger)
  }

  /// Guards that are gone stop everything.
  @Test(arguments: Tampering.all) func `without guards stops everything and is named`(_ tampering: Tampering) throws {
    let ledger = try Self.copy()
    try ledger.dropTriggers()
    try ledger.execute("PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0; \(tampering.sql)")
    #expect(ledger.findings() != [])
    #expect(try Self.stops(of: ledger) == Set(TamperedLedger.Step.allCases))
  }

  private static func mustStop(_ tampering: Tampering, _ ledger: TamperedLedger) throws {
    #expect(ledger.findings() != [], "verify says nothing")
    let stops = try stops(of: ledger)
    #expect(stops.isSuperset(of: tampering.stops), "it stops \(stops.map(\.rawValue))")
  }

  // Every column.

  /// What a column's flip has to come to.
  private enum Weight: Sendable {
    /// One of the steps stops.
    case decides
    /// `verify` names it; no money follows from it.
    case isNamed(because: String)
    /// It says nothing of money, and nothing is over it.
    case isFree(because: String)
  }

  /// The rows that are flipped: those that something is paid by, or decided by, in the next steps. Where nothing is said it is the first row.
  private static let rows: [String: String] = {
    let approved = "(SELECT item_id FROM items WHERE order_id = 'O-5')"
    let sent = "(SELECT item_id FROM items WHERE order_id = 'O-2')"
    let payment = "batch_id = 1 AND payment_no = (SELECT payment_no FROM payouts WHERE item_id = \(sent) AND batch_id = 1)"
    return [
      "items": "item_id = \(approved)", "former_items": "item_id = \(approved)", "stretches": "item_id = \(approved)",
      "former_stretches": "item_id = (SELECT item_id FROM items WHERE order_id = 'O-6')", "run_changes": "item_id = \(approved)",
      "reviews": "item_id = \(approved)", "matched_requests": "order_id = 'O-5'", "requests": "order_id = 'O-5'",
      "rates": "coin = 'XMR' AND quoted_at = (SELECT max(quoted_at) FROM rates WHERE coin = 'XMR')",
      "fact_changes": "import_id = (SELECT max(import_id) FROM imports)", "ends_taken_back": "import_id = (SELECT max(import_id) FROM imports)",
      "payments": payment, "payouts": payment, "batches": "batch_id = 1", "payout_moves": "item_id = \(sent)",
      "exceptions": "closed_run IS NULL", "payout_acts": "act = 'send'", "seals": "seal_id = 5",
    ]
  }()

  private static let weights: [String: Weight] = [
    "agenda": .isNamed(because: "it says when an order is looked at again, never what it is owed"),
    "digest_pages": .isNamed(because: "it proves others: what a changed page is over cannot be proved, and is not paid"),
    "leftovers": .isNamed(because: "it says why a refund stayed behind, for reports"),
    "looks": .isNamed(because: "it says who has looked at the exceptions"),
    "matched_requests.due": .isNamed(because: "it says when a request is matched again"),
    "published": .isFree(because: "whether the folder of a run was written"),
    "published_batches": .isFree(because: "whether the folder of a batch was written"),
    "report_folders": .isFree(because: "where anchors were written: more of them are looked for, fewer only elsewhere than asked"),
  ]

  static let tables = (try? copy().fixture.column("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")) ?? []

  @Test func `is tried on every table`() {
    #expect(
      Self.tables.count > 45 && Self.weights.keys.allSatisfy { Self.tables.contains(String($0.prefix { $0 != "." })) }
        && Self.rows.keys.allSatisfy(Self.tables.contains))
  }

  /// The lowest bit of a number or of a text's first character, the last byte of others; nothing becomes something, and keys become others.
  private static func flips(_ column: String) -> [String] {
    [
      """
      CASE typeof(\(column)) WHEN 'integer' THEN (\(column) | 1) - (\(column) & 1) WHEN 'null' THEN NULL
        WHEN 'text' THEN char((unicode(\(column)) | 1) - (unicode(\(column)) & 1)) || substr(\(column), 2)
        ELSE CAST(substr(\(column), 1, length(\(column)) - 1) || CASE substr(\(column), -1) WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB) END
      """,
      "coalesce(\(column), 1)", "coalesce(\(column), 'x')", "\(column) + 1000", "\(column) || 'x'",
    ]
  }

  @Test(arguments: tables) func `of any column of any table stops the money, and is named`(table: String) throws {
    let pristine = try Self.copy()
    let place = Self.rows[table] ?? "1"
    let keys = try pristine.fixture.column("SELECT name FROM pragma_table_info('\(table)') WHERE pk > 0 ORDER BY pk").joined(separator: ", ")
    let row = "(\(keys)) = (SELECT \(keys) FROM \(table) WHERE \(place) ORDER BY \(keys) LIMIT 1)"
    if case .isFree = Self.weights[table] ?? .decides { return }
    #expect(try pristine.fixture.column("SELECT count(*) FROM \(table) WHERE \(row)") == ["1"], "no row of \(table) is tried")
    for column in try pristine.fixture.column("SELECT name FROM pragma_table_info('\(table)')") {
      try Self.flip(column, of: table, row)
    }
  }

  private static func flip(_ column: String, of table: String, _ row: String) throws {
    let ledger = try copy()
    let before = try ledger.fixture.column("SELECT quote(\(column)) FROM \(table)")
    for flip in flips(column) {
      do { try ledger.execute(behindGuards: "UPDATE \(table) SET \(column) = \(flip) WHERE \(row)") } catch {
        // A key of the database itself, or the kind of the column.
        continue
      }
      if try ledger.fixture.column("SELECT quote(\(column)) FROM \(table)") != before { break }
    }
    guard try ledger.fixture.column("SELECT quote(\(column)) FROM \(table)") != before else {
      Issue.record("\(table).\(column) was not changed")
      return
    }
    switch weights["\(table).\(column)"] ?? weights[table] ?? .decides {
    case .isFree: break
    case .isNamed: #expect(ledger.findings() != [], "verify: \(table).\(column)")
    case .decides:
      #expect(ledger.findings() != [], "verify: \(table).\(column)")
      #expect(try !stops(of: ledger).isEmpty, "\(table).\(column) stops nothing")
    }
  }

  /// The steps that a tampered ledger stops, or in which something is not paid; what is paid all the same is as it was.
  private static func stops(of ledger: TamperedLedger) throws -> Set<TamperedLedger.Step> {
    var stops: Set<TamperedLedger.Step> = []
    for (step, expected) in zip(TamperedLedger.Step.allCases, try expected.get()) {
      let outcome = ledger.outcome(of: step)
      if outcome.stopped != nil || outcome.paid != expected.paid { stops.insert(step) }
      let others = outcome.paid.filter { !expected.paid.contains($0) }
      #expect(others.isEmpty, "\(step) pays what nobody decided: \(others)")
    }
    return stops
  }
}
