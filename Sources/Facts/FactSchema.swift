public import Storage

/// The tables of facts. Orders and what belongs to them lie packed (``BlockSchema``), the rest as the files have it.
///
/// Instants are seconds since 1970-01-01T00:00:00Z, days are days since 1970-01-01, money is cents, prices and coin amounts are decimal text.
/// Every row knows the import that last changed it; `fact_changes` keeps what it was before.
public enum FactSchema {
  public static let migrations = [
    Store.Migration(name: "facts 2", sql: sql + BlockSchema.sql),
    // No table is another: but programs of before cannot read what is written now.
    Store.Migration(name: "facts 2, patches that tell of themselves", sql: ""),
  ]

  private static let common = "voided INTEGER NOT NULL CHECK (voided IN (0, 1)), import_id INTEGER NOT NULL"
  private static let scope = """
    scope TEXT NOT NULL CHECK (scope IN ('platform', 'region', 'carrier', 'prefix', 'line', 'plan')),
      scope_value TEXT CHECK ((scope_value IS NULL) = (scope = 'platform'))
    """

  private static let sql = """
    CREATE TABLE imports (
      import_id INTEGER PRIMARY KEY,
      imported_at INTEGER NOT NULL,
      source TEXT NOT NULL,
      rows_read INTEGER NOT NULL,
      rows_new INTEGER NOT NULL,
      rows_changed INTEGER NOT NULL
    ) STRICT;

    -- The tables that each import contained, also those without rows: what is known up to when (G4).
    CREATE TABLE import_tables (
      import_id INTEGER NOT NULL REFERENCES imports DEFERRABLE INITIALLY DEFERRED,
      table_name TEXT NOT NULL,
      -- The import's own time, so that the last import of a table is found without a join.
      imported_at INTEGER NOT NULL,
      rows_read INTEGER NOT NULL,
      rows_new INTEGER NOT NULL,
      rows_changed INTEGER NOT NULL,
      -- Bad rows that were left out: what they say is not known.
      rows_rejected INTEGER NOT NULL,
      PRIMARY KEY (table_name, import_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX import_table_at ON import_tables (table_name, imported_at) WHERE rows_rejected = 0;
    CREATE INDEX import_table_of_import ON import_tables (import_id);

    CREATE TABLE outages (
      outage_id TEXT PRIMARY KEY NOT NULL,
      origin TEXT NOT NULL CHECK (origin IN ('infrastructure', 'carrier', 'third_party')),
      \(scope),
      started_at INTEGER NOT NULL,
      ended_at INTEGER CHECK (ended_at IS NULL OR ended_at >= started_at),
      \(common)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE withdrawals (
      withdrawal_id TEXT PRIMARY KEY NOT NULL,
      reason TEXT NOT NULL CHECK (reason IN ('carrier', 'regulatory')),
      \(scope),
      effective_at INTEGER NOT NULL,
      reversed_at INTEGER CHECK (reversed_at IS NULL OR reversed_at >= effective_at),
      \(common)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE feature_faults (
      fault_id TEXT PRIMARY KEY NOT NULL,
      feature TEXT NOT NULL,
      \(scope),
      started_at INTEGER NOT NULL,
      fixed_at INTEGER CHECK (fixed_at IS NULL OR fixed_at >= started_at),
      \(common)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE plan_features (
      plan TEXT NOT NULL,
      feature TEXT NOT NULL,
      \(common),
      PRIMARY KEY (plan, feature)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE requests (
      request_id TEXT PRIMARY KEY NOT NULL,
      order_id TEXT,
      txid TEXT,
      requested_at INTEGER NOT NULL,
      channel TEXT NOT NULL CHECK (channel IN ('panel', 'contact')),
      address TEXT,
      network TEXT,
      tag TEXT,
      \(common),
      -- Rows whose digests are taken together (state_roots), by the order or the transaction that they name.
      bucket INTEGER NOT NULL,
      CHECK (order_id IS NOT NULL OR txid IS NOT NULL)
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX request_of_bucket ON requests (bucket);
    CREATE INDEX request_of_order ON requests (order_id);
    CREATE INDEX request_of_import ON requests (import_id);
    CREATE INDEX request_at ON requests (requested_at);
    CREATE INDEX request_of_transaction ON requests (txid) WHERE txid IS NOT NULL;

    CREATE TABLE rates (
      coin TEXT NOT NULL,
      quoted_at INTEGER NOT NULL,
      usd TEXT NOT NULL,
      \(common),
      -- By coin and day.
      bucket INTEGER NOT NULL,
      PRIMARY KEY (coin, quoted_at)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX rate_of_bucket ON rates (bucket);

    -- What facts were before an import replaced them: the values as the files write them, in JSON.
    CREATE TABLE fact_changes (
      change_id INTEGER PRIMARY KEY,
      import_id INTEGER NOT NULL REFERENCES imports DEFERRABLE INITIALLY DEFERRED,
      -- The import that the former values came with.
      former_import_id INTEGER NOT NULL CHECK (former_import_id < import_id),
      table_name TEXT NOT NULL,
      key TEXT NOT NULL,
      order_id TEXT,
      before TEXT NOT NULL,
      after TEXT NOT NULL
    ) STRICT;
    CREATE INDEX fact_change_of_order ON fact_changes (order_id);
    CREATE INDEX fact_change_of_import ON fact_changes (import_id);
    CREATE INDEX fact_change_of_record ON fact_changes (table_name, key);
    -- Periods that a correction gave to another order.
    CREATE INDEX period_moved ON fact_changes (key) WHERE table_name = 'periods' AND json_extract(before, '$.order_id') IS NOT NULL;
    -- The changes by which something that was over is open again, or a void record counts again (G5).
    CREATE TABLE ends_taken_back (
      change_id INTEGER PRIMARY KEY REFERENCES fact_changes DEFERRABLE INITIALLY DEFERRED,
      import_id INTEGER NOT NULL REFERENCES imports DEFERRABLE INITIALLY DEFERRED
    ) STRICT;
    CREATE INDEX end_taken_back_by_import ON ends_taken_back (import_id);
    CREATE TRIGGER fact_changes_stay BEFORE DELETE ON fact_changes BEGIN SELECT RAISE(ABORT, 'fact_changes are never removed'); END;
    CREATE TRIGGER fact_changes_fixed BEFORE UPDATE ON fact_changes BEGIN SELECT RAISE(ABORT, 'fact_changes are never changed'); END;
    CREATE TRIGGER import_tables_stay BEFORE DELETE ON import_tables BEGIN SELECT RAISE(ABORT, 'import_tables are never removed'); END;
    CREATE TRIGGER import_tables_fixed BEFORE UPDATE ON import_tables BEGIN SELECT RAISE(ABORT, 'import_tables are never changed'); END;
    CREATE TRIGGER ends_taken_back_stay BEFORE DELETE ON ends_taken_back BEGIN SELECT RAISE(ABORT, 'ends_taken_back are never removed'); END;
    CREATE TRIGGER ends_taken_back_fixed BEFORE UPDATE ON ends_taken_back BEGIN SELECT RAISE(ABORT, 'ends_taken_back are never changed'); END;
    CREATE TRIGGER imports_stay BEFORE DELETE ON imports BEGIN SELECT RAISE(ABORT, 'imports are never removed'); END;
    CREATE TRIGGER imports_fixed BEFORE UPDATE ON imports BEGIN SELECT RAISE(ABORT, 'imports are never changed'); END;

    """

