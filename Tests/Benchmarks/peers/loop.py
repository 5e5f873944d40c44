"""The refunds of P1 to P4 by a plain Python loop: dictionaries, and one day after the other.

    loop.py FACTS REFUNDS_CSV

The most literal reading of the policy among the peers, so it is also the one the others are checked against.
"""

import csv
import sys
from datetime import date, datetime
from functools import lru_cache

DAY = 86_400
CLOSING = date(2026, 10, 31).toordinal()
MIDNIGHT = (CLOSING + 1) * DAY  # the instant "as of" which all is decided
NEVER = 1 << 62


@lru_cache(maxsize=None)
def day_of(text):
    return date.fromisoformat(text).toordinal()


def instant_of(text):
    moment = datetime.fromisoformat(text[:19])
    return moment.toordinal() * DAY + moment.hour * 3600 + moment.minute * 60 + moment.second


def end_of(text):
    """An end that has not happened yet is none."""
    end = instant_of(text) if text else NEVER
    return end if end < MIDNIGHT else NEVER


def cents_of(text):
    dollars, _, cents = text.partition(".")
    return int(dollars) * 100 + int((cents + "00")[:2])


def rows(folder, name):
    with open(f"{folder}/{name}.csv", newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def fast_rows(folder, name, *columns):
    """Only these columns, in this order: several times faster than a dictionary for each row."""
    with open(f"{folder}/{name}.csv", newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        header = next(reader)
        places = [header.index(column) for column in columns]
        for row in reader:
            yield [row[place] for place in places]


class Faults:
    """Fault records by scope, looked up by line."""

    def __init__(self):
        self.by_scope = {"platform": {}, "region": {}, "carrier": {}, "plan": {}, "line": {}, "prefix": {}}

    def add(self, scope, value, record):
        self.by_scope[scope].setdefault(value, []).append(record)

    def hitting(self, line, carrier, region, plan):
        scopes = self.by_scope
        found = []
        for scope, value in (("platform", ""), ("region", region), ("carrier", carrier), ("plan", plan), ("line", line)):
            if value in scopes[scope]:
                found += scopes[scope][value]
        for prefix, records in scopes["prefix"].items():
            if line.startswith(prefix):
                found += records
        return found


def merged(intervals):
    """Intervals that overlap or touch made one, cut at the closing midnight."""
    result = []
    for start, end in sorted(intervals):
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        else:
            result.append([start, end])
    return result


def longer(intervals, seconds):
    return [(start, end) for start, end in merged(intervals) if end - start > seconds]


def main(folder, target):
    outages, withdrawals, features = Faults(), Faults(), Faults()
    for row in rows(folder, "outages"):
        start, end = instant_of(row["started_at"]), end_of(row["ended_at"])
        if row["origin"] == "infrastructure" and start < min(end, MIDNIGHT):
            outages.add(row["scope"], row["scope_value"], (start, min(end, MIDNIGHT)))
    for row in rows(folder, "withdrawals"):
        start, end = instant_of(row["effective_at"]), end_of(row["reversed_at"])
        if start < min(end, MIDNIGHT):
            withdrawals.add(row["scope"], row["scope_value"], (start, end))
    for row in rows(folder, "feature_faults"):
        start, end = instant_of(row["started_at"]), end_of(row["fixed_at"])
        if start < min(end, MIDNIGHT):
            features.add(row["scope"], row["scope_value"], (row["feature"], start, min(end, MIDNIGHT)))
    advertised = {}
    for plan, feature in fast_rows(folder, "plan_features", "plan", "feature"):
        advertised.setdefault(plan, set()).add(feature)
    tickets = {}
    for order, opened, restored in fast_rows(folder, "restorations", "order_id", "opened_at", "restored_at"):
        start, end = instant_of(opened), end_of(restored)
        if start < min(end, MIDNIGHT):
            tickets.setdefault(order, []).append((start, min(end, MIDNIGHT)))

    # What befell each line, as long as it qualifies; and the first and last day it was in service.
    struck = {}
    for order, line, carrier, region, plan, provisioned, activated, ended, reason in fast_rows(
        folder, "orders", "order_id", "line", "carrier", "region", "plan", "provisioned_at", "activated_at",
        "ended_at", "end_reason",
    ):
        # P1: what was sold later is not hit.
        faults = [(start, end) for start, end in withdrawals.hitting(line, carrier, region, plan) if start >= end_of(provisioned)]
        faults += longer(outages.hitting(line, carrier, region, plan), 24 * 3600)
        if order in tickets:
            faults += longer(tickets[order], 72 * 3600)
        broken = {}
        for feature, start, end in features.hitting(line, carrier, region, plan):
            if feature in advertised.get(plan, ()):
                broken.setdefault(feature, []).append((start, end))
        for intervals in broken.values():
            faults += longer(intervals, 7 * DAY)
        if not faults:
            continue
        since = end_of(activated)
        if since == NEVER:
            since = end_of(provisioned)
        until = end_of(ended)
        if since == NEVER or (until != NEVER and reason == "aup"):
            continue
        if reason == "withdrawn":
            until = NEVER
        struck[order] = faults, since // DAY, until // DAY

    periods = {}
    for period, order, starts, ends, paid, setup, paid_at in fast_rows(
        folder, "periods", "period_id", "order_id", "starts_on", "ends_on", "paid_usd", "setup_fee_usd", "paid_at"
    ):
        if order in struck and instant_of(paid_at) < MIDNIGHT:
            periods[period] = [order, day_of(starts), day_of(ends), cents_of(paid) - cents_of(setup)]

    for period, category, fee, active_from, active_to in fast_rows(
        folder, "addons", "period_id", "category", "fee_usd", "active_from", "active_to"
    ):
        if category == "ai" and active_from and period in periods:
            start, end = instant_of(active_from), end_of(active_to)
            _, starts, ends, _ = periods[period]
            if start < min(end, MIDNIGHT) and start < ends * DAY and end > starts * DAY:
                periods[period][3] -= cents_of(fee)

    used = {}
    for order, day, calls, sms in fast_rows(folder, "usage", "order_id", "day", "outbound_calls", "outbound_sms"):
        if order in struck and (calls != "0" or sms != "0") and day_of(day) <= CLOSING:
            used.setdefault(order, set()).add(day_of(day))

    refunds = []
    for period, (order, starts, ends, base) in periods.items():
        faults, since, until = struck[order]
        first, last = max(starts, since), min(ends - 1, until)
        days = set()
        for start, end in faults:
            days.update(range(max(first, start // DAY), min(last, (end - 1) // DAY) + 1))
        days -= used.get(order, set())
        length = ends - starts
        amount = 0
        for day in days:
            index = day - starts
            amount += share(base, index + 1, length) - share(base, index, length)
        if amount:
            refunds.append((period, len(days), amount))

    refunds.sort()
    with open(target, "w", newline="", encoding="utf-8") as file:
        file.write("period_id,days,amount_usd\n")
        for period, days, amount in refunds:
            file.write(f"{period},{days},{amount // 100}.{amount % 100:02d}\n")


def share(base, days, length):
    """base * days / length to the nearest cent, ties down."""
    return (2 * base * days + length - 1) // (2 * length)


if __name__ == "__main__":
    main(*sys.argv[1:])
