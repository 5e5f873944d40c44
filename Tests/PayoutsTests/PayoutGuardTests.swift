import Ledger
import Payouts
import RefundPolicy
import Storage
import Testing

/// H4 against plain SQL: the database itself refuses what would pay twice.
@Suite struct `guards of payouts` {
  private static let columns = """
    act_id, version, order_id, route, coin, network, address, tag, decimals, atomic_amount, amount_cents, rate_usd, rate_quoted_at, rate_side,
    rate_source
    """
  private static let act = "INSERT INTO payout_acts VALUES (9, 'send', 0, 'eve', 2)"

  private static func payout(_ item: Int, version: String = "version", cents: String = "amount_cents", address: String = "address") -> String {
    """
    \(act); INSERT INTO batches VALUES (9, 9, 0, '');
    INSERT INTO payouts (batch_id, item_id, \(columns)) SELECT 9, item_id, 9, \(version), order_id, 'processor', coin, network, \(address), tag, 8,
      '1', \(cents), '80', 0, 'mid', 'eve' FROM items WHERE item_id = \(item)
    """
  }

  private static func move(_ item: Int, _ before: String, _ after: String, batch: Int = 1, note: String = "NULL", txid: String = "'t'") -> String {
    """
    \(act); INSERT INTO payout_moves (act_id, run_id, batch_id, item_id, version, state_before, state_after, txid, settled_at, note, digest)
    SELECT 9, 2, \(batch), item_id, version, '\(before)', '\(after)', \(txid), 0, \(note), zeroblob(16) FROM items WHERE item_id = \(item)
    """
  }

  private static let approved = "only an approved item is prepared, once, and as it was approved (H4)"
  private static let mayNot = "the payout may not move so (H4)"
  private static let order = "an attempt is built, relayed and confirmed, in this order; only one that is stuck dies"
  private static let built = """
    INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at, tx_hash, tx_metadata, tx_key, key_images)
    VALUES (9, 'built', 9, 0, '\(String(repeating: "f", count: 64))', 'm', 'k', '\(String(repeating: "f", count: 64))')
    """
  private static func attempt(_ item: Int, amount: String = "atomic_amount", address: String = "address") -> String {
    """
    \(act); INSERT INTO attempts VALUES (9, 9, 1);
    INSERT INTO attempt_items SELECT 9, item_id, 9, \(address), \(amount) FROM payouts WHERE item_id = \(item)
    """
  }

  /// Item 1 is approved, 2 to 4 are prepared: 2 and 3 as XMR, 4 as LTC. An attempt holds item 2 and is built.
  private func fixture() throws -> PayoutFixture {
    let fixture = try PayoutFixture([
      ("XMR", "", Addresses.standard, ""), ("XMR", "", Addresses.standard, ""), ("XMR", "", Addresses.other, ""),
      ("LTC", "", "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA", ""),
    ])
    _ = try fixture.prepare(["XMR": "150", "LTC": "80"])
    let lock = try RunLock(database: fixture.store.path)
    try Cancelling.cancel([ItemID(1)], note: "why", by: "ann", at: fixture.now, on: fixture.store, holding: lock)
    try fixture.store.transaction { connection in
      let desk = try PayoutDesk(.send, by: "ann", at: fixture.now, on: connection)
      let payment = try connection.unattempted(of: BatchID(1))[0]
      let attempt = try desk.plan([payment], of: BatchID(1))
      let hash = String(repeating: "e", count: 64)
      try desk.noteBuilt(attempt, BuiltTransaction(hash: hash, metadata: "m", blob: "b", key: "k", keyImages: [hash], fee: 1))
      try desk.finish()
      return (.commit, ())
    }
    return fixture
  }

