import RefundPolicy
public import Storage

/// The tables of payouts (policy H): batches, what each pays, the attempts to send Monero, and what became of it.
///
/// - Rows are only ever added. Each carries the act (`prepare`, `send`, `settle`, `abandon`) that wrote it, and each act ends with a seal.
/// - Only an approved item, as it was approved, becomes a payout (H4); one that is in a batch is no longer approved, so it cannot be in two.
/// - What one destination gets in a batch is one payment (G3): where it goes stands once, with the payment, and its items move together.
/// - An attempt to send is written down before anything is sent; while one may live, no other holds the same item.
///
/// Amounts of coins are decimal digits of their smallest unit, as text: 64 bits do not hold them all.
public enum PayoutSchema {
  public static let migration = Store.Migration(name: "payouts 1", sql: tables + PayoutGuards.sql + views)

  /// Every table with a column `act_id`, by the key in whose order its rows are sealed.
  static let tablesOfActs = [
    ("payout_acts", "act_id"), ("batches", "batch_id"), ("rate_acceptances", "coin, quoted_at, usd"),
    ("payments", "batch_id, payment_no"), ("payouts", "batch_id, item_id"), ("leftovers", "batch_id, item_id"),
    ("payout_moves", "move_id"), ("settlement_questions", "question_id"), ("settlement_answers", "question_id"),
    ("attempts", "attempt_id"), ("attempt_payments", "attempt_id, payment_no"), ("attempt_steps", "attempt_id, step"),
    ("void_batches", "batch_id"), ("accepted_anchors", "hash"), ("other_transfers", "tx_hash"),
  ]

  private static let act = "act_id INTEGER NOT NULL REFERENCES payout_acts DEFERRABLE INITIALLY DEFERRED"
  private static let atomic =
    "TEXT NOT NULL CHECK (length(atomic_amount) BETWEEN 1 AND 39 AND atomic_amount NOT GLOB '*[^0-9]*' AND atomic_amount NOT GLOB '0*')"

