import Facts
import Foundation
import GRDB
import Ledger
import RefundPolicy
import Storage
import Testing

/// The database keeps the promises of contract 7 even when a program does not: each guard against plain SQL that tries to break it.
@Suite struct `guards of the ledger` {
  /// A database with one period, one approved item of its first ten days, one pending item of the next ten, and a recorded run.
  private func ledger() throws -> Store {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("makegood-guards-\(UUID().uuidString).db").path
    let store = try Store(path: path, access: .creating, migrations: [FactSchema.migration, LedgerSchema.migration])
    try store.transaction { connection in
      try connection.execute(Self.stretch(item: 1, first: 0, last: 9, cents: 1000))
      try connection.execute(Self.item(1, cents: 1000, first: 0, last: 9))
      try connection.execute("UPDATE items SET state = 'approved', version = 2 WHERE item_id = 1")
      try connection.execute(Self.stretch(item: 2, first: 10, last: 19, cents: 1000))
      try connection.execute(Self.item(2, cents: 1000, first: 10, last: 19))
      try connection.execute(
        """
        INSERT INTO settings VALUES (0, '{}');
        INSERT INTO runs VALUES (1, 'nightly', 20000, 0, 1, 0,0, 2,2000, 0,0, 0,0, 0,0, 1,1000, 0,0, 0,0, 1,1000);
        INSERT INTO run_changes VALUES (1, 1, 'opened', 0, 1000);
        INSERT INTO request_decisions VALUES (1, 'r', 'o', 0, 'denied', 'W1', '', 'why');
        INSERT INTO imports VALUES (1, 0, 'x', 1, 1, 0);
        INSERT INTO fact_changes VALUES (1, 1, 'orders', 'o', 'o', '{}', '{}');
        INSERT INTO former_items SELECT item_id, 1, order_id, period_id, coin, network, opened_on, 'pending', automatic, amount_cents, day_count,
          first_day, last_day, base_cents, period_days, causes, flags, due_on, address, tag, run_id, 1 FROM items WHERE item_id = 1;
        INSERT INTO former_stretches VALUES (1, 1, 0, 9, 1, 'outage:x', 1000);
        """)
      return (.commit, ())
    }
    return store
  }

  private static func stretch(item: Int, first: Int, last: Int, cents: Int, period: String = "p") -> String {
    "INSERT INTO stretches VALUES ('\(period)', \(first), \(last), \(item), 1, 'outage:x', \(cents))"
  }

  private static func item(
    _ id: Int, cents: Int, first: Int, last: Int, base: Int = 3000, state: String = "pending", period: String = "p"
  ) -> String {
    """
    INSERT INTO items VALUES (\(id), 'o', '\(period)', 'XMR', NULL, 20000, '\(state)', 0, \(cents), \(last - first + 1), \(first), \(last), \(base), 30,
      2, 0, 20014, NULL, NULL, 1, 1)
    """
  }

