-- The refunds of P1 to P4 in DuckDB: set-based from end to end, exact integers for money. The facts are in typed
-- tables (load.duckdb.sql); the result is the table `refunds`. A business date is closed at midnight UTC after it.

SET VARIABLE midnight = TIMESTAMP '2026-11-01 00:00:00';

-- Outages (P2) and feature faults (P4), cut at midnight. `kind` says what merges with what.
CREATE TEMP TABLE record AS
  SELECT 'outage' AS kind, NULL AS feature, INTERVAL 24 HOURS AS over, scope, scope_value,
         started_at AS a, least(coalesce(ended_at, 'infinity'), getvariable('midnight')) AS b
  FROM outages WHERE origin = 'infrastructure' AND a < b
  UNION ALL
  SELECT 'feature:' || feature, feature, INTERVAL 168 HOURS, scope, scope_value,
         started_at AS a, least(coalesce(fixed_at, 'infinity'), getvariable('midnight')) AS b
  FROM feature_faults WHERE a < b;

-- Only a record that is part of a stretch that is long enough, whatever the lines hit, can qualify for any line.
-- This keeps a night of short outages from being joined with every line.
CREATE TEMP TABLE candidate AS
  WITH stretch AS (
    SELECT *, sum((a > reach)::INT) OVER (PARTITION BY kind ORDER BY a, b, reach ROWS UNBOUNDED PRECEDING) AS number
    FROM (
      SELECT *, coalesce(
        max(b) OVER (PARTITION BY kind ORDER BY a, b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        '-infinity') AS reach
      FROM record)
  )
  SELECT kind, feature, over, scope, scope_value, a, b FROM stretch
  QUALIFY max(b) OVER (PARTITION BY kind, number) - min(a) OVER (PARTITION BY kind, number) > over
  UNION ALL
  SELECT 'withdrawal', NULL, NULL, scope, scope_value, effective_at,
         CASE WHEN reversed_at < getvariable('midnight') THEN reversed_at ELSE 'infinity' END AS b
  FROM withdrawals WHERE effective_at < getvariable('midnight') AND effective_at < b;

-- Of records that are alike the one that reaches least comes first here as it did within: threads sort ties either way.

-- Which order each of them hits: one join for each scope, so that each can be a hash join.
CREATE TEMP TABLE hit AS
  WITH pair AS (
    SELECT o.rowid AS o, o.plan, c.* FROM orders o, candidate c WHERE scope = 'platform'
    UNION ALL
    SELECT o.rowid, o.plan, c.* FROM orders o JOIN candidate c ON scope = 'region' AND scope_value = o.region
    UNION ALL
    SELECT o.rowid, o.plan, c.* FROM orders o JOIN candidate c ON scope = 'carrier' AND scope_value = o.carrier
    UNION ALL
    SELECT o.rowid, o.plan, c.* FROM orders o JOIN candidate c ON scope = 'plan' AND scope_value = o.plan
    UNION ALL
    SELECT o.rowid, o.plan, c.* FROM orders o JOIN candidate c ON scope = 'line' AND scope_value = o.line
    UNION ALL
    SELECT o.rowid, o.plan, c.* FROM orders o JOIN candidate c ON scope = 'prefix' AND starts_with(o.line, scope_value)
  )
  SELECT o, kind, over, a, b FROM pair
  WHERE feature IS NULL OR (plan, feature) IN (SELECT (plan, feature) FROM plan_features)
  UNION ALL
  SELECT o.rowid, 'restoration', INTERVAL 72 HOURS, opened_at AS a,
         least(coalesce(restored_at, 'infinity'), getvariable('midnight')) AS b
  FROM restorations JOIN orders o USING (order_id) WHERE a < b;

-- What overlaps or touches on one line is one fault; those that are long enough, as days [first, past).
CREATE TEMP TABLE fault AS
  WITH lone AS (  -- most lines are hit once: nothing to merge
    SELECT o, kind, any_value(over) AS over, min(a) AS a, max(b) AS b, count(*) AS records FROM hit
    WHERE kind <> 'withdrawal' GROUP BY o, kind
  ),
  marked AS (
    SELECT h.*, sum((h.a > reach)::INT) OVER (PARTITION BY o, kind ORDER BY a, b, reach ROWS UNBOUNDED PRECEDING) AS number
    FROM (
      SELECT hit.*, coalesce(
        max(hit.b) OVER (PARTITION BY o, kind ORDER BY hit.a, hit.b ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        '-infinity') AS reach
      FROM hit SEMI JOIN (FROM lone WHERE records > 1) USING (o, kind)) h
  ),
  whole AS (
    SELECT o, over, a, b FROM lone WHERE records = 1
    UNION ALL
    SELECT o, any_value(over), min(a), max(b) FROM marked GROUP BY o, kind, number
  )
  SELECT o, a::DATE AS first, (b - INTERVAL 1 SECOND)::DATE + 1 AS past FROM whole WHERE b - a > over
  UNION ALL
  SELECT o, a::DATE, CASE WHEN isfinite(b) THEN (b - INTERVAL 1 SECOND)::DATE + 1 ELSE DATE '9999-01-01' END
  FROM hit JOIN orders ON orders.rowid = hit.o WHERE kind = 'withdrawal' AND a >= provisioned_at;  -- P1: not what was sold later

-- The days of those faults within each period and within the service of its line, numbered from the period's first.
CREATE TEMP TABLE stretch AS
  WITH service AS (
    SELECT rowid AS o, order_id,
           coalesce(CASE WHEN activated_at < getvariable('midnight') THEN activated_at END,
                    CASE WHEN provisioned_at < getvariable('midnight') THEN provisioned_at END)::DATE AS since,
           CASE WHEN ended_at < getvariable('midnight') THEN end_reason END AS reason,
           CASE WHEN reason IS NULL OR reason = 'withdrawn' THEN DATE '9999-01-01' ELSE ended_at::DATE + 1 END AS until
    FROM orders WHERE rowid IN (SELECT o FROM fault) AND since IS NOT NULL AND reason IS DISTINCT FROM 'aup'
  ),
  clipped AS (
    SELECT p.rowid AS p, s.order_id, p.starts_on,
           greatest(f.first, s.since, p.starts_on) - p.starts_on AS first,
           least(f.past, s.until, p.ends_on) - p.starts_on AS past
    FROM periods p JOIN service s USING (order_id) JOIN fault f USING (o)
    WHERE p.paid_at < getvariable('midnight')
  ),
  several AS (SELECT p FROM clipped WHERE first < past GROUP BY p HAVING count(*) > 1),
  marked AS (
    SELECT c.*, sum((c.first > reach)::INT) OVER (PARTITION BY p ORDER BY first, past, reach ROWS UNBOUNDED PRECEDING) AS number
    FROM (
      SELECT *, coalesce(
        max(past) OVER (PARTITION BY p ORDER BY first, past ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1) AS reach
      FROM clipped SEMI JOIN several USING (p) WHERE first < past) c
  )
  SELECT p, order_id, starts_on, first, past FROM clipped ANTI JOIN several USING (p) WHERE first < past
  UNION ALL
  SELECT p, any_value(order_id), any_value(starts_on), min(first), max(past) FROM marked GROUP BY p, number;

-- Base, in cents: what was paid less the setup fee and the AI add-ons active in the period (S1, N4).
CREATE TEMP TABLE priced AS
  WITH ai AS (
    SELECT period_id, sum((fee_usd * 100)::BIGINT) AS fee
    FROM addons JOIN periods USING (period_id)
    WHERE category = 'ai' AND active_from < getvariable('midnight')
      AND active_from < ends_on
      AND CASE WHEN active_to < getvariable('midnight') THEN active_to > starts_on AND active_to > active_from ELSE true END
    GROUP BY period_id
  )
  SELECT p.rowid AS p, period_id, p.ends_on - p.starts_on AS n,
         ((paid_usd - setup_fee_usd) * 100)::BIGINT - coalesce(fee, 0) AS base
  FROM periods p LEFT JOIN ai USING (period_id)
  WHERE p.rowid IN (SELECT p FROM stretch);

-- The share of i days of n, to the nearest cent, ties down.
CREATE TEMP MACRO share(base, i, n) AS (2 * base * i + n - 1) // (2 * n);

-- Whole stretches at once, then less the used days in them (N2).
CREATE TABLE refunds AS
  WITH part AS (
    SELECT p, past - first AS days, share(base, past, n) - share(base, first, n) AS cents
    FROM stretch JOIN priced USING (p)
    UNION ALL
    SELECT p, -1, share(base, day - starts_on, n) - share(base, day - starts_on + 1, n)
    FROM stretch JOIN priced USING (p) JOIN usage USING (order_id)
    WHERE (outbound_calls > 0 OR outbound_sms > 0)
      AND day - starts_on >= first AND day - starts_on < past
      AND day < getvariable('midnight')
  ),
  total AS (SELECT p, sum(days) AS days, sum(cents)::BIGINT AS cents FROM part GROUP BY p)
  SELECT period_id, days, cents FROM total JOIN priced USING (p) WHERE cents > 0;
