import AuditLog
import Facts
import Foundation
import Ledger
import RefundPolicy
import Storage
import Testing

private typealias F = LedgerFixture

/// Plain SQL that tries to break a promise, and what the database answers.
struct Attempt: Sendable, CustomTestStringConvertible {
  let name: String
  let sql: String
  let answer: String

  init(_ name: String, _ sql: String, _ answer: String) { (self.name, self.sql, self.answer) = (name, sql, answer) }

  var testDescription: String { name }
}

/// The database keeps the promises of contract 7 even when a program does not: each guard against plain SQL that tries to break it.
@Suite struct `guards of the ledger` {
  static let held = "a service day of the period is held by an item already (P5)"
  static let sum = "an item keeps its order, period and decided amount, and is the sum of its days"
  static let person = "only a person decides this, with a review (G1, G2)"
  static let ownDecision = "only W1 and S2 are decided by the policy itself: anything else needs people (G1)"
  static let asItIs = "the item is not as the review says, or the review may not decide it (G1)"
  static let large = "UPDATE items SET version = version + 1, flags = 32 WHERE item_id = 2"

  static let days = [
    Attempt("a day held already, by its first day", F.stretch(item: 3, first: 0, last: 0, cents: 1), held),
    Attempt("a day held already, inside a stretch", F.stretch(item: 3, first: 5, last: 5, cents: 1), held),
    Attempt(
      "days around a stretch that is held", "DELETE FROM stretches WHERE item_id = 2; " + F.stretch(item: 3, first: 9, last: 25, cents: 1), held),
    Attempt("editing a stretch", "UPDATE stretches SET amount_cents = 1", "the days of an item are replaced, never edited"),
    Attempt("taking days from a decided item", "DELETE FROM stretches WHERE item_id = 1", "the item is decided: its days stay"),
    Attempt("giving days to a decided item", F.stretch(item: 1, first: 25, last: 25, cents: 1), "the item is decided: it takes no more days"),
    Attempt("text where cents belong", "INSERT INTO stretches VALUES ('q', 1, 1, 9, 1, 'x', 'ten', 1)", "cannot store TEXT value in INTEGER column"),
  ]

