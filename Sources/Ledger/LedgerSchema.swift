import RefundPolicy
public import Storage

/// The tables of the ledger, with its invariants in them: SQLite is trusted more than this program.
///
/// - No service day of a period is held by two items: `stretches` is keyed by period and first day, and a trigger refuses any overlap.
/// - An item's amount is the sum of its stretches, and never above its base; what is committed for a period never exceeds its base (P5).
///   Only a correction by a person (D2) may exceed the base, and never what was paid.
/// - What is decided stays: a trigger refuses to change days or amounts of an item that is not pending or held.
/// - An item changes its state by a run, or by a review whose row says so; approvals above the limit need two people (G1), and what the night
///   limit holds stays held until a person releases it (G2).
/// - What a run said of items, requests and exceptions is kept for good: `run_changes`, `sheets`, the `former_` tables, `request_decisions`,
///   `exceptions`.
/// - What a nightly opens by the thousand stands on ``SheetSchema`` first; rows take an item over before anything can befall it.
///
/// Days are days since 1970-01-01, instants seconds since then, money is in cents. The views `item_days`, `item_list` and `log` show them as
/// people write them.
public enum LedgerSchema {
  public static let migrations = [
    Store.Migration(name: "ledger 1", sql: tables + SheetSchema.tables + LedgerGuards.sql + SheetSchema.guards + views),
    Store.Migration(name: "ledger 1, items taken over", sql: SheetSchema.takeOverGuard),
    Store.Migration(name: "ledger 1, words of sheets", sql: "DROP VIEW item_list; DROP VIEW item_days; DROP VIEW log;\n" + views),
  ]

  private static let itemColumns = """
    order_id TEXT NOT NULL,
    period_id TEXT NOT NULL,
    coin TEXT NOT NULL,
    network TEXT,
    opened_on INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (\(SQL.isOne("state", of: "pending", "held", "approved", "rejected", "withdrawn", "prepared", "sent", "paid"))),
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)),
    amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
    day_count INTEGER NOT NULL CHECK (day_count >= 0),
    first_day INTEGER,
    last_day INTEGER,
    base_cents INTEGER NOT NULL,
    -- All that was paid for the period: a correction never exceeds it (D2).
    paid_cents INTEGER NOT NULL,
    -- The whole period as it was then: its first day and its number of days.
    period_first INTEGER NOT NULL,
    period_days INTEGER NOT NULL CHECK (period_days >= 1),
    causes INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    due_on INTEGER NOT NULL,
    address TEXT,
    tag TEXT,
    -- The run that made this version of the item, or the next one where a review made it.
    run_id INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    -- Counts up where a reviewer would see something else: amount, days or destination.
    revision INTEGER NOT NULL CHECK (revision >= 1),
    -- The review that made this version; null where a run did.
    review_id INTEGER,
    -- The network that the request with the address named.
    asked_network TEXT,
    CHECK (amount_cents <= base_cents OR flags & \(FlagSet.corrected.rawValue) <> 0),
    CHECK ((day_count = 0) = (first_day IS NULL) AND (first_day IS NULL) = (last_day IS NULL)),
    CHECK (first_day IS NULL OR (first_day <= last_day AND day_count <= last_day - first_day + 1)),
    CHECK ((state = 'withdrawn') = (day_count = 0))
    """

