#!/usr/bin/env python3
"""Write the facts of a seller of phone lines as CSV files, for measuring a nightly run.

    make_data.py --orders 1000000 --seed 1 --out /tmp/facts

The same seed and number of orders give the same bytes on any machine, any Python from 3.9 on and any number of
processes. Orders are made in blocks, each with a random stream of its own, and written block by block, so memory does
not grow with their number. orders.csv, periods.csv, usage.csv and restorations.csv are sorted by order id; the
folder appears under its name only when it is complete.

The business date to close is 2026-10-31. In the folder:

quiet             all facts up to the day before. A few short outages, one of exactly 24 hours, one of a third party:
                  nothing qualifies, nothing is refunded
regional          the same, and one region of ten out for 40 hours, a number prefix withdrawn, a feature broken for
                  the lines of another prefix for 9 days, and single lines withdrawn, out or not restored
platform          the same as quiet, and every line out for 60 hours, which half of the orders are owed days for, and
                  the same single lines
regional-records  the records alone that make regional of quiet: what a kept database gets before that night
platform-records  likewise
next-day          a few facts of the date to close, about 1,000 rows whatever the number of orders: use, new orders
short-outage      one record of that date: a region out for three hours, which is not enough for anything
line-outages      records of five single lines, out for 25 hours

So one set of orders serves all scenarios. Files that are equal in several folders are one file with several names.

Requests (0.5 % of the orders) are made so that policy denies them all: the line was used for verification before,
or they come too late and no fault was open. So the refunds are those of P1 to P4 alone, which the peers compute.
"""

import argparse
import datetime
import multiprocessing
import os
import random
import shutil
import sys

FIRST_DAY = datetime.date(2023, 1, 1)
"""Days below are numbers counted from this one."""


def day_number(text):
    return (datetime.date.fromisoformat(text) - FIRST_DAY).days


CLOSING = day_number("2026-10-31")
LAST_DAY = CLOSING - 1
"""The day of the latest facts of orders. Nothing of them is dated on the day to close, so a night with no new facts
really has nothing new, however many orders there are."""
FAULTS_BEGIN = day_number("2026-10-05")
"""No fault of a scenario begins before this day, so a request made before it can meet none."""
BLOCK = 20_000
"""Orders of one random stream, and of one task of a process."""

# (region, country code): twenty number prefixes each, of the country code and three digits.
REGIONS = [
    ("us-east", "1", 200), ("us-west", "1", 300), ("ca", "1", 400), ("uk", "44", 200), ("de", "49", 200),
    ("fr", "33", 200), ("nl", "31", 200), ("se", "46", 200), ("pl", "48", 200), ("ee", "372", 200),
]
CARRIERS = ["northtel", "voxline", "aerowave", "ringo", "cablix"]

# plan: (its price for 30 days in cents, its core features)
PLANS = {
    "sms": (799, ["sms", "verification"]),
    "talk": (1299, ["calls", "voicemail"]),
    "pro": (2999, ["calls", "sms", "verification", "recording"]),
    "team": (4999, ["calls", "sms", "voicemail", "recording", "forwarding"]),
}
# days of a period: what it costs, in tenths of the price for 30 days
LENGTHS = {30: 10, 90: 28, 365: 100}

# (coin, network, price of one coin in cents)
COINS = [
    ("XMR", "", 16_250), ("BTC", "", 6_850_000), ("LTC", "", 8_420), ("USDT", "Tron", 100), ("ETH", "", 252_000),
]
ADDRESSES = {
    "BTC": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "XMR": "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjdPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
}

HEADERS = {
    "orders": "order_id,line,carrier,region,plan,provisioned_at,activated_at,ended_at,end_reason",
    "periods": "period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,network,paid_amount,txid,paid_at",
    "addons": "addon_id,period_id,category,fee_usd,active_from,active_to",
    "usage": "order_id,day,outbound_calls,outbound_sms,verifications",
    "outages": "outage_id,origin,scope,scope_value,started_at,ended_at",
    "withdrawals": "withdrawal_id,reason,scope,scope_value,effective_at,reversed_at",
    "feature_faults": "fault_id,feature,scope,scope_value,started_at,fixed_at",
    "plan_features": "plan,feature",
    "restorations": "ticket_id,order_id,opened_at,restored_at",
    "requests": "request_id,order_id,txid,requested_at,channel,address,network,tag",
    "rates": "coin,quoted_at,usd",
}