  static let opening = "an item opens pending, or approved by W1 or S2 alone, with the sum of its days"
  static let items = [
    Attempt(
      "an item that is not the sum of its days",
      F.stretch(item: 3, first: 20, last: 20, cents: 99, period: "q") + ";" + F.item(3, cents: 100, first: 20, last: 20, period: "q"), opening),
    Attempt(
      "an item that opens approved",
      F.stretch(item: 3, first: 0, last: 0, cents: 9, period: "q") + ";" + F.item(3, cents: 9, first: 0, last: 0, state: "approved", period: "q"),
      opening),
    Attempt(
      "an item that opens approved by the policy, for an outage",
      F.stretch(item: 3, first: 0, last: 0, cents: 9, period: "q") + ";"
        + F.item(3, cents: 9, first: 0, last: 0, state: "approved", period: "q", automatic: 1), opening),
    Attempt(
      "a second undecided item of a period",
      F.stretch(item: 3, first: 20, last: 20, cents: 9) + ";" + F.item(3, cents: 9, first: 20, last: 20), "UNIQUE constraint failed: items.period_id"),
    Attempt(
      "an item above its base",
      F.stretch(item: 3, first: 0, last: 0, cents: 9, period: "q") + ";" + F.item(3, cents: 9, first: 0, last: 0, base: 8, period: "q"),
      "CHECK constraint failed"),
    Attempt(
      "another amount of an approved item", "UPDATE items SET amount_cents = 999, version = 3, revision = 2, review_id = NULL WHERE item_id = 1", sum),
    Attempt("another amount than the days'", "UPDATE items SET amount_cents = 999, version = 2, revision = 2 WHERE item_id = 2", sum),
    Attempt("an item that changes its period", "UPDATE items SET period_id = 'q', version = version + 1 WHERE item_id = 2", sum),
    Attempt(
      "a change without a new version", "UPDATE items SET due_on = 1 WHERE item_id = 2",
      "a change of an item is a new version of it, and one that a reviewer would see a new revision"),
    Attempt(
      "another destination without a new revision", "UPDATE items SET address = 'mine', version = 2 WHERE item_id = 2",
      "a change of an item is a new version of it, and one that a reviewer would see a new revision"),
    Attempt("an unknown state", "UPDATE items SET state = 'gone', version = version + 1 WHERE item_id = 2", person),
    Attempt(
      "a look at what is not there yet", "INSERT INTO looks VALUES (1, 2, 'ann', 0)", "nobody has seen an exception that is not there yet"),
    Attempt("a look that is gone", "INSERT INTO looks VALUES (1, 1, 'ann', 0); DELETE FROM looks", "looks are never removed"),
    Attempt("a look of another", "INSERT INTO looks VALUES (1, 1, 'ann', 0); UPDATE looks SET seen_by = 'bob'", "looks are never changed"),
    Attempt("removing an item", "DELETE FROM items WHERE item_id = 2", "an item is never removed"),
    Attempt(
      "opening above what is left of the base, as the policy",
      F.stretch(item: 3, first: 20, last: 29, cents: 2001, cause: 5) + ";"
        + F.item(3, cents: 2001, first: 20, last: 29, state: "approved", automatic: 1),
      "more would be committed than the base of the period (P5)"),
    Attempt(
      "opening as the policy before usage is known",
      F.stretch(item: 3, first: 20, last: 24, cents: 5, cause: 5) + ";" + F.item(3, cents: 5, first: 20, last: 24, state: "approved", automatic: 1),
      "the policy approves nothing before usage is known (G4), nor for an end that was taken back (G5)"),
    Attempt(
      "another address of an approved item", "UPDATE items SET address = 'mine', version = 3, revision = 2, review_id = NULL WHERE item_id = 1",
      "a decided item keeps where it is paid to; one without a valid address takes that of the latest request (Q4)"),
    Attempt(
      "an address that nobody confirmed",
      "UPDATE items SET flags = 32768, version = 3, review_id = NULL WHERE item_id = 1; UPDATE items SET flags = 0, version = 4 WHERE item_id = 1",
      "somebody who approved the item confirms the address that came later (G1, Q4)"),
    Attempt(
      "committing above the base",
      F.review(2, item: 2, "approve", to: "approved") + ";" + F.move(2, to: "approved", review: 2, also: ", base_cents = 1500"),
      "more would be committed than the base of the period (P5)"),
    Attempt(
      "a correction above what was paid",
      """
      UPDATE items SET version = 2, flags = 128 WHERE item_id = 2; DELETE FROM stretches WHERE item_id = 2;
      \(F.stretch(item: 2, first: 10, last: 19, cents: 2501)); UPDATE items SET amount_cents = 2501, version = 3, revision = 2 WHERE item_id = 2
      """, "a correction never exceeds what was paid (D2)"),
  ]

