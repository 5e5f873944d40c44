"""The refunds of P1 to P4 in Polars: lazy scans, whole columns at a time, exact integers for money.

    polars_peer.py FACTS REFUNDS_CSV

Instants are seconds since 1970 and days are days since 1970, both Int64.
"""

import os
import sys
from datetime import date

os.environ.setdefault("POLARS_MAX_THREADS", "2")  # read when Polars is imported
import polars as pl  # noqa: E402
from polars import col, lit, when  # noqa: E402

MIDNIGHT = (date(2026, 11, 1) - date(1970, 1, 1)).days * 86_400
NEVER = 1 << 40  # as seconds; as days, NEVER // 86400
INT = pl.Int64


def instant(name):
    """RFC 3339 in UTC, to seconds."""
    return col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.epoch("s")


def end(name):
    """An end that has not happened at midnight is none."""
    seconds = instant(name)
    return when(seconds < MIDNIGHT).then(seconds).otherwise(NEVER)


def day(name):
    return col(name).str.to_date("%Y-%m-%d").dt.epoch("d").cast(INT)


def cents(name):
    """Decimal dollars to cents; the text always has two decimals."""
    return col(name).str.replace(".", "", literal=True).cast(INT)


def share(days):
    """base * days / n to the nearest cent, ties down."""
    return (2 * col("base") * days + col("n") - 1) // (2 * col("n"))


def united(frame, keys, start, past):
    """Intervals of the same keys that overlap or touch made one; other columns are the first's.

    The running maximum is taken over the whole column at once: with the group's number above the instant in one
    integer, an earlier group can never reach into a later one.
    """
    frame = frame.sort(*keys, start)
    group = pl.struct(keys).rle_id().cast(INT) * (1 << 42)
    reach = (group + col(past)).cum_max().shift(1, fill_value=-1)
    return (
        frame.with_columns(number=(group + col(start) > reach).cum_sum())
        .group_by("number", maintain_order=True)
        .agg(pl.exclude(start, past).first(), col(start).min(), col(past).max())
        .drop("number")
    )