# What is the matter in every scenario, and qualifies in none.
QUIET_OUTAGES = [
    ("infrastructure", "region", "us-east", "2026-10-06T01:00:00Z", "2026-10-06T04:10:00Z"),
    ("infrastructure", "platform", "", "2026-10-08T22:00:00Z", "2026-10-08T22:40:00Z"),
    ("infrastructure", "carrier", "northtel", "2026-10-10T03:00:00Z", "2026-10-11T01:50:00Z"),
    ("infrastructure", "region", "de", "2026-10-13T00:00:00Z", "2026-10-14T00:00:00Z"),
    ("third_party", "platform", "", "2026-10-15T00:00:00Z", "2026-10-17T02:00:00Z"),
    ("carrier", "region", "fr", "2026-10-24T00:00:00Z", "2026-10-26T12:00:00Z"),
    ("infrastructure", "plan", "team", "2026-10-28T05:00:00Z", "2026-10-28T23:00:00Z"),
]
QUIET_FEATURE_FAULTS = [
    ("verification", "plan", "sms", "2026-10-07T00:00:00Z", "2026-10-12T00:00:00Z"),
    ("calls", "region", "se", "2026-10-09T12:00:00Z", "2026-10-16T12:00:00Z"),
    ("recording", "plan", "talk", "2026-10-05T00:00:00Z", "2026-10-27T00:00:00Z"),
]
# Still open on the closing date, and 6 hours long.
OPEN_OUTAGE = ("infrastructure", "prefix", "+31", "2026-10-31T18:00:00Z", "")
LINES_OUT = 5
SHORT_OUTAGE = ("infrastructure", "region", "se", "2026-10-31T09:00:00Z", "2026-10-31T12:00:00Z")
REGIONAL_OUTAGES = [
    OPEN_OUTAGE,
    ("infrastructure", "region", "uk", "2026-10-18T06:00:00Z", "2026-10-19T22:00:00Z"),
    ("infrastructure", "carrier", "voxline", "2026-10-19T22:00:00Z", "2026-10-20T08:00:00Z"),
]
REGIONAL_WITHDRAWALS = [
    ("carrier", "prefix", "+49205", "2026-10-12T09:30:00Z", ""),
    ("regulatory", "prefix", "+33207", "2026-10-20T00:00:00Z", "2026-10-25T12:00:00Z"),
]
# Together one fault of 9 days for the lines of one prefix whose plan has recording; the second alone is too short.
REGIONAL_FEATURE_FAULTS = [
    ("recording", "prefix", "+1405", "2026-10-14T15:00:00Z", "2026-10-20T00:00:00Z"),
    ("recording", "platform", "", "2026-10-19T12:00:00Z", "2026-10-23T15:00:00Z"),
]
WITHDRAWN_PREFIX, WITHDRAWN_ON = "+49205", day_number("2026-10-12")
PLATFORM_OUTAGES = [OPEN_OUTAGE, ("infrastructure", "platform", "", "2026-10-06T02:00:00Z", "2026-10-08T14:00:00Z")]


# The files that hold records of orders, in the order of the orders.
OF_ORDERS = ["orders", "periods", "addons", "usage", "restorations", "requests"]


class Calendar:
    """Texts of days, times and amounts, made once for each process."""

    def __init__(self):
        self.day = [(FIRST_DAY + datetime.timedelta(days=i)).isoformat() for i in range(CLOSING + 2 * 365 + 10)]
        self.clock = [f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(86_400)]
        self.money = [f"{cents // 100}.{cents % 100:02d}" for cents in range(80_000)]


CALENDAR = None