  static let review = [
    Attempt("approving without a review", F.move(2, to: "approved", review: nil), person),
    Attempt("approving as the policy what an outage caused", F.move(2, to: "approved", review: nil, also: ", automatic = 1"), person),
    Attempt("calling automatic what needs two people", "UPDATE items SET automatic = 1, version = version + 1 WHERE item_id = 2", ownDecision),
    Attempt(
      "opening as automatic what an outage caused",
      F.stretch(item: 3, first: 0, last: 0, cents: 9, period: "q") + ";" + F.item(3, cents: 9, first: 0, last: 0, period: "q", automatic: 1),
      opening),
    Attempt("rejecting without a review", F.move(2, to: "rejected", review: nil), person),
    Attempt("reopening without a review", F.move(1, to: "pending", review: nil), person),
    Attempt("approving by another item's review", F.move(2, to: "approved", review: 1), "a review that says so is missing (G1)"),
    Attempt("paying what nobody approved", F.move(2, to: "paid", review: nil), person),
    Attempt("an approval by the policy", F.review(2, item: 2, "approve", to: "approved", by: "policy"), "CHECK constraint failed"),
    Attempt("an approval by nobody", F.review(2, item: 2, "approve", to: "approved", by: " "), "CHECK constraint failed"),
    Attempt("a rejection without a note", F.review(2, item: 2, "reject", to: "rejected", note: " "), "CHECK constraint failed"),
    Attempt("approving what is approved", F.review(2, item: 1, "approve", to: "approved"), asItIs),
    Attempt("one approval of a large item that is to be enough", large + ";" + F.review(2, item: 2, "approve", to: "approved"), asItIs),
    Attempt(
      "the second approval by the same person",
      large + ";" + F.review(2, item: 2, "approve", to: "pending") + ";" + F.review(3, item: 2, "approve", to: "approved"), asItIs),
    Attempt(
      "one approval of what the settings call large",
      F.review(2, item: 2, "reject", to: "rejected") + ";" + F.move(2, to: "rejected", review: 2) + ";"
        + F.review(3, item: 2, "reopen", to: "pending") + ";" + F.move(2, to: "pending", review: 3) + ";"
        + "DELETE FROM stretches WHERE item_id = 2;" + F.stretch(item: 2, first: 10, last: 24, cents: 1500) + ";"
        + "UPDATE items SET amount_cents = 1500, day_count = 15, last_day = 24, version = 4, revision = 2, review_id = NULL WHERE item_id = 2;"
        + F.review(4, item: 2, "approve", to: "approved"), asItIs),
    Attempt(
      "one approval of a correction above what is owed",
      """
      INSERT INTO former_items SELECT item_id, 2, \(F.columns) FROM items WHERE item_id = 2; DELETE FROM stretches WHERE item_id = 2;
      \(F.stretch(item: 2, first: 10, last: 19, cents: 1100));
      UPDATE items SET amount_cents = 1100, flags = 128, version = 2, revision = 2 WHERE item_id = 2;
      \(F.review(2, item: 2, "approve", to: "approved"))
      """, asItIs),
    Attempt(
      "a review of another amount",
      "INSERT INTO reviews SELECT 2, 2, 1, 'a', 'a', 2, 1, 1, 'hold', NULL, 'pending', 'held', 7, 7, zeroblob(16), NULL",
      asItIs),
    Attempt(
      "a review in a run that is recorded",
      "INSERT INTO reviews SELECT 2, 1, 1, 'a', 'a', 2, 1, 1, 'hold', NULL, 'pending', 'held', 1000, 1000, zeroblob(16), NULL", asItIs),
    Attempt(
      "a reason for the customer of what is no rejection",
      "INSERT INTO reviews SELECT 2, 2, 1, 'a', 'a', 2, 1, 1, 'hold', NULL, 'pending', 'held', 1000, 1000, zeroblob(16), 'x'",
      "CHECK constraint failed"),
    Attempt(
      "an empty reason for the customer",
      "INSERT INTO reviews SELECT 2, 2, 1, 'a', 'a', 2, 1, 1, 'reject', 'x', 'pending', 'rejected', 1000, 1000, zeroblob(16), ' '",
      "CHECK constraint failed"),
    Attempt(
      "letting go what is held without a release",
      F.review(2, item: 2, "hold", to: "held") + ";" + F.move(2, to: "held", review: 2) + ";" + F.move(2, to: "pending", review: nil), person),
  ]

  static let recorded = "the run is recorded: it says nothing more"
  private static func unpaid(_ totals: String) -> String {
    F.run(2, day: 20001, opening: (2, 2000), closing: (2, 2000), unpaid: totals)
  }