  static let attempts: [(String, String)] =
    [
      ("a day held already, by its first day", stretch(item: 3, first: 0, last: 0, cents: 1)),
      ("a day held already, inside a stretch", stretch(item: 3, first: 5, last: 5, cents: 1)),
      ("days around a stretch that is held", "DELETE FROM stretches WHERE item_id = 2; " + stretch(item: 3, first: 9, last: 25, cents: 1)),
      ("editing a stretch", "UPDATE stretches SET amount_cents = 1"),
      ("taking days from a decided item", "DELETE FROM stretches WHERE item_id = 1"),
      ("giving days to a decided item", stretch(item: 1, first: 25, last: 25, cents: 1)),
      (
        "an item that is not the sum of its days",
        stretch(item: 3, first: 20, last: 20, cents: 99) + "; " + item(3, cents: 100, first: 20, last: 20, period: "p")
      ),
      (
        "an item that opens approved",
        stretch(item: 3, first: 0, last: 0, cents: 9, period: "q") + "; " + item(3, cents: 9, first: 0, last: 0, state: "approved", period: "q")
      ),
      ("a second undecided item of a period", stretch(item: 3, first: 20, last: 20, cents: 9) + "; " + item(3, cents: 9, first: 20, last: 20)),
      (
        "an item above its base",
        stretch(item: 3, first: 0, last: 0, cents: 9, period: "q") + "; " + item(3, cents: 9, first: 0, last: 0, base: 8, period: "q")
      ),
      ("another amount of an approved item", "UPDATE items SET amount_cents = 999, version = version + 1 WHERE item_id = 1"),
      ("another amount than the days'", "UPDATE items SET amount_cents = 999, version = version + 1 WHERE item_id = 2"),
      ("an item that changes its period", "UPDATE items SET period_id = 'q', version = version + 1 WHERE item_id = 2"),
      ("a change without a new version", "UPDATE items SET state = 'held' WHERE item_id = 2"),
      ("an unknown state", "UPDATE items SET state = 'gone', version = version + 1 WHERE item_id = 2"),
      ("committing above the base", "UPDATE items SET base_cents = 1500, state = 'approved', version = version + 1 WHERE item_id = 2"),
      ("removing an item", "DELETE FROM items WHERE item_id = 2"),
      (
        "a second nightly of one date",
        "INSERT INTO runs SELECT 2, kind, business_day, 0, 1, 0,0, 2,2000, 0,0, 0,0, 0,0, 1,1000, 0,0, 0,0, 1,1000 FROM runs"
      ),
      ("control totals that do not tie", "INSERT INTO runs VALUES (2, 'nightly', 20001, 0, 1, 1,1000, 0,0, 0,0, 0,0, 0,0, 0,0, 0,0, 0,0, 1,1001)"),
      ("counts that do not tie", "INSERT INTO runs VALUES (2, 'nightly', 20001, 0, 1, 1,1000, 0,0, 0,0, 0,0, 0,0, 0,0, 0,0, 0,0, 2,1000)"),
      ("text where cents belong", "INSERT INTO stretches VALUES ('q', 1, 1, 9, 1, 'x', 'ten')"),
    ]
    + appendOnly.flatMap { table, column in
      [("removing from \(table)", "DELETE FROM \(table)"), ("editing \(table)", "UPDATE \(table) SET \(column) = \(column)")]
    }

  /// What is only ever added to, each with a column to edit.
  static let appendOnly = [
    ("runs", "recorded_at"), ("settings", "numbers"), ("run_changes", "change"), ("request_decisions", "clause"), ("imports", "source"),
    ("fact_changes", "before"), ("former_items", "state"), ("former_stretches", "cause"),
  ]

  @Test(arguments: attempts.map(\.0)) func `refuses`(name: String) throws {
    let sql = try #require(Self.attempts.first { $0.0 == name }).1
    let store = try ledger()
    defer { try? FileManager.default.removeItem(atPath: store.path) }
    #expect(throws: StorageError.self, "\(sql)") {
      try store.transaction { connection in
        try connection.execute(sql)
        return (.commit, ())
      }
    }
  }

  @Test func `lets pass what the program does: restating, approving within the base`() throws {
    let store = try ledger()
    defer { try? FileManager.default.removeItem(atPath: store.path) }
    try store.transaction { connection in
      try connection.execute("DELETE FROM stretches WHERE item_id = 2")
      try connection.execute(Self.stretch(item: 2, first: 10, last: 29, cents: 2000))
      try connection.execute("UPDATE items SET amount_cents = 2000, day_count = 20, last_day = 29, version = 2 WHERE item_id = 2")
      try connection.execute("UPDATE items SET state = 'approved', version = 3 WHERE item_id = 2")
      return (.commit, ())
    }
  }

  @Test func `is durable: WAL, and a sync for every transaction`() throws {
    let store = try ledger()
    defer { try? FileManager.default.removeItem(atPath: store.path) }
    try store.read { connection in
      #expect(try connection.integer("PRAGMA synchronous") == 2)
      let mode = try connection.prepare("PRAGMA journal_mode")
      #expect(try mode.step() && mode.text(0) == "wal")
    }
  }

  @Test func `a second writer is told to try later`() throws {
    let store = try ledger()
    defer { try? FileManager.default.removeItem(atPath: store.path) }
    let first = try RunLock(database: store.path)
    #expect(throws: StorageError.busy(path: store.path)) { _ = try RunLock(database: store.path) }
    _ = consume first
    _ = try RunLock(database: store.path)
  }
}
