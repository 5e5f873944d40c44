#!/usr/bin/env python3
"""Write the facts of a seller of phone lines as CSV files, for measuring a nightly run.

    make_data.py --orders 1000000 --seed 1 --scenario regional --out /tmp/facts

The same arguments give the same bytes on any machine and any Python from 3.9 on. Orders are made one after the
other and written as they are made, so memory does not grow with their number. orders.csv, periods.csv, usage.csv
and restorations.csv are sorted by order id; the folder appears under its name only when it is complete.

The business date to close is 2026-10-31, and no fact is later. Scenarios:

quiet      a few short outages, one of exactly 24 hours, one of a third party: nothing qualifies, nothing is refunded
regional   one region of ten out for 40 hours, a number prefix withdrawn, a feature of one plan broken for 9 days,
           and single lines withdrawn, out or not restored
platform   every line out for 60 hours, and the same single lines

Requests (0.5 % of the orders) are made so that policy denies them all: the line was used for verification before,
or they come too late and no fault was open. So the refunds are those of P1 to P4 alone, which the peers compute.
"""

import argparse
import datetime
import os
import random
import shutil
import sys

FIRST_DAY = datetime.date(2023, 1, 1)
"""Days below are numbers counted from this one."""


def day_number(text):
    return (datetime.date.fromisoformat(text) - FIRST_DAY).days


CLOSING = day_number("2026-10-31")
FAULTS_BEGIN = day_number("2026-10-05")
"""No shared fault begins before this day, so a request made before it can meet none."""

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
    ("infrastructure", "prefix", "+31", "2026-10-31T18:00:00Z", ""),
]
QUIET_FEATURE_FAULTS = [
    ("verification", "plan", "sms", "2026-10-07T00:00:00Z", "2026-10-12T00:00:00Z"),
    ("calls", "region", "se", "2026-10-09T12:00:00Z", "2026-10-16T12:00:00Z"),
    ("recording", "plan", "talk", "2026-10-05T00:00:00Z", "2026-10-27T00:00:00Z"),
]
REGIONAL_OUTAGES = [
    ("infrastructure", "region", "uk", "2026-10-18T06:00:00Z", "2026-10-19T22:00:00Z"),
    ("infrastructure", "carrier", "voxline", "2026-10-19T22:00:00Z", "2026-10-20T08:00:00Z"),
]
REGIONAL_WITHDRAWALS = [
    ("carrier", "prefix", "+49205", "2026-10-12T09:30:00Z", ""),
    ("regulatory", "prefix", "+33207", "2026-10-20T00:00:00Z", "2026-10-25T12:00:00Z"),
]
# Together one fault of 9 days for the plan "pro"; the second alone, which the plan "team" has, is too short.
REGIONAL_FEATURE_FAULTS = [
    ("recording", "plan", "pro", "2026-10-14T15:00:00Z", "2026-10-20T00:00:00Z"),
    ("recording", "platform", "", "2026-10-19T12:00:00Z", "2026-10-23T15:00:00Z"),
]
WITHDRAWN_PREFIX, WITHDRAWN_ON = "+49205", day_number("2026-10-12")
PLATFORM_OUTAGES = [("infrastructure", "platform", "", "2026-10-20T02:00:00Z", "2026-10-22T14:00:00Z")]


def write_data(orders, seed, scenario, folder):
    """Write every file of the contract into `folder`, which must exist."""
    rng = random.Random(f"{seed}/{scenario}/{orders}")
    files = {}
    for name, header in HEADERS.items():
        files[name] = open(os.path.join(folder, name + ".csv"), "w", encoding="ascii", newline="", buffering=1 << 20)
        files[name].write(header + "\n")
    try:
        counts = write_orders(orders, rng, scenario, files)
        write_shared(scenario, files, counts)
    finally:
        for file in files.values():
            file.close()