  private static let tables = """
    CREATE TABLE settings (
      effective_from INTEGER PRIMARY KEY,
      -- The whole set, as JSON.
      numbers TEXT NOT NULL,
      -- What the guards of the database read of it.
      second_approval_cents INTEGER NOT NULL CHECK (second_approval_cents >= 0),
      night_limit_items INTEGER CHECK (night_limit_items >= 0),
      night_limit_cents INTEGER CHECK (night_limit_cents >= 0),
      said_at INTEGER NOT NULL,
      said_by TEXT NOT NULL CHECK (length(trim(said_by)) BETWEEN 1 AND 100),
      note TEXT,
      -- Whether it takes effect before the day after the last closed date, as that was when it was said.
      rewrites_history INTEGER NOT NULL CHECK (rewrites_history IN (0, 1)),
      CHECK (rewrites_history = 0 OR length(trim(coalesce(note, ''))) > 0)
    ) STRICT;

    -- Who looked at the exceptions that were open: those up to this one are new to nobody.
    CREATE TABLE looks (
      look_id INTEGER PRIMARY KEY,
      exception_id INTEGER NOT NULL,
      seen_by TEXT NOT NULL CHECK (length(trim(seen_by)) BETWEEN 1 AND 100),
      seen_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE runs (
      run_id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('nightly', 'rerun')),
      -- The date that a nightly closed; the last closed one for a rerun.
      business_day INTEGER NOT NULL,
      -- The service days that a rerun decided again, both included.
      first_day INTEGER, last_day INTEGER,
      -- The last import it knew.
      import_id INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL,
      -- The orders to which the policy was applied.
      orders_decided INTEGER NOT NULL,
      opening_count INTEGER NOT NULL, opening_cents INTEGER NOT NULL,
      opened_count INTEGER NOT NULL, opened_cents INTEGER NOT NULL,
      increased_count INTEGER NOT NULL, increased_cents INTEGER NOT NULL,
      reduced_count INTEGER NOT NULL, reduced_cents INTEGER NOT NULL,
      withdrawn_count INTEGER NOT NULL, withdrawn_cents INTEGER NOT NULL,
      approved_count INTEGER NOT NULL, approved_cents INTEGER NOT NULL,
      rejected_count INTEGER NOT NULL, rejected_cents INTEGER NOT NULL,
      reopened_count INTEGER NOT NULL, reopened_cents INTEGER NOT NULL,
      closing_count INTEGER NOT NULL, closing_cents INTEGER NOT NULL,
      -- Approved, prepared or sent, and not paid yet.
      opening_unpaid_count INTEGER NOT NULL, opening_unpaid_cents INTEGER NOT NULL,
      reopened_unpaid_count INTEGER NOT NULL, reopened_unpaid_cents INTEGER NOT NULL,
      paid_count INTEGER NOT NULL, paid_cents INTEGER NOT NULL,
      closing_unpaid_count INTEGER NOT NULL, closing_unpaid_cents INTEGER NOT NULL,
      -- The parts of it that are in a batch, and on their way.
      prepared_count INTEGER NOT NULL, prepared_cents INTEGER NOT NULL,
      sent_count INTEGER NOT NULL, sent_cents INTEGER NOT NULL,
      -- All that was ever paid.
      paid_to_date_count INTEGER NOT NULL, paid_to_date_cents INTEGER NOT NULL,
      CHECK ((kind = 'rerun') = (first_day IS NOT NULL) AND (first_day IS NULL) = (last_day IS NULL)),
      CHECK (opening_cents + opened_cents + increased_cents - reduced_cents - withdrawn_cents - approved_cents - rejected_cents
             + reopened_cents = closing_cents),
      CHECK (opening_count + opened_count - withdrawn_count - approved_count - rejected_count + reopened_count = closing_count),
      CHECK (opening_unpaid_cents + approved_cents - reopened_unpaid_cents - paid_cents = closing_unpaid_cents),
      CHECK (opening_unpaid_count + approved_count - reopened_unpaid_count - paid_count = closing_unpaid_count),
      CHECK (prepared_cents + sent_cents <= closing_unpaid_cents AND prepared_count + sent_count <= closing_unpaid_count),
      CHECK (reopened_unpaid_cents <= reopened_cents AND reopened_unpaid_count <= reopened_count),
      CHECK (paid_cents <= paid_to_date_cents AND paid_count <= paid_to_date_count)
    ) STRICT;
    CREATE UNIQUE INDEX run_of_night ON runs (business_day) WHERE kind = 'nightly';

    -- The facts that came, or were corrected, since the last nightly and have a part in what a rerun changed.
    CREATE TABLE run_facts (
      run_id INTEGER NOT NULL REFERENCES runs DEFERRABLE INITIALLY DEFERRED,
      item_id INTEGER NOT NULL,
      fact TEXT NOT NULL,
      before TEXT,
      after TEXT,
      learnt_at INTEGER NOT NULL,
      PRIMARY KEY (run_id, item_id, fact, learnt_at)
    ) STRICT, WITHOUT ROWID;

    -- The base of a period as a run worked it out, where an item was decided under another one: what is committed later must fit the last.
    CREATE TABLE period_bases (
      period_id TEXT NOT NULL,
      run_id INTEGER NOT NULL REFERENCES runs DEFERRABLE INITIALLY DEFERRED,
      base_cents INTEGER NOT NULL,
      PRIMARY KEY (period_id, run_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX base_of_run ON period_bases (run_id);

    -- What was undecided at the end of a run, by its age in business days (Q5).
    CREATE TABLE run_aging (
      run_id INTEGER NOT NULL REFERENCES runs DEFERRABLE INITIALLY DEFERRED,
      age TEXT NOT NULL CHECK (\(SQL.isOne("age", of: "0-2", "3-5", "6-10", "over-10"))),
      count INTEGER NOT NULL,
      cents INTEGER NOT NULL,
      PRIMARY KEY (run_id, age)
    ) STRICT, WITHOUT ROWID;

    -- The runs whose report folder stands complete.
    CREATE TABLE published (run_id INTEGER PRIMARY KEY REFERENCES runs) STRICT;

    CREATE TABLE items (
      item_id INTEGER PRIMARY KEY,
      \(itemColumns)
    ) STRICT;
    CREATE INDEX item_of_order ON items (order_id);
    CREATE INDEX item_undecided ON items (item_id) WHERE state IN ('pending', 'held');
    CREATE INDEX item_approved ON items (item_id) WHERE state = 'approved';
    CREATE INDEX item_unpaid ON items (due_on) WHERE \(SQL.isOne("state", of: "approved", "prepared", "sent"));
    CREATE UNIQUE INDEX item_undecided_of_period ON items (period_id) WHERE state IN ('pending', 'held');

    -- What items were before a later run or a person changed them; `until_run` made the next version.
    CREATE TABLE former_items (
      item_id INTEGER NOT NULL,
      until_run INTEGER NOT NULL,
      \(itemColumns),
      PRIMARY KEY (item_id, version)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX former_unpaid ON former_items (until_run) WHERE \(SQL.isOne("state", of: "approved", "prepared", "sent"));

    -- The days items hold: unbroken stretches, both ends included, of one cause and evidence.
    CREATE TABLE stretches (
      period_id TEXT NOT NULL,
      first_day INTEGER NOT NULL,
      last_day INTEGER NOT NULL CHECK (last_day >= first_day),
      item_id INTEGER NOT NULL,
      cause INTEGER NOT NULL,
      evidence TEXT NOT NULL,
      amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
      -- What the shares were taken of.
      base_cents INTEGER NOT NULL,
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
      base_cents INTEGER NOT NULL,
      PRIMARY KEY (item_id, version, first_day)
    ) STRICT, WITHOUT ROWID;

    -- The version of each item that a run made: opened, restated or withdrawn, or annotated where only flags, address or promise differ.
    CREATE TABLE run_changes (
      run_id INTEGER NOT NULL REFERENCES runs DEFERRABLE INITIALLY DEFERRED,
      item_id INTEGER NOT NULL,
      change TEXT NOT NULL CHECK (\(SQL.isOne("change", of: "opened", "restated", "withdrawn", "annotated"))),
      before_cents INTEGER NOT NULL,
      after_cents INTEGER NOT NULL,
      version INTEGER NOT NULL,
      -- Of the version and its days; the run's seal is over all of them.
      digest BLOB NOT NULL CHECK (length(digest) = 16),
      PRIMARY KEY (run_id, item_id)
    ) STRICT, WITHOUT ROWID;

    -- What people decided, each on the version they saw; it counts in the totals of the next run.
    CREATE TABLE reviews (
      review_id INTEGER PRIMARY KEY,
      run_id INTEGER NOT NULL,
      reviewed_at INTEGER NOT NULL,
      reviewer TEXT NOT NULL CHECK (length(trim(reviewer)) BETWEEN 1 AND 100),
      -- The name as names are compared: trimmed and without case.
      reviewer_key TEXT NOT NULL CHECK (reviewer_key = lower(trim(reviewer_key)) AND reviewer_key NOT IN ('', 'policy')),
      item_id INTEGER NOT NULL REFERENCES items,
      version INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      decision TEXT NOT NULL CHECK (\(SQL.isOne("decision", of: "approve", "reject", "hold", "release", "reopen", "correct", "restate", "confirm_address"))),
      note TEXT,
      state_before TEXT NOT NULL,
      state_after TEXT NOT NULL,
      before_cents INTEGER NOT NULL,
      after_cents INTEGER NOT NULL,
      digest BLOB NOT NULL CHECK (length(digest) = 16),
      -- What a rejection tells the customer; the note is never told.
      customer_reason TEXT CHECK (customer_reason IS NULL OR (decision = 'reject' AND length(trim(customer_reason)) > 0)),
      CHECK (decision NOT IN ('reject', 'reopen', 'correct') OR length(trim(coalesce(note, ''))) > 0),
      CHECK (decision IN ('correct', 'restate') OR before_cents = after_cents)
    ) STRICT;
    CREATE INDEX review_of_item ON reviews (item_id);
    CREATE INDEX review_of_run ON reviews (run_id);

    CREATE TABLE request_decisions (
      run_id INTEGER NOT NULL,
      request_id TEXT NOT NULL,
      order_id TEXT,
      requested_at INTEGER NOT NULL,
      decision TEXT NOT NULL CHECK (\(SQL.isOne("decision", of: "granted", "partly_granted", "waiting", "denied", "unmatched"))),
      clause TEXT NOT NULL,
      item_ids TEXT NOT NULL,
      explanation TEXT NOT NULL,
      PRIMARY KEY (run_id, request_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX decision_of_request ON request_decisions (request_id, run_id);

    -- What nights keep so that the next ones need not look at every order; all of it follows from the facts. The order of each request (Q1) …
    CREATE TABLE matched_requests (
      order_id TEXT NOT NULL, request_id TEXT NOT NULL UNIQUE, requested_at INTEGER NOT NULL, address TEXT, network TEXT, tag TEXT,
      -- When another period that was paid with its transaction becomes known.
      due INTEGER,
      PRIMARY KEY (order_id, request_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX matched_at ON matched_requests (requested_at);
    CREATE INDEX matched_due ON matched_requests (due) WHERE due IS NOT NULL;
    -- … and the instant from which time alone may decide an order otherwise.
    CREATE TABLE agenda (order_id TEXT PRIMARY KEY NOT NULL, due INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX agenda_due ON agenda (due);

    CREATE TABLE exceptions (
      exception_id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL CHECK (\(SQL.isOne(
        "kind", of: "withdrawn_without_record", "unmatched_request", "not_owed", "overpaid", "underpaid", "sold_after_withdrawal",
        "moved_without_date", "line_held_twice", "end_taken_back", "hits_nothing", "far_future"))),
      subject TEXT NOT NULL,
      order_id TEXT,
      period_id TEXT,
      amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
      explanation TEXT NOT NULL,
      opened_run INTEGER NOT NULL,
      closed_run INTEGER CHECK (closed_run > opened_run)
    ) STRICT;
    CREATE UNIQUE INDEX exception_open ON exceptions (kind, subject) WHERE closed_run IS NULL;
    CREATE INDEX exception_of_subject ON exceptions (subject, kind);
    CREATE INDEX exception_opened ON exceptions (opened_run);
    CREATE INDEX exception_closed ON exceptions (closed_run) WHERE closed_run IS NOT NULL;

    """

