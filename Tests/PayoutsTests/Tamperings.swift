import Testing

/// What somebody with the sqlite3 shell may try, and the steps that each must stop at least.
struct Tampering: Sendable, CustomTestStringConvertible {
  var name: String
  var sql: String
  var stops: Set<TamperedLedger.Step>

  init(_ name: String, _ sql: String, _ stops: TamperedLedger.Step...) { (self.name, self.sql, self.stops) = (name, sql, Set(stops)) }

  var testDescription: String { name }

  static let all = items + decisions + runs + facts + payouts + seals

  /// The item of an order.
  private static func item(_ number: Int) -> String { "(SELECT item_id FROM items WHERE order_id = 'O-\(number)')" }
  private static func ofItem(_ number: Int) -> String { "WHERE item_id = \(item(number))" }
  private static let mine = "'\(Addresses.tron[1])'"
  private static let counted = "version = version + 1, revision = revision + 1"

  private static func newItem(_ state: String) -> String {
    """
    INSERT INTO stretches SELECT 'P-new', first_day, last_day, 900, cause, evidence, amount_cents, base_cents FROM stretches \(ofItem(5));
    INSERT INTO items SELECT 900, order_id, 'P-new', coin, network, opened_on, '\(state)', automatic, amount_cents, day_count, first_day, last_day,
      base_cents, paid_cents, period_first, period_days, causes, flags, due_on, address, tag, (SELECT max(run_id) + 1 FROM runs), 1, 1, NULL,
      asked_network FROM items \(ofItem(5))
    """
  }

  private static let items = [
    Tampering("another address for an approved refund", "UPDATE items SET address = \(mine) \(ofItem(5))", .prepare, .run),
    Tampering("the same as a new version", "UPDATE items SET address = \(mine), \(counted) \(ofItem(5))", .prepare, .run),
    Tampering("one bit of an address", "UPDATE items SET address = replace(address, 'T', 'U') \(ofItem(5))", .prepare),
    Tampering("a tag for an approved refund", "UPDATE items SET tag = '7', \(counted) \(ofItem(5))", .prepare),
    Tampering("another coin for an approved refund", "UPDATE items SET coin = 'USDC', \(counted) \(ofItem(5))", .prepare),
    Tampering("another network for an approved refund", "UPDATE items SET network = 'Ethereum', \(counted) \(ofItem(5))", .prepare),
    Tampering("another network that was asked for", "UPDATE items SET asked_network = 'Tron', version = version + 1 \(ofItem(5))", .prepare),
    Tampering("another address for a prepared refund", "UPDATE items SET address = \(mine), \(counted) \(ofItem(2))", .send),
    Tampering("an amount of an approved refund", "UPDATE items SET amount_cents = amount_cents + 1 \(ofItem(5))", .prepare),
    Tampering(
      "an amount with its days",
      "UPDATE stretches SET amount_cents = amount_cents + 1 \(ofItem(5)); UPDATE items SET amount_cents = amount_cents + 1 \(ofItem(5))", .prepare),
    Tampering("a refund approved by hand", "UPDATE items SET state = 'approved', version = version + 1 \(ofItem(7))", .prepare, .run),
    Tampering("a paid refund approved again", "UPDATE items SET state = 'approved', version = version + 1 \(ofItem(1))", .prepare, .send),
    Tampering("an approval by the policy", "UPDATE items SET automatic = 1, state = 'approved', version = version + 1 \(ofItem(7))", .prepare),
    Tampering("two approvals not needed", "UPDATE items SET flags = 0, version = version + 1 \(ofItem(9))", .prepare),
    Tampering("more paid than was", "UPDATE items SET paid_cents = 100000, version = version + 1 \(ofItem(5))", .prepare),
    Tampering("another base", "UPDATE items SET base_cents = 100000, version = version + 1 \(ofItem(7))", .run),
    Tampering("another order's refund", "UPDATE items SET order_id = 'O-12' \(ofItem(5))", .prepare),
    Tampering("another period's refund", "UPDATE items SET period_id = 'P-12' \(ofItem(5))", .prepare),
    Tampering("a refund more, pending", newItem("pending"), .run),
    Tampering("a refund more, approved", newItem("approved"), .prepare, .run),
    Tampering("a refund that is gone", "DELETE FROM items \(ofItem(5))", .prepare, .run),
    Tampering("the days of a refund", "UPDATE stretches SET last_day = last_day - 1 \(ofItem(5))", .prepare),
    Tampering("the cause of days", "UPDATE stretches SET cause = cause + 1 \(ofItem(5))", .prepare),
    Tampering("the evidence of days", "UPDATE stretches SET evidence = 'outage:X-9' \(ofItem(5))", .prepare),
    Tampering(
      "a day more",
      "INSERT INTO stretches SELECT period_id, first_day + 20, first_day + 20, item_id, cause, evidence, 100, base_cents FROM stretches \(ofItem(5))",
      .prepare),
    Tampering("days that are gone", "DELETE FROM stretches \(ofItem(5))", .prepare),
    Tampering("an address of before", "UPDATE former_items SET address = \(mine) \(ofItem(5))", .prepare),
    Tampering("a version of before that is gone", "DELETE FROM former_items \(ofItem(5)) AND version = 1", .prepare),
    Tampering("days of before", "UPDATE former_stretches SET amount_cents = amount_cents + 1 \(ofItem(6))", .prepare),
    Tampering("days of before that are gone", "DELETE FROM former_stretches \(ofItem(6))", .prepare),
  ]

