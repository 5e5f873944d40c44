import Ledger
import Payouts
import RefundPolicy
import Storage
import Testing

/// H4 against plain SQL: the database itself refuses what would pay twice.
@Suite struct `guards of payouts` {
  private static let act = "INSERT INTO payout_acts VALUES (9, 'send', 0, 'eve', 2)"

  /// A payment of a batch of eve's, and an item in it.
  private static func payout(
    _ item: Int, version: String = "version", cents: String = "amount_cents", address: String = "address", coin: String = "coin",
    chain: String = "ifnull(network, 'own')", tag: String = "tag", amount: String = "'1'", doubtful: Int = 0
  ) -> String {
    """
    \(act); INSERT INTO batches VALUES (9, 9, 0, '');
    INSERT INTO payments (batch_id, payment_no, act_id, route, coin, chain, is_own_chain, address, tag, decimals, atomic_amount, item_count, rate_usd,
      rate_quoted_at, rate_side, rate_source) SELECT 9, 1, 9, 'processor', \(coin), \(chain), network IS NULL, \(address), \(tag), 8, \(amount), 1, '80',
      0, 'mid', 'eve' FROM items WHERE item_id = \(item);
    \(part(item, version: version, cents: cents, amount: amount, doubtful: doubtful))
    """
  }

  private static func part(
    _ item: Int, of payment: Int = 1, batch: Int = 9, version: String = "version", cents: String = "amount_cents", amount: String = "'1'",
    doubtful: Int = 0
  ) -> String {
    """
    INSERT INTO payouts (batch_id, item_id, act_id, payment_no, version, order_id, network, atomic_amount, amount_cents, rate_check,
      is_rate_doubtful) SELECT \(batch), item_id, 9, \(payment), \(version), order_id, network, \(amount), \(cents), 'eve', \(doubtful) FROM items
      WHERE item_id = \(item)
    """
  }

  private static func move(_ item: Int, _ before: String, _ after: String, batch: Int = 1, note: String = "NULL", txid: String = "'t'") -> String {
    """
    \(act); INSERT INTO payout_moves (act_id, run_id, batch_id, item_id, version, state_before, state_after, txid, settled_at, note, digest)
    SELECT 9, 2, \(batch), item_id, version, '\(before)', '\(after)', \(txid), 0, \(note), zeroblob(16) FROM items WHERE item_id = \(item)
    """
  }

  private static let approved = "only an approved item is prepared, once, as it was approved, in a payment to its own destination (H4, G3)"
  private static let mayNot = "the payout may not move so (H4)"
  private static let order = "an attempt is built, relayed and confirmed, in this order; only one that is stuck dies"
  private static let built = """
    INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at, tx_hash, tx_metadata, tx_key, key_images)
    VALUES (9, 'built', 9, 0, '\(String(repeating: "f", count: 64))', 'm', 'k', '\(String(repeating: "f", count: 64))')
    """
  private static func attempt(_ item: Int, amount: String = "atomic_amount", address: String = "address") -> String {
    """
    \(act); INSERT INTO attempts VALUES (9, 9, 1);
    INSERT INTO attempt_payments SELECT 9, batch_id, payment_no, 9, \(address), m.\(amount) FROM payouts JOIN payments AS m USING (batch_id, payment_no)
    WHERE item_id = \(item)
    """
  }