  /// Orders taken out of their blocks, as tables of a connection's own: to be asked and changed by SQL, and put back.
  static let openedOrders = """
    CREATE TEMP TABLE orders (
      order_id TEXT PRIMARY KEY NOT NULL,
      line TEXT NOT NULL,
      carrier TEXT NOT NULL,
      region TEXT NOT NULL,
      plan TEXT NOT NULL,
      provisioned_at INTEGER,
      activated_at INTEGER CHECK (activated_at IS NULL OR activated_at >= provisioned_at),
      ended_at INTEGER,
      end_reason TEXT CHECK (end_reason IN ('expired', 'cancelled', 'withdrawn', 'aup')),
      \(common),
      CHECK ((ended_at IS NULL) = (end_reason IS NULL))
    ) STRICT, WITHOUT ROWID;

    CREATE TEMP TABLE periods (
      period_id TEXT NOT NULL,
      order_id TEXT NOT NULL,
      starts_on INTEGER NOT NULL,
      ends_on INTEGER NOT NULL CHECK (ends_on > starts_on),
      paid_cents INTEGER NOT NULL CHECK (paid_cents >= 0),
      setup_fee_cents INTEGER NOT NULL CHECK (setup_fee_cents BETWEEN 0 AND paid_cents),
      coin TEXT NOT NULL,
      network TEXT,
      paid_amount TEXT,
      txid TEXT,
      paid_at INTEGER NOT NULL,
      \(common),
      PRIMARY KEY (order_id, period_id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX temp.period_by_id ON periods (period_id);

    CREATE TEMP TABLE addons (
      addon_id TEXT NOT NULL,
      period_id TEXT NOT NULL,
      category TEXT NOT NULL CHECK (category IN ('ai', 'other')),
      fee_cents INTEGER NOT NULL CHECK (fee_cents >= 0),
      active_from INTEGER,
      active_to INTEGER CHECK (active_to IS NULL OR active_to >= active_from),
      \(common),
      PRIMARY KEY (period_id, addon_id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX temp.addon_by_id ON addons (addon_id);

    CREATE TEMP TABLE usage (
      order_id TEXT NOT NULL,
      day INTEGER NOT NULL,
      outbound_calls INTEGER NOT NULL CHECK (outbound_calls >= 0),
      outbound_sms INTEGER NOT NULL CHECK (outbound_sms >= 0),
      verifications INTEGER NOT NULL CHECK (verifications >= 0),
      \(common),
      PRIMARY KEY (order_id, day)
    ) STRICT, WITHOUT ROWID;

    CREATE TEMP TABLE restorations (
      ticket_id TEXT NOT NULL,
      order_id TEXT NOT NULL,
      opened_at INTEGER NOT NULL,
      restored_at INTEGER CHECK (restored_at IS NULL OR restored_at >= opened_at),
      \(common),
      PRIMARY KEY (order_id, ticket_id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX temp.ticket_by_id ON restorations (ticket_id);
    """
}