  private static func forged(_ id: Int, _ number: Int, by name: String, to state: String = "approved") -> String {
    """
    INSERT INTO reviews SELECT \(id), (SELECT max(run_id) + 1 FROM runs), 1795500000, '\(name)', '\(name)', item_id, version, revision, 'approve',
      NULL, state, '\(state)', amount_cents, amount_cents, zeroblob(16), NULL FROM items \(ofItem(number));
    UPDATE items SET state = '\(state)', version = version + 1, run_id = (SELECT max(run_id) + 1 FROM runs), review_id = \(id) \(ofItem(number))
    """
  }

  private static let decisions = [
    Tampering("a forged approval", forged(900, 7, by: "ann"), .prepare, .run),
    Tampering("two forged approvals", forged(900, 7, by: "ann", to: "pending") + ";" + forged(901, 7, by: "bob"), .prepare, .run),
    Tampering("another reviewer's name", "UPDATE reviews SET reviewer = 'eve' \(ofItem(5))", .prepare),
    Tampering("another reviewer", "UPDATE reviews SET reviewer = 'eve', reviewer_key = 'eve' \(ofItem(9)) AND reviewer = 'bob'", .prepare),
    Tampering("another decision", "UPDATE reviews SET decision = 'hold' \(ofItem(5))", .prepare),
    Tampering("another version decided", "UPDATE reviews SET version = version + 1 \(ofItem(5))", .prepare),
    Tampering("another note", "UPDATE reviews SET note = 'fine' \(ofItem(5))", .prepare),
    Tampering("a review that is gone", "DELETE FROM reviews \(ofItem(5))", .prepare),
    Tampering("one of two approvals that is gone", "DELETE FROM reviews \(ofItem(9)) AND reviewer = 'ann'", .prepare),
    Tampering("a higher limit for two approvals", "UPDATE settings SET second_approval_cents = 10000000", .prepare, .run),
    Tampering("another setting", "UPDATE settings SET numbers = replace(numbers, '500.00', '900.00')", .prepare, .run),
    Tampering("settings that are gone", "DELETE FROM settings", .prepare, .run),
    Tampering(
      "settings that nobody said",
      """
      INSERT INTO settings SELECT 1795600000, numbers, 99999999, night_limit_items, night_limit_cents, said_at, said_by, note, 1 FROM settings LIMIT 1
      """, .prepare, .run),
  ]