  /// Item 1 is approved, 2 to 5 are prepared: 2 and 3 as XMR, 4 and 5 as LTC in one payment. An attempt holds item 2 and is built. Item 6 is
  /// approved, and was paid by the processor although it was taken back.
  private func fixture() throws -> PayoutFixture {
    let fixture = try PayoutFixture([
      ("XMR", "", Addresses.made(1), ""), ("XMR", "", Addresses.standard, ""), ("XMR", "", Addresses.other, ""),
      ("LTC", "", Addresses.litecoin[0], ""), ("LTC", "", Addresses.litecoin[0], ""), ("USDT", "Tron", Addresses.tron[0], ""),
    ])
    _ = try fixture.prepare(["XMR": "150", "LTC": "80", "USDT": "1"])
    _ = try fixture.settle("payment_id,txid,settled_at,status\nP000001-0005,,,failed")
    _ = try fixture.settle("payment_id,txid,settled_at\nP000001-0005,tx,2026-11-23T04:30:00Z")
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

  private static let seal =
    "; INSERT INTO seals SELECT seal_id + 1, 'payout', 9, 'eve', 'u@h', 0, zeroblob(32), zeroblob(32), zeroblob(32) FROM seal_head"
  private static let again = """
    INSERT INTO payments SELECT batch_id, 2, act_id, route, coin, chain, is_own_chain, address, tag, decimals, atomic_amount, item_count, rate_usd,
      rate_quoted_at, rate_side, rate_source FROM payments WHERE batch_id = 9
    """
  private static let halfMoved =
    move(4, "prepared", "paid") + """
      ; UPDATE items SET state = 'paid', version = version + 1, run_id = 2 WHERE item_id = 4
      """ + seal

  private static let attacks: [(name: String, sql: String, answer: String)] = [
    ("a prepared item in a second batch", payout(4), approved),
    ("an approved item at another amount", payout(1, cents: "amount_cents + 1"), approved),
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
    ("an attempt for the processor's", attempt(4), "an attempt pays prepared payments of its batch"),
    ("an attempt for what was taken back", attempt(1), "an attempt pays prepared payments of its batch"),
    ("an attempt at another amount", attempt(3, amount: "atomic_amount || '1'"), "an attempt pays prepared payments of its batch"),
    ("an attempt to another address", attempt(3, address: "'mine'"), "an attempt pays prepared payments of its batch"),
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
    ("an item more once it is built", attempt(3) + "; \(built); INSERT INTO attempt_payments VALUES (9, 1, 2, 9, 'a', '1')", "attempt"),
    ("the same transaction twice", attempt(3) + "; " + built.replacing("ffff", with: "eeee"), "UNIQUE constraint"),
    ("an amount of nothing", payout(1, amount: "'0'"), "CHECK constraint"),
    ("an amount that is no number", payout(1, amount: "'1e9'"), "CHECK constraint"),
    ("an item in a payment of another address", payout(1, address: "'mine'"), approved),
    ("an item in a payment of another coin", payout(1, coin: "'LTC'"), approved),
    ("an item in a payment on another network", payout(1, chain: "'Tron'").replacing("network IS NULL", with: "0"), approved),
    ("an item in a payment with a tag", payout(1, tag: "'7'"), approved),
    ("an item more in a payment of before", "\(act); \(part(1, batch: 1))", approved),
    (
      "a payment that lacks an item", payout(1).replacing("8, '1', 1, '80'", with: "8, '1', 2, '80'") + seal, "a payment is the sum of its items (G3)"
    ),
    (
      "a payment of more than its items", payout(1).replacing("8, '1', 1, '80'", with: "8, '2', 1, '80'") + seal,
      "a payment is the sum of its items (G3)"
    ),
    ("a second payment to one destination", payout(1) + "; " + again, "UNIQUE constraint"),
    (
      "a payment more in a batch of before", payout(1).replacing("SELECT 9, 1, 9, 'processor'", with: "SELECT 1, 9, 9, 'processor'"),
      "a payment is written with its batch"
    ),
    ("a doubtful rate that nobody accepted", payout(1, doubtful: 1), "nobody has accepted the doubtful rate (G6)"),
    ("what the processor says it paid, in a batch again", payout(6), "what the processor says it paid of this item is not settled yet (H4)"),
    ("paid by the processor's word alone", move(6, "approved", "paid", txid: "'tx'"), mayNot),
    (
      "paid by another transaction than was accepted",
      "\(act); INSERT INTO settlement_answers VALUES (1, 9, 'accept', 'n'); " + move(6, "approved", "paid", txid: "'ty'").dropFirst(act.count + 2),
      mayNot
    ),
    (
      "paid although it was dismissed",
      "\(act); INSERT INTO settlement_answers VALUES (1, 9, 'dismiss', 'n'); " + move(6, "approved", "paid", txid: "'tx'").dropFirst(act.count + 2),
      mayNot
    ),
    ("an answer without a word", "\(act); INSERT INTO settlement_answers VALUES (1, 9, 'accept', ' ')", "CHECK constraint"),
    (
      "a question about the wallet's",
      "\(act); INSERT INTO settlement_questions VALUES (9, 9, 1, 2, 'paid_before', 'tx', 0, NULL, NULL, NULL)",
      "only what the processor pays is settled by it"
    ),
    ("one item of a payment moved", halfMoved, "the items of a payment move together (G3)"),
    ("another amount of a payout", "UPDATE payouts SET atomic_amount = '1'", "payouts are never changed"),
    ("a payout that is gone", "DELETE FROM payouts", "payouts are never removed"),
    ("a step that is gone", "DELETE FROM attempt_steps", "attempt_steps are never removed"),
    ("another key", "UPDATE attempt_steps SET tx_key = 'x'", "attempt_steps are never changed"),
    ("a row more in an act that is sealed", "INSERT INTO batches VALUES (9, 1, 0, '')", "the act is sealed: it says nothing more"),
  ]

  @Test func `plain SQL`() throws {
    let fixture = try fixture()
    #expect(
      try fixture.column("SELECT state FROM items ORDER BY item_id") == ["approved", "prepared", "prepared", "prepared", "prepared", "approved"])
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
    for table in [
      "payout_acts", "batches", "payments", "payouts", "payout_moves", "settlement_questions", "attempts", "attempt_payments", "attempt_steps",
    ] {
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
    #expect(changes > 70, "\(changes)")
    #expect(try fixture.findings() == [])
  }
}