def write_shared(scenario, files, counts):
    """The records that are not of one order: faults by scope, plans, rates. `counts` numbers on from the orders' own."""
    outages, withdrawals, faults = list(QUIET_OUTAGES), [], list(QUIET_FEATURE_FAULTS)
    if scenario == "regional":
        outages += REGIONAL_OUTAGES
        withdrawals += REGIONAL_WITHDRAWALS
        faults += REGIONAL_FEATURE_FAULTS
    elif scenario == "platform":
        outages += PLATFORM_OUTAGES
    for number, row in enumerate(outages, counts["outages"] + 1):
        files["outages"].write(f"out-{number:06d},{','.join(row)}\n")
    for number, row in enumerate(withdrawals, counts["withdrawals"] + 1):
        files["withdrawals"].write(f"wdr-{number:06d},{','.join(row)}\n")
    for number, row in enumerate(faults, 1):
        files["feature_faults"].write(f"ff-{number:04d},{','.join(row)}\n")
    for plan, (_, features) in PLANS.items():
        for feature in features:
            files["plan_features"].write(f"{plan},{feature}\n")
    for coin, _, price in COINS:
        for hour in range(24):
            cents = price + price * (hour - 12) // 1000
            files["rates"].write(f"{coin},2026-10-31T{hour:02d}:00:00Z,{cents // 100}.{cents % 100:02d}\n")