  private static let runs = [
    Tampering("a run's totals", "UPDATE runs SET recorded_at = recorded_at + 1", .prepare, .run),
    Tampering("a run that is gone", "DELETE FROM runs WHERE run_id = (SELECT max(run_id) FROM runs)", .prepare, .run, .send),
    Tampering("a closed date", "UPDATE runs SET business_day = business_day + 1 WHERE run_id = (SELECT max(run_id) FROM runs)", .prepare, .run),
    Tampering("what a run changed", "UPDATE run_changes SET after_cents = after_cents + 1 \(ofItem(5))", .prepare),
    Tampering("how a run proved it", "UPDATE run_changes SET digest = zeroblob(16) \(ofItem(5))", .prepare),
    Tampering("what a run changed that is gone", "DELETE FROM run_changes \(ofItem(5))", .prepare),
    Tampering("what a request was told", "UPDATE request_decisions SET decision = 'granted' WHERE request_id = 'R-5'", .prepare),
    Tampering("a higher base", "UPDATE period_bases SET base_cents = 100000", .prepare),
    Tampering("a base that is gone", "DELETE FROM period_bases", .prepare),
    Tampering("a base that no run noted", "INSERT INTO period_bases VALUES ('P-7', 1, 100000)", .prepare),
    Tampering(
      "what is not owed closed", "UPDATE exceptions SET closed_run = (SELECT max(run_id) FROM runs) WHERE kind = 'not_owed' AND closed_run IS NULL",
      .prepare, .run, .send),
    Tampering("what is not owed that is gone", "DELETE FROM exceptions WHERE kind = 'not_owed'", .prepare, .run, .send),
    Tampering("what is not owed of another item", "UPDATE exceptions SET subject = 'R000000999' WHERE kind = 'not_owed'", .prepare, .run, .send),
    Tampering("an item on a sheet", "UPDATE sheets SET items = replace(items, '\"O-12\"', '\"O-13\"')", .run),
    Tampering("a sheet with its digest", "UPDATE sheets SET items = replace(items, 'X-1', 'X-9'), digest = zeroblob(16)", .run, .prepare),
    Tampering("an item of a sheet hidden", "UPDATE sheets SET left_count = 0, left_cents = 0", .run),
    Tampering(
      "one item of a sheet hidden",
      "UPDATE sheets SET left_count = left_count - 1, left_cents = max(left_cents - 290, left_count - 1) WHERE left_count > 0", .run),
    Tampering("a sheet that is gone", "DELETE FROM sheets", .run, .prepare),
    Tampering("when an order is looked at that is gone", "DELETE FROM agenda", .run),
  ]