  private static let attacks: [(name: String, sql: String, answer: String)] = [
    ("a prepared item in a second batch", payout(4), approved),
    ("an approved item at another amount", payout(1, cents: "amount_cents + 1"), approved),
    ("an approved item to another address", payout(1, address: "'mine'"), approved),
    ("an approved item as another version", payout(1, version: "version - 1"), approved),
    ("an item prepared without a batch", move(1, "approved", "prepared", batch: 2), mayNot),
    ("an item prepared in the batch that it left", move(1, "approved", "prepared"), mayNot),
    ("an item moved that is elsewhere", move(4, "approved", "prepared"), mayNot),
    ("an approved item paid at once", move(1, "approved", "paid"), mayNot),
    ("Monero paid by the processor", move(3, "prepared", "paid"), mayNot),
    ("Monero sent that nothing relayed", move(2, "prepared", "sent"), mayNot),
    ("the processor's sent by a wallet", move(4, "prepared", "sent"), mayNot),
    ("paid without a transaction", move(4, "prepared", "paid", txid: "NULL"), mayNot),
    ("taken back while a transaction may confirm", move(2, "prepared", "approved", note: "'n'"), mayNot),
    ("taken back without a word", move(4, "prepared", "approved"), mayNot),
    ("an item's state without its move", "UPDATE items SET state = 'paid', version = version + 1 WHERE item_id = 4", "only a person decides this"),
    (
      "an item's state back without its move", "UPDATE items SET state = 'approved', version = version + 1 WHERE item_id = 2", "only a person decides"
    ),
    ("a second attempt for an item", attempt(2), "an attempt that may still confirm holds the item (H4)"),
    ("an attempt for the processor's", attempt(4), "an attempt pays prepared items of its batch"),
    ("an attempt for what was taken back", attempt(1), "an attempt pays prepared items of its batch"),
    ("an attempt at another amount", attempt(3, amount: "'1'"), "an attempt pays prepared items of its batch"),
    ("an attempt to another address", attempt(3, address: "'mine'"), "an attempt pays prepared items of its batch"),
    (
      "relayed before it is built", attempt(3) + "; INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at) VALUES (9, 'relayed', 9, 0)",
      order
    ),
    (
      "confirmed before it is built", attempt(3) + "; INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at) VALUES (9, 'confirmed', 9, 0)",
      order
    ),
    (
      "built without what recovery needs",
      attempt(3) + "; INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at, tx_hash) VALUES (9, 'built', 9, 0, 'x')", "CHECK constraint"
    ),
    (
      "given up while it may confirm",
      "\(act); INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at, note) VALUES (1, 'dead', 9, 0, 'n')", order
    ),
    ("an item more once it is built", attempt(3) + "; \(built); INSERT INTO attempt_items VALUES (9, 2, 9, 'a', '1')", "attempt"),
    ("the same transaction twice", attempt(3) + "; " + built.replacing("ffff", with: "eeee"), "UNIQUE constraint"),
    ("an amount of nothing", payout(1).replacing("'1',", with: "'0',"), "CHECK constraint"),
    ("an amount that is no number", payout(1).replacing("'1',", with: "'1e9',"), "CHECK constraint"),
    ("another amount of a payout", "UPDATE payouts SET atomic_amount = '1'", "payouts are never changed"),
    ("a payout that is gone", "DELETE FROM payouts", "payouts are never removed"),
    ("a step that is gone", "DELETE FROM attempt_steps", "attempt_steps are never removed"),
    ("another key", "UPDATE attempt_steps SET tx_key = 'x'", "attempt_steps are never changed"),
    ("a row more in an act that is sealed", "INSERT INTO batches VALUES (9, 1, 0, '')", "the act is sealed: it says nothing more"),
  ]

  @Test func `plain SQL`() throws {
    let fixture = try fixture()
    #expect(try fixture.column("SELECT state FROM items ORDER BY item_id") == ["approved", "prepared", "prepared", "prepared"])
    #expect(try fixture.findings() == [])
    for attack in Self.attacks {
      do {
        try fixture.execute(attack.sql)
        Issue.record("\(attack.name): the database took it")
      } catch StorageError.refused(let why) {
        #expect(why.contains(attack.answer), "\(attack.name): \(why)")
      }
    }
    #expect(try fixture.findings() == [])
  }

  @Test func `verification finds any value of payouts that is changed`() throws {
    let fixture = try fixture()
    try fixture.execute(try fixture.column("SELECT 'DROP TRIGGER ' || name || ';' FROM sqlite_master WHERE type = 'trigger'").joined())
    try fixture.store.read { try $0.execute("PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0") }
    var changes = 0
    for table in ["payout_acts", "batches", "payouts", "payout_moves", "attempts", "attempt_items", "attempt_steps"] {
      for column in try fixture.column("SELECT name FROM pragma_table_info('\(table)')") {
        let before = try fixture.column("SELECT quote(\(column)) FROM \(table) LIMIT 1")
        #expect(!before.isEmpty, "\(table) is empty")
        let changed = """
          CASE typeof(\(column)) WHEN 'integer' THEN \(column) + 100 WHEN 'text' THEN \(column) || '1'
            WHEN 'blob' THEN CAST(zeroblob(15) || x'01' AS BLOB) ELSE 1 END
          """
        let keys = try fixture.column("SELECT name FROM pragma_table_info('\(table)') WHERE pk > 0 ORDER BY pk").joined(separator: ", ")
        try fixture.store.read { connection in
          try connection.execute("CREATE TEMP TABLE kept AS SELECT * FROM \(table)")
          try connection.execute("UPDATE OR IGNORE \(table) SET \(column) = \(changed) WHERE (\(keys)) = (SELECT \(keys) FROM \(table) LIMIT 1)")
        }
        if try fixture.column("SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM \(table))") != ["0"] {
          changes += 1
          var isFound = true
          do { isFound = try !fixture.findings().isEmpty } catch is StorageError {}
          #expect(isFound, "\(table).\(column)")
        }
        try fixture.store.read { try $0.execute("DELETE FROM \(table); INSERT INTO \(table) SELECT * FROM kept; DROP TABLE kept") }
      }
    }
    #expect(changes > 45, "\(changes)")
    #expect(try fixture.findings() == [])
  }
}
