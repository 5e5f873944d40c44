-- The refunds of P1 to P4 by one SQLite script, from the tables of load.sqlite.sql; in exact integers.
--     sqlite3 FACTS.db < refunds.sqlite.sql        writes refunds.csv in the working folder
-- Instants are seconds since 1970, days are days since 1970. 1793491200 is midnight UTC after the closed date
-- 2026-10-31; 9e15 seconds or 999999 days are "never".
PRAGMA cache_size = -400000;
PRAGMA temp_store = memory;

-- Outages (P2) and feature faults (P4), cut at midnight. `kind` says what merges with what.
CREATE TEMP TABLE record AS
  SELECT * FROM (
    SELECT 'outage' AS kind, NULL AS feature, 24 * 3600 AS over, scope, scope_value, unixepoch(started_at) AS a,
           min(ifnull(unixepoch(nullif(ended_at, '')), 9000000000000000), 1793491200) AS b
    FROM outages WHERE origin = 'infrastructure'
    UNION ALL
    SELECT 'feature:' || feature, feature, 168 * 3600, scope, scope_value, unixepoch(started_at),
           min(ifnull(unixepoch(nullif(fixed_at, '')), 9000000000000000), 1793491200)
    FROM feature_faults)
  WHERE a < b;

-- Only a record that is part of a stretch that is long enough, whatever the lines hit, can qualify for any line.
CREATE TEMP TABLE candidate AS
  WITH reached AS (
    SELECT *, max(b) OVER (PARTITION BY kind ORDER BY a, b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
    FROM record
  ),
  numbered AS (
    SELECT *, sum(reach IS NULL OR a > reach) OVER (PARTITION BY kind ORDER BY a, b ROWS UNBOUNDED PRECEDING) AS number
    FROM reached
  ),
  whole AS (
    SELECT *, max(b) OVER (PARTITION BY kind, number) - min(a) OVER (PARTITION BY kind, number) AS length FROM numbered
  )
  SELECT kind, feature, over, scope, scope_value, a, b FROM whole WHERE length > over
  UNION ALL
  SELECT * FROM (
    SELECT 'withdrawal', NULL, NULL, scope, scope_value, unixepoch(effective_at) AS a,
           CASE WHEN reversed_at <> '' AND unixepoch(reversed_at) < 1793491200 THEN unixepoch(reversed_at)
                ELSE 9000000000000000 END AS b
    FROM withdrawals)
  WHERE a < 1793491200 AND a < b;

-- Which order each of them hits, by the index of each scope.
CREATE TEMP TABLE hit AS
  SELECT o.rowid AS o, kind, over, a, b FROM candidate c CROSS JOIN orders o
  WHERE scope = 'platform' AND (feature IS NULL OR (o.plan, feature) IN (SELECT plan, feature FROM plan_features))
  UNION ALL
  SELECT o.rowid, kind, over, a, b FROM candidate c CROSS JOIN orders o ON o.region = scope_value
  WHERE scope = 'region' AND (feature IS NULL OR (o.plan, feature) IN (SELECT plan, feature FROM plan_features))
  UNION ALL
  SELECT o.rowid, kind, over, a, b FROM candidate c CROSS JOIN orders o ON o.carrier = scope_value
  WHERE scope = 'carrier' AND (feature IS NULL OR (o.plan, feature) IN (SELECT plan, feature FROM plan_features))
  UNION ALL
  SELECT o.rowid, kind, over, a, b FROM candidate c CROSS JOIN orders o ON o.plan = scope_value
  WHERE scope = 'plan' AND (feature IS NULL OR (o.plan, feature) IN (SELECT plan, feature FROM plan_features))
  UNION ALL
  SELECT o.rowid, kind, over, a, b FROM candidate c CROSS JOIN orders o ON o.line = scope_value
  WHERE scope = 'line' AND (feature IS NULL OR (o.plan, feature) IN (SELECT plan, feature FROM plan_features))
  UNION ALL
  SELECT o.rowid, kind, over, a, b FROM candidate c CROSS JOIN orders o
    ON o.line >= scope_value AND o.line < scope_value || ':'  -- ':' comes after the digits
  WHERE scope = 'prefix' AND (feature IS NULL OR (o.plan, feature) IN (SELECT plan, feature FROM plan_features))
  UNION ALL
  SELECT * FROM (
    SELECT o.rowid, 'restoration', 72 * 3600, unixepoch(opened_at) AS a,
           min(ifnull(unixepoch(nullif(restored_at, '')), 9000000000000000), 1793491200) AS b
    FROM restorations r CROSS JOIN orders o USING (order_id))
  WHERE a < b;

-- What overlaps or touches on one line is one fault; those that are long enough, as days [first, past).
CREATE TEMP TABLE lone AS  -- most lines are hit once: nothing to merge
  SELECT o, kind, over, min(a) AS a, max(b) AS b, count(*) AS records FROM hit
  WHERE kind <> 'withdrawal' GROUP BY o, kind;
CREATE TEMP TABLE fault AS
  WITH reached AS (
    SELECT hit.*, max(hit.b) OVER (
      PARTITION BY o, kind ORDER BY hit.a, hit.b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
    FROM hit JOIN (SELECT o, kind FROM lone WHERE records > 1) USING (o, kind)
  ),
  numbered AS (
    SELECT *, sum(reach IS NULL OR a > reach) OVER (PARTITION BY o, kind ORDER BY a, b ROWS UNBOUNDED PRECEDING) AS number
    FROM reached
  ),
  whole AS (
    SELECT o, over, a, b FROM lone WHERE records = 1
    UNION ALL
    SELECT o, over, min(a), max(b) FROM numbered GROUP BY o, kind, number
  )
  SELECT o, a / 86400 AS first, (b - 1) / 86400 + 1 AS past FROM whole WHERE b - a > over
  UNION ALL
  SELECT o, a / 86400, (b - 1) / 86400 + 1 FROM hit JOIN orders ON orders.rowid = hit.o
  WHERE kind = 'withdrawal' AND provisioned_at <> '' AND a >= unixepoch(provisioned_at);  -- P1: not what was sold later

-- The days of those faults within each period and within the service of its line, numbered from the period's first;
-- with the base of the period: what was paid less the setup fee and the AI add-ons active in it (S1, N4).
CREATE TEMP TABLE clipped AS
  WITH service AS (
    SELECT fault.first, fault.past, order_id,
           unixepoch(CASE WHEN activated_at <> '' AND activated_at < '2026-11-01' THEN activated_at
                          WHEN provisioned_at <> '' AND provisioned_at < '2026-11-01' THEN provisioned_at END) / 86400 AS since,
           CASE WHEN ended_at = '' OR ended_at >= '2026-11-01' OR end_reason = 'withdrawn' THEN 999999
                WHEN end_reason = 'aup' THEN 0
                ELSE unixepoch(ended_at) / 86400 + 1 END AS until
    FROM fault CROSS JOIN orders ON orders.rowid = fault.o
  ),
  days AS (
    SELECT p.rowid AS p, p.period_id, service.*, unixepoch(starts_on) / 86400 AS start, unixepoch(ends_on) / 86400 AS finish,
           paid_usd, setup_fee_usd
    FROM service CROSS JOIN periods p USING (order_id)
    WHERE since IS NOT NULL AND paid_at < '2026-11-01'
  )
  SELECT p, period_id, order_id, start, finish - start AS n,
         max(first, since, start) - start AS first, min(past, until, finish) - start AS past,
         CAST(replace(paid_usd, '.', '') AS INTEGER) - CAST(replace(setup_fee_usd, '.', '') AS INTEGER)
         - (SELECT ifnull(sum(CAST(replace(fee_usd, '.', '') AS INTEGER)), 0) FROM addons
            WHERE addons.period_id = days.period_id AND category = 'ai'
              AND active_from <> '' AND active_from < '2026-11-01' AND unixepoch(active_from) < finish * 86400
              AND (active_to = '' OR active_to >= '2026-11-01'
                   OR (unixepoch(active_to) > start * 86400 AND active_to > active_from))) AS base
  FROM days
  WHERE max(first, since, start) < min(past, until, finish);

-- Several faults of one period may share days: their union.
CREATE TEMP TABLE stretch AS
  WITH several AS (SELECT p FROM clipped GROUP BY p HAVING count(*) > 1),
  reached AS (
    SELECT *, max(past) OVER (PARTITION BY p ORDER BY first, past ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
    FROM clipped WHERE p IN several
  ),
  numbered AS (
    SELECT *, sum(reach IS NULL OR first > reach) OVER (PARTITION BY p ORDER BY first, past ROWS UNBOUNDED PRECEDING) AS number
    FROM reached
  )
  SELECT period_id, order_id, start, n, base, first, past FROM clipped WHERE p NOT IN several
  UNION ALL
  SELECT period_id, order_id, start, n, base, min(first), max(past) FROM numbered GROUP BY p, number;

-- Whole stretches at once, then less the used days in them (N2). The share of i days of n is
-- (2 * base * i + n - 1) / (2 * n): the nearest cent, ties down.
.mode csv
.separator , "\n"
.output refunds.csv
.print period_id,days,amount_usd
WITH part AS (
  SELECT period_id, past - first AS days,
         (2 * base * past + n - 1) / (2 * n) - (2 * base * first + n - 1) / (2 * n) AS cents
  FROM stretch
  UNION ALL
  SELECT period_id, -1, (2 * base * i + n - 1) / (2 * n) - (2 * base * (i + 1) + n - 1) / (2 * n)
  FROM (
    SELECT s.*, unixepoch(u.day) / 86400 - start AS i
    FROM stretch s CROSS JOIN usage u ON u.order_id = s.order_id
     AND u.day >= date((start + first) * 86400, 'unixepoch') AND u.day < date((start + past) * 86400, 'unixepoch')
    WHERE (outbound_calls > 0 OR outbound_sms > 0) AND u.day < '2026-11-01')
)
SELECT period_id, sum(days), printf('%d.%02d', sum(cents) / 100, sum(cents) % 100)
FROM part GROUP BY period_id HAVING sum(cents) > 0 ORDER BY period_id;