  private static let facts = [
    Tampering(
      "an outage that nobody imported",
      "INSERT INTO outages SELECT 'X-9', origin, scope, scope_value, started_at, ended_at + 864000, 0, 1 FROM outages WHERE outage_id = 'X-1'",
      .run),
    Tampering("the end of an outage", "UPDATE outages SET ended_at = ended_at + 1048576 WHERE outage_id = 'X-1'", .run),
    Tampering("the seller's own outage", "UPDATE outages SET origin = 'infrastructure' WHERE outage_id = 'X-0'", .run),
    Tampering("the scope of an outage", "UPDATE outages SET scope = 'platform', scope_value = NULL WHERE outage_id = 'X-2'", .run),
    Tampering("an outage that counts never", "UPDATE outages SET voided = 1 WHERE outage_id = 'X-1'", .run),
    Tampering("an outage that is gone", "DELETE FROM outages WHERE outage_id = 'X-1'", .run),
    Tampering("a withdrawal for good", "UPDATE withdrawals SET reversed_at = NULL", .run),
    Tampering("a withdrawal of everything", "INSERT INTO withdrawals VALUES ('W-9', 'carrier', 'platform', NULL, 1795000000, NULL, 0, 1)", .run),
    Tampering("a feature that was broken longer", "UPDATE feature_faults SET fixed_at = fixed_at + 8640000", .run),
    Tampering("another feature that was broken", "UPDATE feature_faults SET feature = 'voice'", .run),
    Tampering("a feature more for a plan", "INSERT INTO plan_features VALUES ('basic', 'voice', 0, 1)", .run),
    Tampering("a feature less for a plan", "DELETE FROM plan_features", .run),
    Tampering("a feature that counts never", "UPDATE plan_features SET voided = 1", .run),
    Tampering("the address of a request", "UPDATE requests SET address = \(mine) WHERE request_id = 'R-5'", .prepare, .run),
    Tampering("the time of a request", "UPDATE requests SET requested_at = requested_at - 864000 WHERE request_id = 'R-5'", .prepare, .run),
    Tampering("the order of a request", "UPDATE requests SET order_id = 'O-7' WHERE request_id = 'R-5'", .prepare, .run),
    Tampering("the transaction of a request", "UPDATE requests SET txid = 'cd' WHERE request_id = 'R-8'", .send, .run),
    Tampering(
      "a request that nobody made",
      "INSERT INTO requests SELECT 'R-99', order_id, txid, requested_at + 60, channel, \(mine), network, tag, 0, import_id, bucket FROM requests WHERE request_id = 'R-5'",
      .prepare, .run),
    Tampering(
      "the same where nobody looks",
      "INSERT INTO requests SELECT 'R-99', order_id, txid, requested_at + 60, channel, \(mine), network, tag, 0, import_id, bucket + 1 FROM requests WHERE request_id = 'R-5'",
      .prepare, .run),
    Tampering("a request that is gone", "DELETE FROM requests WHERE request_id = 'R-5'", .prepare, .run),
    Tampering("what a run kept of a request", "UPDATE matched_requests SET address = \(mine) WHERE request_id = 'R-5'", .prepare, .run),
    Tampering("a request that a run kept for another order", "UPDATE matched_requests SET order_id = 'O-7' WHERE request_id = 'R-5'", .run),
    Tampering("a request that no run keeps any more", "DELETE FROM matched_requests WHERE request_id = 'R-5'", .run),
    Tampering("a rate", "UPDATE rates SET usd = '75' WHERE coin = 'XMR' AND usd = '149'", .prepare),
    Tampering("a rate of before", "UPDATE rates SET usd = '300' WHERE coin = 'LTC' AND usd = '81'", .prepare),
    Tampering("the time of a rate", "UPDATE rates SET quoted_at = quoted_at + 60 WHERE coin = 'XMR' AND usd = '149'", .prepare),
    Tampering("a rate that counts never", "UPDATE rates SET voided = 1 WHERE coin = 'XMR' AND usd = '149'", .prepare),
    Tampering("a rate that is gone", "DELETE FROM rates WHERE coin = 'LTC' AND usd = '81'", .prepare),
    Tampering(
      "a rate that nobody quoted",
      "INSERT INTO rates SELECT coin, quoted_at + 60, '75', 0, import_id, bucket FROM rates WHERE coin = 'XMR' AND usd = '149'", .prepare),
    Tampering(
      "the same where nobody looks",
      "INSERT INTO rates SELECT coin, quoted_at + 60, '75', 0, import_id, bucket + 1 FROM rates WHERE coin = 'XMR' AND usd = '149'", .prepare),
    Tampering("a rate where nobody looks", "UPDATE rates SET bucket = bucket + 1 WHERE coin = 'XMR' AND usd = '149'", .prepare),
    Tampering("orders", "UPDATE order_blocks SET orders = CAST(substr(orders, 1, length(orders) - 1) || x'01' AS BLOB)", .run),
    Tampering("orders that are gone", "DELETE FROM order_blocks; DELETE FROM block_patches", .run),
    Tampering("changed orders", "UPDATE block_patches SET entries = CAST(substr(entries, 1, length(entries) - 1) || x'7F' AS BLOB)", .run),
    Tampering("changed orders that are gone", "DELETE FROM block_patches", .run),
    Tampering("where records are found", "UPDATE key_pages SET entries = zeroblob(length(entries))", .run),
    Tampering("where records are found, gone", "DELETE FROM key_levels; DELETE FROM key_pages", .run),
    Tampering("an import", "UPDATE imports SET imported_at = imported_at + 86400", .run),
    Tampering("usage that no import brought", "INSERT INTO import_tables VALUES (99, 'usage', 1795700000, 0, 0, 0, 0)", .run),
    Tampering("usage that was bad", "UPDATE import_tables SET rows_rejected = 1 WHERE table_name = 'usage'", .run),
    Tampering("a correction", "UPDATE fact_changes SET before = '{}' WHERE import_id = (SELECT max(import_id) FROM imports)", .run),
    Tampering("a correction that is gone", "DELETE FROM ends_taken_back; DELETE FROM fact_changes", .run),
    Tampering("an end that nobody took back", "DELETE FROM ends_taken_back", .run),
  ]

  private static let act = """
    INSERT INTO payout_acts SELECT 900, 'send', 1795500000, 'eve', max(run_id) + 1 FROM runs
    """

