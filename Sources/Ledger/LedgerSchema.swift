package import Storage

/// The tables of the ledger, with its invariants in them: SQLite is trusted more than this program.
///
/// - No service day of a period is held by two items: `stretches` is keyed by period and first day, and a trigger refuses any overlap.
/// - An item's amount is the sum of its stretches, and never above its base; what is committed for a period never exceeds its base (P5).
/// - What is decided stays: a trigger refuses to change days or amounts of an item that is not pending or held.
/// - What a run said of items, requests and exceptions is kept for good: `run_changes`, the `former_` tables, `request_decisions`, `exceptions`.
///
/// Days are days since 1970-01-01, instants seconds since then, money is in cents. The views `item_days` and `item_list` show them as people write them.
package enum LedgerSchema {
  package static let migration = Store.Migration(name: "ledger 1", sql: tables + guards + views)

  private static let itemColumns = """
    order_id TEXT NOT NULL,
    period_id TEXT NOT NULL,
    coin TEXT NOT NULL,
    network TEXT,
    opened_on INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending','held','approved','rejected','withdrawn','prepared','sent','paid')),
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)),
    amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
    day_count INTEGER NOT NULL CHECK (day_count >= 0),
    first_day INTEGER,
    last_day INTEGER,
    base_cents INTEGER NOT NULL,
    period_days INTEGER NOT NULL CHECK (period_days >= 1),
    causes INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    due_on INTEGER NOT NULL,
    address TEXT,
    tag TEXT,
    -- The run that made this version of the item.
    run_id INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    CHECK (amount_cents <= base_cents),
    CHECK ((day_count = 0) = (first_day IS NULL) AND (first_day IS NULL) = (last_day IS NULL)),
    CHECK (first_day IS NULL OR (first_day <= last_day AND day_count <= last_day - first_day + 1)),
    CHECK ((state = 'withdrawn') = (day_count = 0))
    """

  private static let tables = """
    CREATE TABLE settings (
      effective_from INTEGER PRIMARY KEY,
      numbers TEXT NOT NULL
    ) STRICT;

    CREATE TABLE runs (
      run_id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('nightly', 'rerun')),
      business_day INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL,
      orders_looked_at INTEGER NOT NULL,
      opening_count INTEGER NOT NULL, opening_cents INTEGER NOT NULL,
      opened_count INTEGER NOT NULL, opened_cents INTEGER NOT NULL,
      increased_count INTEGER NOT NULL, increased_cents INTEGER NOT NULL,
      reduced_count INTEGER NOT NULL, reduced_cents INTEGER NOT NULL,
      withdrawn_count INTEGER NOT NULL, withdrawn_cents INTEGER NOT NULL,
      approved_count INTEGER NOT NULL, approved_cents INTEGER NOT NULL,
      rejected_count INTEGER NOT NULL, rejected_cents INTEGER NOT NULL,
      reopened_count INTEGER NOT NULL, reopened_cents INTEGER NOT NULL,
      closing_count INTEGER NOT NULL, closing_cents INTEGER NOT NULL,
      CHECK (opening_cents + opened_cents + increased_cents - reduced_cents - withdrawn_cents - approved_cents - rejected_cents
             + reopened_cents = closing_cents),
      CHECK (opening_count + opened_count - withdrawn_count - approved_count - rejected_count + reopened_count = closing_count)
    ) STRICT;
    CREATE UNIQUE INDEX run_of_night ON runs (business_day) WHERE kind = 'nightly';

    -- The runs whose report folder stands complete.
    CREATE TABLE published (run_id INTEGER PRIMARY KEY REFERENCES runs) STRICT;

    CREATE TABLE items (
      item_id INTEGER PRIMARY KEY,
      \(itemColumns)
    ) STRICT;
    CREATE INDEX item_of_order ON items (order_id);
    CREATE INDEX item_undecided ON items (item_id) WHERE state IN ('pending', 'held');
    CREATE UNIQUE INDEX item_undecided_of_period ON items (period_id) WHERE state IN ('pending', 'held');

    -- What items were before a later run or a person changed them; `until_run` made the next version.
    CREATE TABLE former_items (
      item_id INTEGER NOT NULL,
      until_run INTEGER NOT NULL,
      \(itemColumns),
      PRIMARY KEY (item_id, version)
    ) STRICT, WITHOUT ROWID;

    -- The days items hold: unbroken stretches, both ends included, of one cause and evidence.
    CREATE TABLE stretches (
      period_id TEXT NOT NULL,
      first_day INTEGER NOT NULL,
      last_day INTEGER NOT NULL CHECK (last_day >= first_day),
      item_id INTEGER NOT NULL,
      cause INTEGER NOT NULL,
      evidence TEXT NOT NULL,
      amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
      PRIMARY KEY (period_id, first_day)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE former_stretches (
      item_id INTEGER NOT NULL,
      version INTEGER NOT NULL,
      first_day INTEGER NOT NULL,
      last_day INTEGER NOT NULL,
      cause INTEGER NOT NULL,
      evidence TEXT NOT NULL,
      amount_cents INTEGER NOT NULL,
      PRIMARY KEY (item_id, version, first_day)
    ) STRICT, WITHOUT ROWID;

    -- What a run opened, restated or withdrew.
    CREATE TABLE run_changes (
      run_id INTEGER NOT NULL REFERENCES runs DEFERRABLE INITIALLY DEFERRED,
      item_id INTEGER NOT NULL,
      change TEXT NOT NULL CHECK (change IN ('opened', 'restated', 'withdrawn')),
      before_cents INTEGER NOT NULL,
      after_cents INTEGER NOT NULL,
      PRIMARY KEY (run_id, item_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE request_decisions (
      run_id INTEGER NOT NULL,
      request_id TEXT NOT NULL,
      order_id TEXT,
      requested_at INTEGER NOT NULL,
      decision TEXT NOT NULL CHECK (decision IN ('granted', 'partly_granted', 'waiting', 'denied', 'unmatched')),
      clause TEXT NOT NULL,
      item_ids TEXT NOT NULL,
      explanation TEXT NOT NULL,
      PRIMARY KEY (run_id, request_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX decision_of_request ON request_decisions (request_id, run_id);

    CREATE TABLE exceptions (
      exception_id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('withdrawn_without_record', 'unmatched_request', 'not_owed', 'overpaid', 'underpaid')),
      subject TEXT NOT NULL,
      order_id TEXT,
      period_id TEXT,
      amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
      explanation TEXT NOT NULL,
      opened_run INTEGER NOT NULL,
      closed_run INTEGER CHECK (closed_run > opened_run)
    ) STRICT;
    CREATE UNIQUE INDEX exception_open ON exceptions (kind, subject) WHERE closed_run IS NULL;

    """

  private static let committed = "('approved', 'prepared', 'sent', 'paid')"

  private static let guards = """
    CREATE TRIGGER stretch_overlaps BEFORE INSERT ON stretches
    WHEN EXISTS (SELECT 1 FROM stretches AS other
                 WHERE other.period_id = NEW.period_id AND other.first_day <= NEW.last_day AND other.last_day >= NEW.first_day)
    BEGIN SELECT RAISE(ABORT, 'a service day of the period is held by an item already (P5)'); END;

    CREATE TRIGGER stretch_is_fixed BEFORE UPDATE ON stretches
    BEGIN SELECT RAISE(ABORT, 'the days of an item are replaced, never edited'); END;

    CREATE TRIGGER stretch_is_decided BEFORE DELETE ON stretches
    WHEN (SELECT state FROM items WHERE item_id = OLD.item_id) NOT IN ('pending', 'held')
    BEGIN SELECT RAISE(ABORT, 'the item is decided: its days stay'); END;

    CREATE TRIGGER stretch_of_decided BEFORE INSERT ON stretches
    WHEN (SELECT state FROM items WHERE item_id = NEW.item_id) NOT IN ('pending', 'held')
    BEGIN SELECT RAISE(ABORT, 'the item is decided: it takes no more days'); END;

    CREATE TRIGGER item_opens BEFORE INSERT ON items
    WHEN NEW.state <> 'pending' OR NEW.amount_cents = 0
      OR NEW.amount_cents <> (SELECT coalesce(sum(amount_cents), 0) FROM stretches WHERE period_id = NEW.period_id AND item_id = NEW.item_id)
    BEGIN SELECT RAISE(ABORT, 'an item opens pending, with the sum of its days'); END;

    CREATE TRIGGER item_changes BEFORE UPDATE ON items
    WHEN NEW.item_id <> OLD.item_id OR NEW.order_id <> OLD.order_id OR NEW.period_id <> OLD.period_id OR NEW.opened_on <> OLD.opened_on
      OR NEW.amount_cents <> (SELECT coalesce(sum(amount_cents), 0) FROM stretches WHERE period_id = NEW.period_id AND item_id = NEW.item_id)
      OR (OLD.state NOT IN ('pending', 'held') AND (NEW.amount_cents, NEW.day_count, NEW.base_cents, NEW.causes)
          <> (OLD.amount_cents, OLD.day_count, OLD.base_cents, OLD.causes))
      OR (OLD.state IN ('withdrawn', 'paid') AND NEW.state <> OLD.state)
      OR NEW.version <> OLD.version + 1
    BEGIN SELECT RAISE(ABORT, 'an item keeps its order, period and decided amount, and is the sum of its days'); END;

    CREATE TRIGGER item_commits BEFORE UPDATE OF state ON items
    WHEN NEW.state IN \(committed) AND OLD.state NOT IN \(committed)
      AND NEW.amount_cents + (SELECT coalesce(sum(s.amount_cents), 0) FROM stretches AS s JOIN items AS i USING (item_id)
                              WHERE s.period_id = NEW.period_id AND i.item_id <> NEW.item_id AND i.state IN \(committed))
        > NEW.base_cents
    BEGIN SELECT RAISE(ABORT, 'more would be committed than the base of the period (P5)'); END;

    CREATE TRIGGER item_stays BEFORE DELETE ON items
    BEGIN SELECT RAISE(ABORT, 'an item is never removed'); END;

    """
    + ["former_items", "former_stretches", "run_changes", "request_decisions", "runs", "settings"].map { table in
      """
      CREATE TRIGGER \(table)_stay BEFORE DELETE ON \(table) BEGIN SELECT RAISE(ABORT, '\(table) are never removed'); END;
      CREATE TRIGGER \(table)_fixed BEFORE UPDATE ON \(table) BEGIN SELECT RAISE(ABORT, '\(table) are never changed'); END;

      """
    }.joined()

  private static let views = """
    CREATE VIEW item_list AS
    SELECT 'R' || printf('%09d', item_id) AS item, order_id, period_id, state,
      printf('%d.%02d', amount_cents / 100, amount_cents % 100) AS amount_usd, day_count AS days,
      date(first_day * 86400, 'unixepoch') AS first_day, date(last_day * 86400, 'unixepoch') AS last_day, coin, network, run_id AS run, version
    FROM items;

    CREATE VIEW item_days AS
    SELECT 'R' || printf('%09d', item_id) AS item, period_id, date(first_day * 86400, 'unixepoch') AS first_day,
      date(last_day * 86400, 'unixepoch') AS last_day, evidence, printf('%d.%02d', amount_cents / 100, amount_cents % 100) AS amount_usd
    FROM stretches;

    """
}