  static let past = "settings take effect from the day after the last closed date on, or rewrite history, with a note"
  static let runs = [
    Attempt("a second nightly of one date", F.run(2, opening: (2, 2000), closing: (2, 2000)), "UNIQUE constraint failed: runs.business_day"),
    Attempt("control totals that do not tie", F.run(2, day: 20001, opening: (2, 2000), closing: (2, 2001)), "CHECK constraint failed"),
    Attempt("counts that do not tie", F.run(2, day: 20001, opening: (2, 2000), closing: (1, 2000)), "CHECK constraint failed"),
    Attempt("unpaid totals that do not tie", Self.unpaid("1,5, 0,0, 0,0, 0,0, 0,0, 0,0, 0,0"), "CHECK constraint failed"),
    Attempt("unpaid counts that do not tie", Self.unpaid("1,5, 0,0, 0,0, 2,5, 0,0, 0,0, 0,0"), "CHECK constraint failed"),
    Attempt("more reopened of what was approved than in all", Self.unpaid("1,5, 1,5, 0,0, 0,0, 0,0, 0,0, 0,0"), "CHECK constraint failed"),
    Attempt("more paid now than ever", Self.unpaid("1,5, 0,0, 1,5, 0,0, 0,0, 0,0, 0,0"), "CHECK constraint failed"),
    Attempt("more prepared and sent than unpaid", Self.unpaid("1,5, 0,0, 0,0, 1,5, 1,5, 1,5, 0,0"), "CHECK constraint failed"),
    Attempt(
      "a night over its limit that holds nothing",
      (10...15).map { id in
        F.stretch(item: id, first: 0, last: 0, cents: 9, period: "q\(id)") + ";" + F.item(id, cents: 9, first: 0, last: 0, period: "q\(id)") + ";"
          + F.change(run: 2, item: id, after: 9)
      }.joined(separator: ";") + ";" + F.run(2, day: 20001, opening: (2, 2000), opened: (6, 54), closing: (8, 2054)),
      "the night is over its limit: what it opened or raised must be held (G2)"),
    Attempt("settings for a closed date", F.settings(from: 20000 * 86400 + 86399, nightLimitItems: 1), past),
    Attempt(
      "a history rewritten without a reason", F.settings(from: 5, nightLimitItems: 1, note: "  ", rewrites: true), "CHECK constraint failed"),
    Attempt("a change of a run that is recorded", F.change(run: 1, item: 3), recorded),
    Attempt("an answer of a run that is recorded", "INSERT INTO request_decisions SELECT 1, 's', 'o', 0, 'denied', 'W1', '', 'why'", recorded),
    Attempt("an age of a run that is recorded", "INSERT INTO run_aging VALUES (1, '3-5', 1, 1)", recorded),
    Attempt("a fact of a run that is recorded", "INSERT INTO run_facts VALUES (1, 2, 'outages y', NULL, NULL, 0)", recorded),
    Attempt("a base of a run that is recorded", "INSERT INTO period_bases VALUES ('p', 1, 9)", recorded),
    Attempt("an exception that is told otherwise", "UPDATE exceptions SET amount_cents = 4", "exceptions are closed, never changed"),
    Attempt("an exception that disappears", "DELETE FROM exceptions", "exceptions are never removed"),
    Attempt(
      "a seal out of its order", "INSERT INTO seals VALUES (3, 'run', 2, 'x', 'u@h', 0, zeroblob(32), zeroblob(32), zeroblob(32))",
      "a seal follows the last one"),
    Attempt("a head that is no seal", "UPDATE seal_head SET seal_id = 2", "the head of the seals is the last seal"),
    Attempt("a head that is gone", "DELETE FROM seal_head", "the head of the seals stays"),
    Attempt(
      "a rehearsal that is called none", "INSERT OR REPLACE INTO ledger_origin VALUES (1, 0, 'real', zeroblob(16))",
      "a ledger is stamped once, when it is made"),
    Attempt(
      "a ledger under another clock", "UPDATE ledger_origin SET clock = 'pretended'", "the origin of the ledger is never changed"),
    Attempt("a ledger without an origin", "DELETE FROM ledger_origin", "the origin of the ledger is never removed"),
  ]

  /// What is only ever added to, each with a column to edit.
  static let appendOnly = [
    ("runs", "recorded_at"), ("run_aging", "cents"), ("settings", "numbers"), ("run_changes", "change"), ("request_decisions", "clause"),
    ("reviews", "note"), ("run_facts", "fact"), ("period_bases", "base_cents"), ("imports", "source"),
    ("import_tables", "rows_read"), ("ends_taken_back", "import_id"),
    ("fact_changes", "before"), ("former_items", "state"),
    ("former_stretches", "cause"), ("seals", "hash"),
  ].flatMap { table, column in
    [
      Attempt("removing from \(table)", "DELETE FROM \(table)", "\(table) are never removed"),
      Attempt("editing \(table)", "UPDATE \(table) SET \(column) = \(column)", "\(table) are never changed"),
    ]
  }