  private static let payouts = [
    Tampering("a locked amount", "UPDATE payments SET atomic_amount = '9' || substr(atomic_amount, 2) WHERE batch_id = 1", .send),
    Tampering(
      "a locked amount with its part",
      """
      UPDATE payments SET atomic_amount = '9' || substr(atomic_amount, 2) WHERE batch_id = 1;
      UPDATE payouts SET atomic_amount = '9' || substr(atomic_amount, 2) WHERE batch_id = 1
      """, .send),
    Tampering("the address of a payment", "UPDATE payments SET address = '\(Addresses.made(77))' \(ofPayment(2))", .send),
    Tampering("the rate of a payment", "UPDATE payments SET rate_usd = '75' \(ofPayment(2))", .send),
    Tampering("the number of a payment's refunds", "UPDATE payments SET item_count = 2 \(ofPayment(2))", .send),
    Tampering("a payment that is gone", "DELETE FROM payouts \(ofItem(2)); DELETE FROM payments \(ofPayment(2))", .send),
    Tampering("a refund's part of a payment", "UPDATE payouts SET atomic_amount = '1' \(ofItem(2))", .send),
    Tampering("the dollars of a payment", "UPDATE payouts SET amount_cents = amount_cents + 1 \(ofItem(2))", .send),
    Tampering("a batch of another act", "UPDATE batches SET prepared_at = prepared_at + 1 WHERE batch_id = 1", .send),
    Tampering("how a refund was prepared", "UPDATE payout_moves SET note = 'x' \(ofItem(2))", .send),
    Tampering("that a refund was prepared", "DELETE FROM payout_moves \(ofItem(2))", .send),
    Tampering("that a refund was taken back", "DELETE FROM payout_moves \(ofItem(3)) AND state_after = 'approved'", .prepare, .send),
    Tampering("a transaction that is gone", "DELETE FROM attempt_steps; DELETE FROM attempt_payments; DELETE FROM attempts", .send),
    Tampering("the transaction that is relayed", "UPDATE attempt_steps SET tx_metadata = 'mine'", .send),
    Tampering("the hash of a transaction", "UPDATE attempt_steps SET tx_hash = '\(String(repeating: "9", count: 64))'", .send),
    Tampering("what a transaction pays", "UPDATE attempt_payments SET atomic_amount = '1'", .send),
    Tampering(
      "a transaction given up",
      """
      \(act); INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at, note) VALUES (1, 'stuck', 900, 0, 'n');
      INSERT INTO attempt_steps (attempt_id, step, act_id, stepped_at, note) VALUES (1, 'dead', 900, 0, 'n')
      """, .send, .prepare, .run),
    Tampering("an answer that nobody gave", "UPDATE settlement_answers SET answer = 'accept'", .prepare, .send),
    Tampering("an answer that is gone", "DELETE FROM settlement_answers", .prepare, .send),
    Tampering("a question that is gone", "DELETE FROM settlement_answers; DELETE FROM settlement_questions", .prepare, .send),
    Tampering("another transaction asked about", "UPDATE settlement_questions SET txid = 'other'", .prepare, .send),
    Tampering("a batch that is void", "INSERT INTO void_batches SELECT 901, act_id, 'n' FROM void_batches", .prepare, .send),
    Tampering("why a batch is void", "UPDATE void_batches SET note = 'n'", .prepare, .send),
    Tampering(
      "an anchor that nobody accepted", "INSERT INTO accepted_anchors SELECT zeroblob(32), act_id, 1, 1, 1, 'n' FROM accepted_anchors", .prepare,
      .send),
    Tampering("a transfer that nobody knows", "UPDATE other_transfers SET tx_hash = '\(String(repeating: "9", count: 64))'", .prepare, .send),
    Tampering("another rate that was accepted", "UPDATE rate_acceptances SET usd = '301'", .prepare),
    Tampering("why a rate was doubtful", "UPDATE rate_acceptances SET doubt = 'none'", .prepare),
    Tampering(
      "who accepted a rate", "UPDATE payout_acts SET actor = 'eve' WHERE act_id = (SELECT act_id FROM rate_acceptances)", .prepare),
    Tampering("an act that nobody did", act, .send, .prepare, .run),
    Tampering("an act that is gone", "DELETE FROM payout_acts WHERE act = 'send'", .send, .prepare, .run),
  ]

  private static func ofPayment(_ number: Int) -> String {
    "WHERE batch_id = 1 AND payment_no = (SELECT payment_no FROM payouts WHERE batch_id = 1 AND item_id = \(item(number)))"
  }

  private static let seals = [
    Tampering("a seal", "UPDATE seals SET actor = 'eve' WHERE seal_id = 5", .send, .prepare),
    Tampering("a seal that is gone", "DELETE FROM seals WHERE seal_id = 5", .send, .prepare),
    Tampering(
      "the last seal gone",
      """
      DELETE FROM seals WHERE seal_id = (SELECT max(seal_id) FROM seals);
      UPDATE seal_head SET (seal_id, hash) = (SELECT seal_id, hash FROM seals ORDER BY seal_id DESC LIMIT 1)
      """, .send, .prepare, .run),
    Tampering("the head of the seals", "UPDATE seal_head SET hash = zeroblob(32)", .send, .prepare, .run),
    Tampering("a root", "UPDATE state_roots SET root = zeroblob(16) WHERE name = 'items'", .send, .prepare, .run),
    Tampering("the number of rows", "UPDATE state_roots SET row_count = row_count - 1 WHERE name = 'items'", .send, .prepare, .run),
    Tampering("digests that are gone", "DELETE FROM digest_pages", .send, .prepare, .run),
    Tampering("the clock that it was made under", "UPDATE ledger_origin SET clock = 'pretended'", .send, .prepare, .run),
  ]
}