def make_orders(stream, first, count):
    """`count` orders from number `first` on, with all that belongs to them, by the random stream of that name.

    The answer is the text of each file. Beside the files of the quiet facts there are the records that a scenario
    adds for single lines, "+outages", "+withdrawals" and "+restorations", and of its orders those that end as
    withdrawn, "+orders", in place of the same ones in "orders".
    """
    global CALENDAR
    if CALENDAR is None:
        CALENDAR = Calendar()
    day, clock, money = CALENDAR.day, CALENDAR.clock, CALENDAR.money
    rng = random.Random(stream)
    rnd, bits = rng.random, rng.getrandbits
    places = [
        (f"+{code}{area}", region) for region, code, first_area in REGIONS for area in range(first_area, first_area + 20)
    ]
    plans = [(plan, price) for plan, (price, _) in PLANS.items()]
    # Calls, SMS, verifications of one day; the last three are no use in the sense of N2.
    used = [f",{c},{s},{v}\n" for c, s, v in [
        (1, 0, 0), (0, 1, 0), (0, 3, 1), (2, 2, 0), (5, 0, 0), (0, 8, 2), (1, 4, 1), (12, 1, 0), (3, 0, 1),
        (0, 0, 1), (0, 0, 3), (0, 0, 0)]]
    verifies = [not shape.endswith(",0\n") for shape in used]

    out = {name: [] for name in OF_ORDERS}
    out.update({"+orders": [], "+outages": [], "+withdrawals": [], "+restorations": []})
    add_order, add_period, add_usage = out["orders"].append, out["periods"].append, out["usage"].append

    for number in range(first, first + count):
        order = f"ord-{number:010d}"
        prefix, region = places[int(rnd() * 200)]
        line = f"{prefix}{number % 100_000_000:08d}"
        carrier = CARRIERS[int(rnd() * 5)]
        plan, price = plans[int(rnd() * 4)]

        # When: four of five orders run on the last day, the others have run out before.
        choice = rnd()
        length = 30 if choice < 0.6 else 90 if choice < 0.85 else 365
        periods = 1 if rnd() < 0.55 else 2
        span = length * periods
        if rnd() < 0.8:
            start = LAST_DAY - int(rnd() * span)
        else:
            start = LAST_DAY - span - int(rnd() * 60)
        second = 600 + int(rnd() * 80_000)
        # A renewal is paid when its period begins; one in ten customers pays it a few days ahead.
        ahead = 0
        if periods == 2:
            if rnd() < 0.1:
                ahead = 1 + int(rnd() * 20)
            if start + length - ahead > LAST_DAY:
                periods = 1
        paid_until = start + length * periods

        # The line: provisioned when paid, activated soon, ended or not.
        choice = rnd()
        active = start
        provisioned = activated = ended = reason = ""
        if choice >= 0.002:
            provisioned = day[start] + clock[second]
            if choice >= 0.015:
                if choice < 0.1:
                    active = start + 1 + int(rnd() * 3)
                if active <= LAST_DAY:
                    activated = day[active] + clock[second + 240]
        last = paid_until - 1
        if last > LAST_DAY:
            last = LAST_DAY
        if activated:
            if paid_until <= LAST_DAY:
                ended, reason = day[paid_until] + clock[0], "expired"
            choice = rnd()
            if choice < 0.025 and last > active + 1:
                last = active + 1 + int(rnd() * (last - active - 1))
                ended, reason = day[last] + clock[43_200 + int(rnd() * 40_000)], "cancelled" if choice < 0.02 else "aup"
        start_of_row = f"{order},{line},{carrier},{region},{plan},{provisioned},{activated},"
        add_order(f"{start_of_row}{ended},{reason}\n")

        # What was paid.
        coin, network, coin_price = COINS[int(rnd() * 5)]
        base = price * LENGTHS[length] // 10 - int(rnd() * 200)
        starts = start
        first_txid = ""
        for index in range(1, periods + 1):
            period = f"per-{number:010d}-{index}"
            setup = 1000 if index == 1 else 0
            paid = base + setup
            if rnd() < 0.06:
                fee = 100 + int(rnd() * 900)
                paid += fee
                choice = rnd()
                category = "ai" if choice < 0.7 else "other"
                since = until = ""
                if choice < 0.6 or choice > 0.8:
                    since = day[starts] + clock[second]
                    if choice < 0.2 and starts + 5 <= LAST_DAY:
                        until = day[starts + 5] + clock[second]
                out["addons"].append(
                    f"add-{number:010d}-{index},{period},{category},{money[fee]},{since},{until}\n")
            ends = starts + length
            txid = f"{bits(128):032x}"
            if index == 1:
                first_txid = txid
                paid_at = day[starts] + clock[second - 300]
            else:
                paid_at = day[starts - ahead] + clock[second - 300]
            add_period(
                f"{period},{order},{day[starts]},{day[ends]},{money[paid]},{money[setup]},{coin},{network},"
                f"{paid / coin_price:.6f},{txid},{paid_at}\n")
            starts = ends

        # Use, within the last 60 days of the service.
        verified = latest = -1
        if activated and active <= last:
            room = last - active + 1
            if room > 60:
                room = 60
            days = {last - int(rnd() * room) for _ in range(int(rnd() * 8))}
            for latest in sorted(days):
                shape = int(rnd() * 12)
                add_usage(f"{order},{day[latest]}{used[shape]}")
                if verifies[shape] and verified < 0:
                    verified = latest

        # Service of the one line that was restored in time, or is not yet late (P3).
        troubled = bool(activated) and active < last and rnd() < 0.003
        if troubled:
            opened = active + int(rnd() * min(40, last - active))
            hours = 1 + int(rnd() * 48)
            closed = "" if opened >= CLOSING - 2 else day[min(opened + hours // 24, LAST_DAY)] + clock[second + hours % 24 * 100]
            out["restorations"].append(f"tic-{number:010d}-1,{order},{day[opened]}{clock[second]},{closed}\n")

        # A request, always to be denied: after verification (N3), or late and with no fault open (W1).
        if activated and rnd() < 0.007:
            asked = -1
            if verified >= 0:
                asked = min(LAST_DAY, verified + int(rnd() * 4))
            elif not troubled and active + 9 < FAULTS_BEGIN:
                asked = active + 9 + int(rnd() * min(30, FAULTS_BEGIN - active - 9))
            if asked >= 0:
                by_payment = rnd() < 0.1
                address = ADDRESSES.get(coin, "")
                out["requests"].append(
                    f"req-{number:010d},{'' if by_payment else order},{first_txid if by_payment else ''},"
                    f"{day[asked]}{clock[86_399 if asked == verified else second]},"
                    f"{'contact' if by_payment else 'panel'},{address},,\n")

        # What scenarios add: first a service that was not restored in time.
        choice = rnd()
        if choice < 0.004 and activated and last > FAULTS_BEGIN:
            late_tickets(out["+restorations"], number, max(active, FAULTS_BEGIN), last, second, choice, rnd)
        elif choice > 0.9996:
            # A fault of the one line by its number.
            since = CLOSING - int(rnd() * 25)
            choice = rnd()
            if choice < 0.5:
                until = day[since + 3] + clock[second] if choice < 0.1 and since + 3 <= CLOSING else ""
                out["+withdrawals"].append(
                    f"wdr-{number:010d},carrier,line,{line},{day[since]}{clock[second]},{until}\n")
            else:
                until = day[since + 1] + clock[second + int(rnd() * 3600)] if since < CLOSING else ""
                out["+outages"].append(
                    f"out-{number:010d},infrastructure,line,{line},{day[since]}{clock[second]},{until}\n")
        elif prefix == WITHDRAWN_PREFIX and activated and active < WITHDRAWN_ON < last and latest < WITHDRAWN_ON:
            # The panel ended some of the orders whose number was withdrawn.
            out["+orders"].append(f"{start_of_row}{day[WITHDRAWN_ON]}{clock[34_200]},withdrawn\n")
    return {name: "".join(lines) for name, lines in out.items()}


def late_tickets(out, number, earliest, last, second, choice, rnd):
    """A ticket that is open longer than is allowed, or nearly so; with some, a second one from the end of the first."""
    day, clock = CALENDAR.day, CALENDAR.clock
    opened = earliest + int(rnd() * (last - earliest))
    hours = 30 + int(rnd() * 80)
    ends = opened + hours // 24
    closed = day[ends] + clock[second + hours % 24 * 100] if choice > 0.0005 and ends <= CLOSING else ""
    out.append(f"tic-{number:010d}-2,ord-{number:010d},{day[opened]}{clock[second]},{closed}\n")
    if closed and choice < 0.001:
        # Both together are one fault in the sense of P3.
        out.append(f"tic-{number:010d}-3,ord-{number:010d},{closed},{day[ends + 2] + clock[second] if ends + 2 <= CLOSING else ''}\n")


def make_block(task):
    """One task of a process: see `make_orders`; the orders of the regional scenario whole, too."""
    seed, first, count = task
    texts = make_orders(f"{seed}/{first}", first, count)
    changed = {row[:14]: row for row in texts["+orders"].splitlines(keepends=True)}
    texts["regional orders"] = "".join(
        changed.get(row[:14], row) for row in texts["orders"].splitlines(keepends=True))
    return {name: text.encode("ascii") for name, text in texts.items()}


class Folders:
    """The files of all folders, opened when the first row comes."""

    def __init__(self, root):
        self.root = root
        self.open = {}

    def write(self, folder, name, rows):
        if (folder, name) not in self.open:
            os.makedirs(os.path.join(self.root, folder), exist_ok=True)
            file = self.open[folder, name] = open(os.path.join(self.root, folder, name + ".csv"), "wb", buffering=1 << 20)
            file.write(HEADERS[name].encode() + b"\n")
        self.open[folder, name].write(rows)

    def close(self):
        for file in self.open.values():
            file.close()


def numbered(kind, rows, first=1):
    """Shared records as text, with ids counted from `first`."""
    return "".join(f"{kind}-{number:06d},{','.join(row)}\n" for number, row in enumerate(rows, first)).encode()


def write_data(orders, seed, root, processes):
    """Write every folder into `root`, which must exist."""
    folders = Folders(root)
    try:
        write_shared(folders)
        tasks = [(seed, first, min(BLOCK, orders - first + 1)) for first in range(1, orders + 1, BLOCK)]
        if processes == 1 or len(tasks) == 1:
            write_blocks(folders, map(make_block, tasks))
        else:
            with multiprocessing.Pool(processes) as pool:
                write_blocks(folders, pool.imap(make_block, tasks))
        write_next_day(folders, orders, seed)
    finally:
        folders.close()
    link_equal_files(root)


def write_blocks(folders, blocks):
    for number, texts in enumerate(blocks):
        if number < LINES_OUT:
            line = texts["orders"].split(b",", 2)[1].decode()
            outage = ("infrastructure", "line", line, "2026-10-30T10:00:00Z", "2026-10-31T11:00:00Z")
            folders.write("line-outages", "outages", numbered("out", [outage], 401 + number))
        for name in OF_ORDERS:
            folders.write("quiet", name, texts[name])
        folders.write("regional", "orders", texts["regional orders"])
        folders.write("regional-records", "orders", texts["+orders"])
        for name in ("outages", "withdrawals"):
            for folder in ("regional", "platform", "regional-records", "platform-records"):
                folders.write(folder, name, texts["+" + name])
        # One file of tickets by order: a scenario's late ones among those of every day.
        both = "".join(sorted((texts["restorations"] + texts["+restorations"]).decode().splitlines(keepends=True))).encode()
        for scenario in ("regional", "platform"):
            folders.write(scenario, "restorations", both)
            folders.write(scenario + "-records", "restorations", texts["+restorations"])


def write_shared(folders):
    """The records that are not of one order: faults by scope, plans, rates."""
    quiet = {
        "outages": numbered("out", QUIET_OUTAGES), "withdrawals": b"", "feature_faults": numbered("ff", QUIET_FEATURE_FAULTS),
        "plan_features": "".join(
            f"{plan},{feature}\n" for plan, (_, features) in PLANS.items() for feature in features).encode(),
        "rates": "".join(hourly_rates()).encode(),
    }
    regional = {
        "outages": numbered("out", REGIONAL_OUTAGES, 101), "withdrawals": numbered("wdr", REGIONAL_WITHDRAWALS, 101),
        "feature_faults": numbered("ff", REGIONAL_FEATURE_FAULTS, 101),
    }
    platform = {"outages": numbered("out", PLATFORM_OUTAGES, 201)}
    for name, rows in quiet.items():
        for scenario in ("quiet", "regional", "platform"):
            folders.write(scenario, name, rows)
    for scenario, more in (("regional", regional), ("platform", platform)):
        for name, rows in more.items():
            folders.write(scenario, name, rows)
            folders.write(scenario + "-records", name, rows)
    folders.write("short-outage", "outages", numbered("out", [SHORT_OUTAGE], 301))


def hourly_rates():
    for coin, _, price in COINS:
        for hour in range(24):
            cents = price + price * (hour - 12) // 1000
            yield f"{coin},2026-10-30T{hour:02d}:00:00Z,{cents // 100}.{cents % 100:02d}\n"


def write_next_day(folders, orders, seed):
    """Use of 800 known orders on the date to close, and 50 new orders with what belongs to them."""
    known = min(800, orders)
    rows = [f"ord-{index * orders // known + 1:010d},2026-10-31,{index % 3},1,{index % 2}\n" for index in range(known)]
    texts = make_orders(f"{seed}/next day", orders + 1, 50)
    for name in OF_ORDERS:
        folders.write("next-day", name, texts[name].encode())
    folders.write("next-day", "usage", "".join(rows).encode())


def link_equal_files(root):
    """A scenario's files that nothing differs in are those of quiet; there is no need for them twice on disk."""
    for scenario in ("regional", "platform"):
        for name in HEADERS:
            path = os.path.join(root, scenario, name + ".csv")
            if not os.path.exists(path):
                os.link(os.path.join(root, "quiet", name + ".csv"), path)


def make(orders, seed, folder, processes):
    """Make the folder whole or not at all."""
    aside = f"{folder}.{os.getpid()}.partial"
    os.makedirs(aside)
    try:
        write_data(orders, seed, aside, processes)
        os.rename(aside, folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--out", required=True, metavar="DIR", help="a folder that does not exist yet")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), metavar="P", help="as many as there are cores")
    options = parser.parse_args()
    if not 1 <= options.orders <= 90_000_000:
        parser.error("--orders is between 1 and 90000000: a line's number has eight digits of its own")
    if os.path.exists(options.out):
        parser.error(f"{options.out} exists")
    make(options.orders, options.seed, options.out, options.processes)
    size = sum(entry.stat().st_size for entry in os.scandir(os.path.join(options.out, "quiet")))
    print(f"{options.out}: {options.orders} orders, {size / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