  private static let tables =
    """
    CREATE TABLE payout_acts (
      act_id INTEGER PRIMARY KEY,
      act TEXT NOT NULL CHECK (act IN ('prepare', 'send', 'settle', 'abandon', 'recover')),
      acted_at INTEGER NOT NULL,
      actor TEXT NOT NULL,
      -- The run in whose time it falls: the next one. A run's reports tell what was done up to it.
      run_id INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE batches (
      batch_id INTEGER PRIMARY KEY,
      \(act),
      prepared_at INTEGER NOT NULL,
      -- The upload templates written with it, joined by +.
      profiles TEXT NOT NULL
    ) STRICT;

    -- Doubtful rates that a person lets pay (G6): this value of this quote, and why it was doubtful.
    CREATE TABLE rate_acceptances (
      coin TEXT NOT NULL,
      quoted_at INTEGER NOT NULL,
      usd TEXT NOT NULL,
      \(act),
      doubt TEXT NOT NULL,
      PRIMARY KEY (coin, quoted_at, usd)
    ) STRICT, WITHOUT ROWID;

    -- What one destination gets in a batch, at once: the sum of its payouts (G3).
    CREATE TABLE payments (
      batch_id INTEGER NOT NULL REFERENCES batches,
      -- From 1: the payment's id is P, the batch and this.
      payment_no INTEGER NOT NULL CHECK (payment_no >= 1),
      \(act),
      route TEXT NOT NULL CHECK (route IN ('monero', 'processor')),
      coin TEXT NOT NULL,
      -- The network by its name, and whether the facts may leave it empty.
      chain TEXT NOT NULL,
      is_own_chain INTEGER NOT NULL CHECK (is_own_chain IN (0, 1)),
      address TEXT NOT NULL,
      tag TEXT CHECK (tag <> ''),
      decimals INTEGER NOT NULL CHECK (decimals BETWEEN 0 AND 18),
      atomic_amount \(atomic),
      item_count INTEGER NOT NULL CHECK (item_count >= 1),
      rate_usd TEXT NOT NULL,
      rate_quoted_at INTEGER NOT NULL,
      -- Which price it was (bid, ask, mid, last), as far as it is known, and where it came from.
      rate_side TEXT NOT NULL,
      rate_source TEXT NOT NULL,
      PRIMARY KEY (batch_id, payment_no)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX payment_of_destination ON payments (batch_id, coin, chain, address, ifnull(tag, ''));

    -- The refunds in a payment: the amount is locked here (H2).
    CREATE TABLE payouts (
      batch_id INTEGER NOT NULL REFERENCES batches,
      item_id INTEGER NOT NULL REFERENCES items,
      \(act),
      payment_no INTEGER NOT NULL,
      -- The approved version of the item.
      version INTEGER NOT NULL,
      order_id TEXT NOT NULL,
      network TEXT,
      -- Its part of the payment.
      atomic_amount \(atomic),
      amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
      -- What the rate was measured by, and whether a person had to accept it (G6).
      rate_check TEXT NOT NULL,
      is_rate_doubtful INTEGER NOT NULL CHECK (is_rate_doubtful IN (0, 1)),
      PRIMARY KEY (batch_id, item_id),
      FOREIGN KEY (batch_id, payment_no) REFERENCES payments
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX payout_of_version ON payouts (item_id, version);
    CREATE INDEX payout_of_payment ON payouts (batch_id, payment_no);

    -- Approved items that a batch left behind, and why.
    CREATE TABLE leftovers (
      batch_id INTEGER NOT NULL REFERENCES batches,
      item_id INTEGER NOT NULL REFERENCES items,
      \(act),
      order_id TEXT NOT NULL,
      coin TEXT NOT NULL,
      network TEXT,
      amount_cents INTEGER NOT NULL,
      reason TEXT NOT NULL,
      PRIMARY KEY (batch_id, item_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX leftover_of_item ON leftovers (item_id);

    -- Each step of an item between approved and paid: it makes the item's next version.
    CREATE TABLE payout_moves (
      move_id INTEGER PRIMARY KEY,
      \(act),
      -- The run in whose time it falls: the next one.
      run_id INTEGER NOT NULL,
      batch_id INTEGER NOT NULL,
      item_id INTEGER NOT NULL,
      -- The version that it moved.
      version INTEGER NOT NULL,
      state_before TEXT NOT NULL,
      state_after TEXT NOT NULL,
      txid TEXT,
      settled_at INTEGER,
      -- Of the whole payment; with its first item.
      fee_cents INTEGER CHECK (fee_cents >= 0),
      note TEXT,
      digest BLOB NOT NULL CHECK (length(digest) = 16),
      FOREIGN KEY (batch_id, item_id) REFERENCES payouts
    ) STRICT;
    CREATE UNIQUE INDEX payout_move_of_item ON payout_moves (item_id, version);
    CREATE INDEX payout_move_of_run ON payout_moves (run_id);

    -- What the processor says of a payment and a person has to look at: it paid something else than was locked, it paid what had been
    -- taken back, or it paid a second time. While it is open, nothing of the payment's items is prepared again.
    CREATE TABLE settlement_questions (
      question_id INTEGER PRIMARY KEY,
      \(act),
      batch_id INTEGER NOT NULL,
      payment_no INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('differs', 'taken_back', 'paid_before')),
      txid TEXT NOT NULL,
      settled_at INTEGER NOT NULL,
      fee_cents INTEGER CHECK (fee_cents >= 0),
      -- As the processor wrote them; null where it did not.
      amount TEXT,
      coin TEXT,
      FOREIGN KEY (batch_id, payment_no) REFERENCES payments
    ) STRICT;
    CREATE INDEX question_of_payment ON settlement_questions (batch_id, payment_no);
    CREATE TABLE settlement_answers (
      question_id INTEGER PRIMARY KEY REFERENCES settlement_questions,
      \(act),
      answer TEXT NOT NULL CHECK (answer IN ('accept', 'dismiss')),
      note TEXT NOT NULL CHECK (length(trim(note)) > 0)
    ) STRICT;

    -- One transaction of Monero, from before it is built, and the payments in it, each of them whole.
    CREATE TABLE attempts (
      attempt_id INTEGER PRIMARY KEY,
      \(act),
      batch_id INTEGER NOT NULL REFERENCES batches
    ) STRICT;
    CREATE TABLE attempt_payments (
      attempt_id INTEGER NOT NULL REFERENCES attempts,
      batch_id INTEGER NOT NULL,
      payment_no INTEGER NOT NULL,
      \(act),
      address TEXT NOT NULL,
      atomic_amount \(atomic),
      PRIMARY KEY (attempt_id, payment_no),
      FOREIGN KEY (batch_id, payment_no) REFERENCES payments
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX attempt_of_payment ON attempt_payments (batch_id, payment_no);
    -- built: what the wallet made, kept before it is relayed. relayed: handed to the network. confirmed: ten blocks deep, and proved by its key.
    -- stuck: a person is needed. dead: it can never confirm.
    CREATE TABLE attempt_steps (
      attempt_id INTEGER NOT NULL REFERENCES attempts,
      step TEXT NOT NULL CHECK (step IN ('built', 'relayed', 'confirmed', 'stuck', 'dead')),
      \(act),
      stepped_at INTEGER NOT NULL,
      tx_hash TEXT,
      tx_metadata TEXT,
      tx_blob TEXT,
      tx_key TEXT,
      -- Joined by +.
      key_images TEXT,
      fee_atomic TEXT,
      note TEXT,
      PRIMARY KEY (attempt_id, step),
      CHECK (step <> 'built' OR (length(tx_hash) = 64 AND length(tx_key) > 0 AND length(key_images) >= 64)),
      -- One that was taken back from the wallet cannot be relayed again.
      CHECK (step <> 'built' OR ifnull(length(tx_metadata), 0) > 0 OR note IS NOT NULL),
      CHECK (step NOT IN ('stuck', 'dead') OR length(note) > 0)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX attempt_of_hash ON attempt_steps (tx_hash) WHERE step = 'built';

    -- After a backup was restored: published batches that this ledger does not know, and of which a person says that nothing was paid or will be.
    CREATE TABLE void_batches (
      batch_id INTEGER PRIMARY KEY,
      \(act),
      note TEXT NOT NULL CHECK (length(trim(note)) > 0)
    ) STRICT;
    -- What the ledger had done before it was restored, by the anchors it left: everything that matters of it was taken back, or a person says why not.
    -- Numbers go on after the highest of them.
    CREATE TABLE accepted_anchors (
      hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
      \(act),
      seal_id INTEGER NOT NULL,
      batch_number INTEGER NOT NULL,
      attempt_number INTEGER NOT NULL,
      note TEXT
    ) STRICT, WITHOUT ROWID;
    -- Transfers of the seller's wallet that no attempt made: a person says what they are.
    CREATE TABLE other_transfers (
      tx_hash TEXT PRIMARY KEY NOT NULL CHECK (length(tx_hash) = 64),
      \(act),
      note TEXT NOT NULL CHECK (length(trim(note)) > 0)
    ) STRICT, WITHOUT ROWID;

    -- The folders of reports that this ledger has written to: anchors are looked for in each.
    CREATE TABLE report_folders (path TEXT PRIMARY KEY NOT NULL) STRICT, WITHOUT ROWID;

    -- The batches whose folder stands complete.
    CREATE TABLE published_batches (batch_id INTEGER PRIMARY KEY REFERENCES batches) STRICT;

    """
    + tablesOfActs.dropFirst().map { "CREATE INDEX \($0.0)_of_act ON \($0.0) (act_id);\n" }.joined()