  static let whole = "a sheet opens pending and whole, after all others, in a run that is not recorded yet"
  static let fixed = "a sheet is never changed: its items are taken over one by one"
  static let asOpened = "the run is recorded: an item of it is taken over from its sheet as it was opened"
  static func takeOver(_ id: Int = 10, cents: Int = 500, period: String = "s", state: String = "pending", run: Int = 1, flags: Int = 0) -> String {
    F.stretch(item: id, first: 0, last: 4, cents: cents, period: period) + ";"
      + F.item(id, cents: cents, first: 0, last: 4, state: state, period: period, run: run, flags: flags)
  }
  static func two(from id: Int, run: Int = 2, state: String = "pending", gone: Int = 0) -> String {
    F.sheet([(id, "s", 0, 4, 500), (id + 1, "t", 0, 4, 500)], run: run, state: state, gone: gone)
  }
  static let sheets = [
    Attempt("a sheet of a run that is recorded", two(from: 20, run: 1), whole),
    Attempt("a sheet among others", two(from: 11), whole),
    Attempt("a sheet that opens held", two(from: 20, state: "held"), whole),
    Attempt("a sheet of which something is gone", two(from: 20, gone: 1), whole),
    Attempt("a sheet with approved items", two(from: 20, state: "approved"), whole),
    Attempt("removing a sheet", "DELETE FROM sheets", "sheets are never removed"),
    Attempt("another text of a sheet", "UPDATE sheets SET items = '[]'", fixed),
    Attempt("holding a sheet later", "UPDATE sheets SET state = 'held'", fixed),
    Attempt(
      "taking one of a sheet that no row has", "UPDATE sheets SET left_count = left_count - 1, left_cents = left_cents - 500 WHERE first_item = 10",
      fixed),
    Attempt("taking all of a sheet at once", "UPDATE sheets SET left_count = 0, left_cents = 0", fixed),
    Attempt("a row of a recorded run that no sheet opened", takeOver(12), asOpened),
    Attempt("another amount than the sheet's", takeOver(cents: 400), asOpened),
    Attempt("another period than the sheet's", takeOver(period: "t"), asOpened),
    Attempt("held, and the sheet is not", takeOver(state: "held", flags: 8), asOpened),
    Attempt("held without a sheet", takeOver(12, state: "held", run: 2, flags: 8), opening),
    Attempt(
      "taking over days that another item holds", F.stretch(item: 3, first: 4, last: 4, cents: 9, period: "s") + ";" + takeOver(), held),
    Attempt(
      "a sheet over the night's limit",
      F.settings(from: 1, nightLimitItems: 1, note: "why", rewrites: true) + ";" + two(from: 20) + ";"
        + F.run(2, day: 20001, opening: (2, 2000), opened: (2, 1000), closing: (4, 3000)), "the night is over its limit"),
  ]

  @Test func `a sheet is left by one item after the other, each as it was opened`() throws {
    let ledger = try LedgerFixture()
    for (sql, left) in [("SELECT 1", "2 1000"), (Self.takeOver(), "1 500"), (Self.takeOver(11, period: "t"), "0 0")] {
      try ledger.execute(sql)
      #expect(try ledger.rows("SELECT left_count || ' ' || left_cents FROM sheets WHERE first_item = 10") == [left])
    }
    #expect(throws: StorageError.self) { try ledger.execute(Self.takeOver()) }
  }

  @Test func `views show items alike, on sheets and in rows`() throws {
    let ledger = try LedgerFixture()
    let queries = ["SELECT * FROM item_list ORDER BY item", "SELECT * FROM item_days ORDER BY item, first_day", "SELECT * FROM log"]
    let before = try queries.map(ledger.rows)
    #expect(before[0].contains("R000000010|o|s|pending|5.00|5|1970-01-01|1970-01-05|XMR|-|1|1"))
    for (item, period) in [("R000000010", "s"), ("R000000011", "t")] {
      #expect(before[1].contains("\(item)|\(period)|1970-01-01|1970-01-05|outage:x|5.00"))
    }
    #expect(before[2].contains("1970-01-01 00:00:00|1|makegood|opened|R000000010|0.00|5.00|-|-"))
    try ledger.execute(Self.takeOver())
    #expect(try queries.map(ledger.rows) == before)
    try ledger.execute(Self.takeOver(11, period: "t"))
    #expect(try queries.map(ledger.rows) == before)
  }