def main(folder, target):
    def scan(name):
        # Every column as text, and each is typed where it is used: quicker than to let Polars guess.
        return pl.scan_csv(f"{folder}/{name}.csv", infer_schema=False)

    # Outages (P2) and feature faults (P4), cut at midnight. `kind` says what merges with what.
    records = pl.concat([
        scan("outages").filter(origin="infrastructure").select(
            lit("outage").alias("kind"), lit(None, pl.String).alias("feature"), lit(24 * 3600, INT).alias("over"),
            "scope", "scope_value", instant("started_at").alias("a"), end("ended_at").alias("b")),
        scan("feature_faults").select(
            ("feature:" + col("feature")).alias("kind"), "feature", lit(168 * 3600, INT).alias("over"),
            "scope", "scope_value", instant("started_at").alias("a"), end("fixed_at").alias("b")),
    ]).with_columns(pl.min_horizontal("b", lit(MIDNIGHT, INT)).alias("b")).filter(col("a") < col("b")).collect()

    # Only a record that is part of a stretch that is long enough, whatever the lines hit, can qualify for any line.
    long = united(records.select("kind", "over", "a", "b"), ["kind"], "a", "b").filter(col("b") - col("a") > col("over"))
    candidates = records.join(long.select("kind", la="a", lb="b"), on="kind").filter(
        col("a") >= col("la"), col("b") <= col("lb")).drop("la", "lb")
    withdrawals = scan("withdrawals").select(
        lit("withdrawal").alias("kind"), lit(None, pl.String).alias("feature"), lit(-1, INT).alias("over"),
        "scope", "scope_value", instant("effective_at").alias("a"), end("reversed_at").alias("b"),
    ).filter(col("a") < MIDNIGHT, col("a") < col("b")).collect()
    candidates = pl.concat([candidates, withdrawals])

    orders = scan("orders").with_row_index("o").select(
        col("o").cast(INT), "order_id", "line", "carrier", "region", "plan", end("provisioned_at").alias("provisioned"),
        end("activated_at").alias("activated"), end("ended_at").alias("ended"), "end_reason",
    ).collect()

    # Which order each of them hits: a join for each scope.
    lines = orders.select("o", "plan", "region", "carrier", "line")
    facts = ["o", "plan", "kind", "feature", "over", "a", "b"]
    hits = []
    for (scope,), of_scope in candidates.group_by("scope"):
        if scope == "platform":
            hits.append(lines.join(of_scope, how="cross").select(facts))
        elif scope == "prefix":
            for record in of_scope.iter_slices(1):
                begun = lines.filter(col("line").str.starts_with(record["scope_value"][0]))
                hits.append(begun.join(record, how="cross").select(facts))
        else:
            hits.append(lines.join(of_scope.with_columns(col("scope_value").alias(scope)), on=scope, how="inner",
                                   suffix="_").select(facts))
    tickets = scan("restorations").select(
        "order_id", lit("restoration").alias("kind"), lit(None, pl.String).alias("feature"),
        lit(72 * 3600, INT).alias("over"), instant("opened_at").alias("a"),
        pl.min_horizontal(end("restored_at"), lit(MIDNIGHT, INT)).alias("b"),
    ).filter(col("a") < col("b")).collect()
    hits.append(tickets.join(orders.select("order_id", "o", "plan"), on="order_id").select(facts))
    advertised = scan("plan_features").select("plan", "feature").collect()
    hits = pl.concat(hits)
    hits = pl.concat([
        hits.filter(col("feature").is_null()),
        hits.filter(col("feature").is_not_null()).join(advertised, on=["plan", "feature"], how="semi"),
    ]).select("o", "kind", "over", "a", "b")

    # What overlaps or touches on one line is one fault; those that are long enough, as days [first, past).
    # Most lines are hit once, and have nothing to merge.
    # P1: what was sold later is not hit.
    gone = hits.filter(kind="withdrawal").join(orders.select("o", "provisioned"), on="o").filter(
        col("a") >= col("provisioned")).select("o", "kind", "over", "a", "b")
    timed = hits.filter(col("kind") != "withdrawal")
    again = pl.struct("o", "kind").is_duplicated()
    timed = pl.concat([
        timed.filter(~again).select("o", "kind", "over", "a", "b"),
        united(timed.filter(again), ["o", "kind"], "a", "b").select("o", "kind", "over", "a", "b"),
    ]).filter(col("b") - col("a") > col("over"))
    faults = pl.concat([timed, gone]).select(
        "o", first=col("a") // 86_400, past=(col("b") - 1) // 86_400 + 1)

    # From activation (else from provisioning) to the day of the end; to the last when the number was withdrawn.
    service = orders.filter(~((col("ended") < NEVER) & (col("end_reason") == "aup")).fill_null(False)).select(
        "o", "order_id",
        since=when(col("activated") < NEVER).then("activated").otherwise("provisioned") // 86_400,
        until=when(col("end_reason") == "withdrawn").then(NEVER // 86_400).otherwise(col("ended") // 86_400 + 1),
    ).filter(col("since") < NEVER // 86_400)
    struck = faults.join(service, on="o").lazy()

    # The days of those faults in each period, numbered from the period's first.
    begin = pl.max_horizontal("first", "since", "starts")
    stop = pl.min_horizontal("past", "until", "ends")
    clipped = scan("periods").select(
        "period_id", "order_id", starts=day("starts_on"), ends=day("ends_on"), base=cents("paid_usd") - cents("setup_fee_usd"),
        paid=instant("paid_at"),
    ).filter(col("paid") < MIDNIGHT).join(struck, on="order_id").filter(begin < stop).select(
        "period_id", "order_id", "starts", "base", n=col("ends") - col("starts"),
        first=begin - col("starts"), past=stop - col("starts"),
    ).collect()

    # Less the AI add-ons active in the period (N4).
    active = scan("addons").filter(category="ai").select(
        "period_id", fee=cents("fee_usd"), a=instant("active_from"), b=end("active_to"),
    ).filter(col("a") < MIDNIGHT, col("a") < col("b")).collect()
    active = active.join(clipped.select("period_id", "starts", "n").unique(), on="period_id").filter(
        col("a") < (col("starts") + col("n")) * 86_400, col("b") > col("starts") * 86_400)
    fees = active.group_by("period_id").agg(col("fee").sum())
    clipped = clipped.join(fees, on="period_id", how="left").with_columns(
        base=col("base") - col("fee").fill_null(0)).drop("fee")

    # Several faults of one period may share days: their union.
    again = col("period_id").is_duplicated()
    columns = ["period_id", "order_id", "starts", "base", "n", "first", "past"]
    stretches = pl.concat([
        clipped.filter(~again).select(columns),
        united(clipped.filter(again), ["period_id"], "first", "past").select(columns),
    ])

    # Whole stretches at once, then less the used days in them (N2).
    index = col("day") - col("starts")
    used = scan("usage").filter((col("outbound_calls") != "0") | (col("outbound_sms") != "0")).select(
        "order_id", day=day("day"),
    ).filter(col("day") * 86_400 < MIDNIGHT).join(stretches.lazy(), on="order_id").filter(
        index >= col("first"), index < col("past")).select(
        "period_id", days=lit(-1, INT), cents=share(index) - share(index + 1)).collect()
    whole = stretches.select(
        "period_id", days=col("past") - col("first"), cents=share(col("past")) - share(col("first")))
    refunds = pl.concat([whole, used]).group_by("period_id").agg(col("days").sum(), col("cents").sum()).filter(
        col("cents") > 0).sort("period_id")
    refunds.select(
        "period_id", "days",
        amount_usd=pl.format("{}.{}", col("cents") // 100, (col("cents") % 100).cast(pl.String).str.zfill(2)),
    ).write_csv(target)


if __name__ == "__main__":
    main(*sys.argv[1:])