def write_orders(orders, rng, scenario, files):
    """Orders with all that belongs to one; the number of outages and withdrawals written for single lines."""
    rnd, bits = rng.random, rng.getrandbits
    day = [(FIRST_DAY + datetime.timedelta(days=i)).isoformat() for i in range(CLOSING + 2 * 365 + 10)]
    clock = [f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(86_400)]
    money = [f"{cents // 100}.{cents % 100:02d}" for cents in range(80_000)]
    places = [
        (f"+{code}{area}", region) for region, code, first in REGIONS for area in range(first, first + 20)
    ]
    plans = [(plan, price) for plan, (price, _) in PLANS.items()]
    # Calls, SMS, verifications of one day; the last three are no use in the sense of N2.
    used = [f",{c},{s},{v}\n" for c, s, v in [
        (1, 0, 0), (0, 1, 0), (0, 3, 1), (2, 2, 0), (5, 0, 0), (0, 8, 2), (1, 4, 1), (12, 1, 0), (3, 0, 1),
        (0, 0, 1), (0, 0, 3), (0, 0, 0)]]
    verifies = [not shape.endswith(",0\n") for shape in used]
    lasting = scenario != "quiet"  # whether single lines have faults that qualify
    addon, outage, withdrawal, ticket, request = 0, 0, 0, 0, 0

    out = {name: [] for name in ("orders", "periods", "addons", "usage", "restorations", "requests")}
    add_order, add_period, add_usage = out["orders"].append, out["periods"].append, out["usage"].append

    for number in range(1, orders + 1):
        order = f"ord-{number:010d}"
        prefix, region = places[int(rnd() * 200)]
        line = f"{prefix}{number % 10_000_000:07d}"
        carrier = CARRIERS[int(rnd() * 5)]
        plan, price = plans[int(rnd() * 4)]

        # When: four of five orders run on the closing date, the others have run out before.
        choice = rnd()
        length = 30 if choice < 0.6 else 90 if choice < 0.85 else 365
        periods = 1 if rnd() < 0.55 else 2
        span = length * periods
        if rnd() < 0.8:
            start = CLOSING - int(rnd() * span)
        else:
            start = CLOSING - span - int(rnd() * 60)
        second = 600 + int(rnd() * 80_000)
        # A renewal is paid when its period begins; one in ten customers pays it a few days ahead.
        ahead = 0
        if periods == 2:
            if rnd() < 0.1:
                ahead = 1 + int(rnd() * 20)
            if start + length - ahead > CLOSING:
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
                if active <= CLOSING:
                    activated = day[active] + clock[second + 240]
        last = paid_until - 1
        if last > CLOSING:
            last = CLOSING
        if activated:
            if paid_until <= CLOSING:
                ended, reason = day[paid_until] + clock[0], "expired"
            choice = rnd()
            if choice < 0.025 and last > active + 1:
                last = active + 1 + int(rnd() * (last - active - 1))
                ended, reason = day[last] + clock[43_200 + int(rnd() * 40_000)], "cancelled" if choice < 0.02 else "aup"
            elif lasting and prefix == WITHDRAWN_PREFIX and scenario == "regional" and active < WITHDRAWN_ON < last:
                if choice < 0.5:
                    last = WITHDRAWN_ON
                    ended, reason = day[last] + clock[34_200], "withdrawn"
        add_order(f"{order},{line},{carrier},{region},{plan},{provisioned},{activated},{ended},{reason}\n")

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
                addon += 1
                choice = rnd()
                category = "ai" if choice < 0.7 else "other"
                since = until = ""
                if choice < 0.6 or choice > 0.8:
                    since = day[starts] + clock[second]
                    if choice < 0.2 and starts + 5 <= CLOSING:
                        until = day[starts + 5] + clock[second]
                out["addons"].append(
                    f"add-{addon:08d},{period},{category},{money[fee]},{since},{until}\n")
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
        verified = -1
        if activated and active <= last:
            room = last - active + 1
            if room > 60:
                room = 60
            days = {last - int(rnd() * room) for _ in range(int(rnd() * 8))}
            for used_day in sorted(days):
                shape = int(rnd() * 12)
                add_usage(f"{order},{day[used_day]}{used[shape]}")
                if verifies[shape] and verified < 0:
                    verified = used_day

        # Service of the one line that could not be restored (P3).
        choice = rnd()
        troubled = choice < 0.003 and bool(activated)
        if troubled and active < last:
            opened = active + int(rnd() * min(40, last - active))
            hours = 1 + int(rnd() * (110 if lasting else 48))
            ticket += 1
            if opened >= CLOSING - 2:
                closed = ""
            else:
                closed = day[min(opened + hours // 24, CLOSING)] + clock[second + hours % 24 * 100]
            out["restorations"].append(f"tic-{ticket:07d},{order},{day[opened]}{clock[second]},{closed}\n")
            if lasting and closed and choice < 0.0006:
                # A second ticket that begins where the first ended: one fault in the sense of P3.
                again = opened + hours // 24 + 2
                ticket += 1
                out["restorations"].append(
                    f"tic-{ticket:07d},{order},{closed},{day[again] + clock[second] if again <= CLOSING else ''}\n")
        elif lasting and choice > 0.9996:
            # A fault of the one line by its number.
            since = CLOSING - int(rnd() * 25)
            choice = rnd()
            if choice < 0.5:
                withdrawal += 1
                until = day[since + 3] + clock[second] if choice < 0.1 and since + 3 <= CLOSING else ""
                files["withdrawals"].write(
                    f"wdr-{withdrawal:06d},carrier,line,{line},{day[since]}{clock[second]},{until}\n")
            else:
                outage += 1
                until = day[since + 1] + clock[second + int(rnd() * 3600)] if since < CLOSING else ""
                files["outages"].write(
                    f"out-{outage:06d},infrastructure,line,{line},{day[since]}{clock[second]},{until}\n")

        # A request, always to be denied: after verification (N3), or late and with no fault open (W1).
        if activated and rnd() < 0.007:
            asked = -1
            if verified >= 0:
                asked = min(CLOSING, verified + int(rnd() * 4))
            elif not troubled and active + 9 < FAULTS_BEGIN:
                asked = active + 9 + int(rnd() * min(30, FAULTS_BEGIN - active - 9))
            if asked >= 0:
                request += 1
                by_payment = rnd() < 0.1
                address = ADDRESSES.get(coin, "")
                out["requests"].append(
                    f"req-{request:07d},{'' if by_payment else order},{first_txid if by_payment else ''},"
                    f"{day[asked]}{clock[86_399 if asked == verified else second]},"
                    f"{'contact' if by_payment else 'panel'},{address},,\n")

        if number % 5000 == 0:
            flush(out, files)
    flush(out, files)
    return {"outages": outage, "withdrawals": withdrawal}


def flush(out, files):
    for name, lines in out.items():
        files[name].write("".join(lines))
        lines.clear()


def make(orders, seed, scenario, folder):
    """Make the folder whole or not at all."""
    aside = f"{folder}.{os.getpid()}.partial"
    os.makedirs(aside)
    try:
        write_data(orders, seed, scenario, aside)
        os.rename(aside, folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--scenario", choices=["quiet", "regional", "platform"], default="regional")
    parser.add_argument("--out", required=True, metavar="DIR", help="a folder that does not exist yet")
    options = parser.parse_args()
    if not 1 <= options.orders <= 9_999_999:
        parser.error("--orders is between 1 and 9999999: a line's number has seven digits of its own")
    if os.path.exists(options.out):
        parser.error(f"{options.out} exists")
    make(options.orders, options.seed, options.scenario, options.out)
    size = sum(entry.stat().st_size for entry in os.scandir(options.out))
    print(f"{options.out}: {options.orders} orders, {size / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