  /// The id of a payment as it is written, in SQL.
  private static func paymentID(_ batch: String, _ number: String) -> String { "'P' || printf('%06d-%04d', \(batch), \(number))" }

  private static let views = """
    CREATE VIEW payout_list AS
    SELECT 'B' || printf('%06d', p.batch_id) AS batch, \(paymentID("p.batch_id", "p.payment_no")) AS payment,
      'R' || printf('%09d', p.item_id) AS item, p.order_id, i.state, m.route, m.coin, p.network,
      m.address, m.tag, p.atomic_amount, m.decimals, printf('%d.%02d', p.amount_cents / 100, p.amount_cents % 100) AS amount_usd,
      m.rate_usd, datetime(m.rate_quoted_at, 'unixepoch') AS rate_quoted_at
    FROM payouts AS p JOIN payments AS m USING (batch_id, payment_no) JOIN items AS i USING (item_id);

    """

  /// What people and the processor did with payouts, as the view `log` shows it.
  static let log = """
    SELECT datetime(acted_at, 'unixepoch'), run_id, actor, 'rate accepted', coin, doubt,
      usd || ' USD, quoted at ' || datetime(quoted_at, 'unixepoch'), NULL, (SELECT machine FROM seals WHERE kind = 'payout' AND subject = act_id)
    FROM rate_acceptances JOIN payout_acts USING (act_id)
    UNION ALL SELECT datetime(acted_at, 'unixepoch'), c.run_id, actor, 'payout ' || act, 'R' || printf('%09d', item_id), state_before, state_after,
      coalesce(note, txid), (SELECT machine FROM seals WHERE kind = 'payout' AND subject = act_id)
    FROM payout_moves JOIN payout_acts AS c USING (act_id)
    UNION ALL SELECT datetime(acted_at, 'unixepoch'), run_id, actor, 'settlement kept for a person', \(paymentID("batch_id", "payment_no")), NULL,
      CASE kind WHEN 'differs' THEN 'paid otherwise' WHEN 'taken_back' THEN 'paid although taken back' ELSE 'paid a second time' END, txid,
      (SELECT machine FROM seals WHERE kind = 'payout' AND subject = act_id)
    FROM settlement_questions JOIN payout_acts USING (act_id)
    UNION ALL SELECT datetime(acted_at, 'unixepoch'), run_id, actor, 'settlement: ' || answer, \(paymentID("q.batch_id", "q.payment_no")), NULL,
      q.txid, a.note, (SELECT machine FROM seals WHERE kind = 'payout' AND subject = c.act_id)
    FROM settlement_answers AS a JOIN settlement_questions AS q USING (question_id) JOIN payout_acts AS c ON c.act_id = a.act_id
    """
}