  private static let views = """
    CREATE VIEW item_list AS
    SELECT 'R' || printf('%09d', item_id) AS item, order_id, period_id, state,
      printf('%d.%02d', amount_cents / 100, amount_cents % 100) AS amount_usd, day_count AS days,
      date(first_day * 86400, 'unixepoch') AS first_day, date(last_day * 86400, 'unixepoch') AS last_day, coin, network, run_id AS run, version
    FROM items
    UNION ALL
    \(SheetSchema.itemList);

    CREATE VIEW item_days AS
    SELECT 'R' || printf('%09d', item_id) AS item, period_id, date(first_day * 86400, 'unixepoch') AS first_day,
      date(last_day * 86400, 'unixepoch') AS last_day, evidence, printf('%d.%02d', amount_cents / 100, amount_cents % 100) AS amount_usd
    FROM stretches
    UNION ALL
    \(SheetSchema.itemDays);

    -- Everything that happened, by its time: what runs, people and imports did, with before and after.
    CREATE VIEW log AS
    SELECT datetime(recorded_at, 'unixepoch') AS at, run_id AS run, 'makegood' AS actor, change AS event,
      'R' || printf('%09d', item_id) AS subject, printf('%d.%02d', before_cents / 100, before_cents % 100) AS before,
      printf('%d.%02d', after_cents / 100, after_cents % 100) AS after, NULL AS note,
      -- The system user and host behind the name: user@host.
      NULL AS machine
    FROM run_changes JOIN runs USING (run_id)
    UNION ALL \(SheetSchema.log)
    UNION ALL SELECT datetime(recorded_at, 'unixepoch'), run_id, 'makegood', decision, request_id, NULL, clause, explanation, NULL
    FROM request_decisions JOIN runs USING (run_id)
    UNION ALL SELECT datetime(reviewed_at, 'unixepoch'), run_id, reviewer, decision, 'R' || printf('%09d', item_id),
      state_before || ' ' || printf('%d.%02d', before_cents / 100, before_cents % 100),
      state_after || ' ' || printf('%d.%02d', after_cents / 100, after_cents % 100), note,
      (SELECT machine FROM seals WHERE kind = 'review' AND subject <= review_id ORDER BY subject DESC LIMIT 1)
    FROM reviews
    UNION ALL \(PayoutSchema.log)
    UNION ALL SELECT datetime(imported_at, 'unixepoch'), NULL, 'import ' || import_id, 'changed', table_name || ' ' || key, before, after, source, NULL
    FROM fact_changes JOIN imports USING (import_id)
    UNION ALL SELECT datetime(said_at, 'unixepoch'), NULL, said_by,
      CASE rewrites_history WHEN 1 THEN 'settings that rewrite history' ELSE 'settings' END, 'from ' || datetime(effective_from, 'unixepoch'),
      NULL, numbers, note, (SELECT machine FROM seals WHERE kind = 'settings' AND subject = effective_from) FROM settings
    UNION ALL SELECT datetime(seen_at, 'unixepoch'), NULL, seen_by, 'looked at the exceptions', 'up to ' || exception_id, NULL, NULL, NULL,
      (SELECT machine FROM seals WHERE kind = 'look' AND subject = look_id)
    FROM looks
    ORDER BY at;

    """
}
