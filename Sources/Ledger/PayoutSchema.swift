import RefundPolicy
public import Storage

/// The tables of payouts (policy H): batches, what each pays, the attempts to send Monero, and what became of it.
///
/// - Rows are only ever added. Each carries the act (`prepare`, `send`, `settle`, `abandon`) that wrote it, and each act ends with a seal.
/// - Only an approved item, as it was approved, becomes a payout (H4); one that is in a batch is no longer approved, so it cannot be in two.
/// - An attempt to send is written down before anything is sent; while one may live, no other holds the same item.
///
/// Amounts of coins are decimal digits of their smallest unit, as text: 64 bits do not hold them all.
public enum PayoutSchema {
  public static let migration = Store.Migration(name: "payouts 1", sql: tables + PayoutGuards.sql + views)

  /// Every table with a column `act_id`, by the key in whose order its rows are sealed.
  static let tablesOfActs = [
    ("payout_acts", "act_id"), ("batches", "batch_id"), ("payouts", "batch_id, item_id"), ("leftovers", "batch_id, item_id"),
    ("payout_moves", "move_id"), ("payout_conflicts", "batch_id, item_id"), ("attempts", "attempt_id"),
    ("attempt_items", "attempt_id, item_id"), ("attempt_steps", "attempt_id, step"), ("void_batches", "batch_id"),
    ("accepted_anchors", "hash"), ("other_transfers", "tx_hash"),
  ]

  private static let act = "act_id INTEGER NOT NULL REFERENCES payout_acts DEFERRABLE INITIALLY DEFERRED"
  private static let atomic =
    "TEXT NOT NULL CHECK (length(atomic_amount) BETWEEN 1 AND 39 AND atomic_amount NOT GLOB '*[^0-9]*' AND atomic_amount <> '0')"

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

    -- What a batch pays: the amount is locked here (H2).
    CREATE TABLE payouts (
      batch_id INTEGER NOT NULL REFERENCES batches,
      item_id INTEGER NOT NULL REFERENCES items,
      \(act),
      -- The approved version of the item.
      version INTEGER NOT NULL,
      order_id TEXT NOT NULL,
      route TEXT NOT NULL CHECK (route IN ('monero', 'processor')),
      coin TEXT NOT NULL,
      network TEXT,
      address TEXT NOT NULL,
      tag TEXT,
      decimals INTEGER NOT NULL CHECK (decimals BETWEEN 0 AND 18),
      atomic_amount \(atomic),
      amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),
      rate_usd TEXT NOT NULL,
      rate_quoted_at INTEGER NOT NULL,
      -- Which price it was (bid, ask, mid, last), as far as it is known, and where it came from.
      rate_side TEXT NOT NULL,
      rate_source TEXT NOT NULL,
      PRIMARY KEY (batch_id, item_id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX payout_of_version ON payouts (item_id, version);

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
      fee_cents INTEGER CHECK (fee_cents >= 0),
      note TEXT,
      digest BLOB NOT NULL CHECK (length(digest) = 16),
      FOREIGN KEY (batch_id, item_id) REFERENCES payouts
    ) STRICT;
    CREATE UNIQUE INDEX payout_move_of_item ON payout_moves (item_id, version);
    CREATE INDEX payout_move_of_run ON payout_moves (run_id);

    -- What the processor says it paid of a payout that was taken back before: such an item is never prepared again.
    CREATE TABLE payout_conflicts (
      batch_id INTEGER NOT NULL,
      item_id INTEGER NOT NULL,
      \(act),
      txid TEXT NOT NULL,
      settled_at INTEGER NOT NULL,
      fee_cents INTEGER,
      PRIMARY KEY (batch_id, item_id),
      FOREIGN KEY (batch_id, item_id) REFERENCES payouts
    ) STRICT, WITHOUT ROWID;

    -- One transaction of Monero, from before it is built.
    CREATE TABLE attempts (
      attempt_id INTEGER PRIMARY KEY,
      \(act),
      batch_id INTEGER NOT NULL REFERENCES batches
    ) STRICT;
    CREATE TABLE attempt_items (
      attempt_id INTEGER NOT NULL REFERENCES attempts,
      item_id INTEGER NOT NULL,
      \(act),
      address TEXT NOT NULL,
      atomic_amount \(atomic),
      PRIMARY KEY (attempt_id, item_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX attempt_of_item ON attempt_items (item_id);
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
      CHECK (step <> 'built' OR (length(tx_hash) = 64 AND length(tx_metadata) > 0 AND length(tx_key) > 0 AND length(key_images) >= 64)),
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

  private static let views = """
    CREATE VIEW payout_list AS
    SELECT 'B' || printf('%06d', p.batch_id) AS batch, 'R' || printf('%09d', p.item_id) AS item, p.order_id, i.state, p.route, p.coin, p.network,
      p.address, p.tag, p.atomic_amount, p.decimals, printf('%d.%02d', p.amount_cents / 100, p.amount_cents % 100) AS amount_usd,
      p.rate_usd, datetime(p.rate_quoted_at, 'unixepoch') AS rate_quoted_at
    FROM payouts AS p JOIN items AS i USING (item_id);

    """
}