  @Test func `views show days as sheets of before have them`() throws {
    let ledger = try LedgerFixture()
    try ledger.execute(
      """
      DROP TRIGGER sheet_opens;
      INSERT INTO sheets VALUES (20, 20, 1, 'o', 'o', 20000, 'pending', 1, 500, 20014, 20014,
        '[[20,"o","u","XMR",null,500,5,0,4,3000,3500,0,30,0,20014,[[0,4,1,"outage:x",500,3000]]]]', zeroblob(16), 1, 500)
      """)
    #expect(try ledger.rows("SELECT * FROM item_days WHERE period_id = 'u'") == ["R000000020|u|1970-01-01|1970-01-05|outage:x|5.00"])
    #expect(try ledger.rows("SELECT count(*) FROM item_list WHERE period_id = 'u'") == ["1"])
  }

  @Test(arguments: days + items + sheets + review + runs + appendOnly) func `refuses`(attempt: Attempt) throws {
    let ledger = try LedgerFixture()
    let error = #expect(throws: StorageError.self) { try ledger.execute(attempt.sql) }
    #expect("\(error as Any)".contains(attempt.answer), "\(error as Any)")
  }

  /// Each guard in its turn is taken away: an attempt that it alone had refused must get further then. Payouts have tests of their own.
  @Test func `leaves no guard untried`() throws {
    let attempts = Self.days + Self.items + Self.sheets + Self.review + Self.runs + Self.appendOnly
    var guards: [(name: String, sql: String)] = []
    try LedgerFixture().store.read { connection in
      let rows = try connection.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'")
      while try rows.step() { guards.append((rows.text(0), rows.text(1))) }
    }
    let payouts = [
      "payout", "payment", "attempt", "batch", "leftover", "rate_acceptance", "settlement", "question", "void_batch", "accepted_anchor",
      "other_transfer",
    ]
    for (name, sql) in guards where !payouts.contains(where: name.hasPrefix) {
      let isTried = try attempts.contains { attempt in
        guard sql.contains("'\(attempt.answer)") else { return false }
        let ledger = try LedgerFixture()
        try ledger.execute("DROP TRIGGER \(name)")
        do { try ledger.execute(attempt.sql) } catch { return !"\(error)".contains(attempt.answer) }
        return true
      }
      #expect(isTried, "nothing tries to break \(name)")
    }
  }

  @Test func `lets pass what runs and people do`() throws {
    let ledger = try LedgerFixture()
    try ledger.execute(
      """
      DELETE FROM stretches WHERE item_id = 2;
      \(F.stretch(item: 2, first: 10, last: 29, cents: 2000));
      UPDATE items SET amount_cents = 2000, day_count = 20, last_day = 29, version = 2, revision = 2 WHERE item_id = 2;
      \(F.review(2, item: 2, "approve", to: "pending")); \(F.move(2, to: "pending", review: 2));
      \(F.review(3, item: 2, "approve", to: "approved", by: "bob")); \(F.move(2, to: "approved", review: 3));
      \(F.settings(from: 20001 * 86400, nightLimitItems: 1)); \(F.settings(from: 7, nightLimitItems: 1, note: "why", rewrites: true));
      """)
  }

  @Test func `keeps an exception of every kind, and of no other`() throws {
    func exception(_ id: Int, _ kind: String) -> String {
      "INSERT INTO exceptions VALUES (\(id), '\(kind)', 's', NULL, NULL, 0, 'why', 1, NULL)"
    }
    let ledger = try LedgerFixture()
    for (place, kind) in ExceptionKind.allCases.enumerated() { try ledger.execute(exception(10 + place, kind.rawValue)) }
    #expect(throws: StorageError.self) { try ledger.execute(exception(99, "unheard_of")) }
  }

  @Test func `is durable: WAL, and a sync for every transaction`() throws {
    let ledger = try LedgerFixture()
    try ledger.store.read { connection in
      #expect(try connection.integer("PRAGMA synchronous") == 2)
      let mode = try connection.prepare("PRAGMA journal_mode")
      #expect(try mode.step() && mode.text(0) == "wal")
    }
  }

  @Test func `a second writer is told to try later`() throws {
    let ledger = try LedgerFixture()
    let first = try RunLock(database: ledger.store.path)
    #expect(throws: StorageError.busy(path: ledger.store.path)) { _ = try RunLock(database: ledger.store.path) }
    _ = consume first
    _ = try RunLock(database: ledger.store.path)
  }
}
