-- The facts into typed tables with indexes. Run in the folder of the CSV files:
--     sqlite3 FACTS.db < load.sqlite.sql
-- Instants stay RFC 3339 in UTC ("Z"), which sort as text; an empty text is "none". Amounts have two decimals.
-- .import writes each file in one transaction; nothing is at risk, so there is no journal and no sync.
PRAGMA journal_mode = off;
PRAGMA synchronous = off;
PRAGMA locking_mode = exclusive;
PRAGMA cache_size = -400000;

CREATE TABLE orders (
  order_id TEXT PRIMARY KEY, line TEXT, carrier TEXT, region TEXT, plan TEXT,
  provisioned_at TEXT, activated_at TEXT, ended_at TEXT, end_reason TEXT);
CREATE TABLE periods (
  period_id TEXT PRIMARY KEY, order_id TEXT, starts_on TEXT, ends_on TEXT, paid_usd TEXT, setup_fee_usd TEXT,
  coin TEXT, network TEXT, paid_amount TEXT, txid TEXT, paid_at TEXT);
CREATE TABLE addons (
  addon_id TEXT PRIMARY KEY, period_id TEXT, category TEXT, fee_usd TEXT, active_from TEXT, active_to TEXT);
CREATE TABLE usage (
  order_id TEXT, day TEXT, outbound_calls INTEGER, outbound_sms INTEGER, verifications INTEGER,
  PRIMARY KEY (order_id, day)) WITHOUT ROWID;
CREATE TABLE outages (
  outage_id TEXT PRIMARY KEY, origin TEXT, scope TEXT, scope_value TEXT, started_at TEXT, ended_at TEXT);
CREATE TABLE withdrawals (
  withdrawal_id TEXT PRIMARY KEY, reason TEXT, scope TEXT, scope_value TEXT, effective_at TEXT, reversed_at TEXT);
CREATE TABLE feature_faults (
  fault_id TEXT PRIMARY KEY, feature TEXT, scope TEXT, scope_value TEXT, started_at TEXT, fixed_at TEXT);
CREATE TABLE plan_features (plan TEXT, feature TEXT, PRIMARY KEY (plan, feature)) WITHOUT ROWID;
CREATE TABLE restorations (ticket_id TEXT PRIMARY KEY, order_id TEXT, opened_at TEXT, restored_at TEXT);

.mode csv
.import --skip 1 orders.csv orders
.import --skip 1 periods.csv periods
.import --skip 1 addons.csv addons
.import --skip 1 usage.csv usage
.import --skip 1 outages.csv outages
.import --skip 1 withdrawals.csv withdrawals
.import --skip 1 feature_faults.csv feature_faults
.import --skip 1 plan_features.csv plan_features
.import --skip 1 restorations.csv restorations

-- After the load: 1.6x of no index against 2.4x before it.
CREATE INDEX orders_region ON orders (region);
CREATE INDEX orders_carrier ON orders (carrier);
CREATE INDEX orders_plan ON orders (plan);
CREATE INDEX orders_line ON orders (line);
CREATE INDEX periods_order ON periods (order_id);
CREATE INDEX addons_period ON addons (period_id);
ANALYZE;
