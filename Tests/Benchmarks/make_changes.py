#!/usr/bin/env python3
"""Write a copy of the facts in which some rows are new or changed, as a panel's export has them after a while.

    make_changes.py --facts /tmp/facts/regional --share 1 --out /tmp/changed            full files
    make_changes.py --facts /tmp/facts/regional --share 1 --out /tmp/changes --alone    the new and changed rows alone

Of every 200 rows of a file one is changed and one is new (--share 1: 1 %): the new ones are those of new orders, and
for every second changed row of usage.csv a row of the date to close in its place. Faults, plans and rates stay as they
are. The same arguments give the same bytes, and --alone the very rows in which the full files differ.
"""

import argparse
import os
import random
import shutil
import sys

import make_data

NEXT = {**dict(zip(make_data.CARRIERS, make_data.CARRIERS[1:])), make_data.CARRIERS[-1]: make_data.CARRIERS[0],
        "ai": "other", "other": "ai", "panel": "contact", "contact": "panel"}
"""What a text of few values is changed to."""


def changed(name, row):
    """Another row under the same key, as right as the former."""
    fields = row.split(",")
    if name == "orders":
        fields[2] = NEXT[fields[2]]
    elif name == "periods":
        dollars, cents = fields[4].split(".")
        total = int(dollars) * 100 + int(cents) + 1
        fields[4] = f"{total // 100}.{total % 100:02d}"
    elif name == "addons":
        fields[2] = NEXT[fields[2]]
    elif name == "usage":
        fields[3] = str(int(fields[3]) + 1)
    elif name == "requests":
        fields[4] = NEXT[fields[4]]
    return ",".join(fields)


CHANGED = ["orders", "periods", "addons", "usage", "requests"]


def rows_with_changes(name, rows, share, seed):
    """Each row of the new file with whether it is new or changed."""
    rng = random.Random(f"{seed}/{name}/{share}")
    chance, rnd = share / 200, rng.random
    last_order = None
    for row in rows:
        if rnd() >= chance:
            yield row, False
        elif name != "usage" or rnd() < 0.5:
            yield changed(name, row), True
        else:
            yield row, False
            order = row[:row.index(",")]
            if order != last_order:  # one row a day; the file is sorted by order
                yield f"{order},2026-10-31,1,0,0\n", True
                last_order = order


def number_of_orders(facts):
    """From the id in the last row of orders.csv."""
    with open(os.path.join(facts, "orders.csv"), "rb") as file:
        file.seek(-min(400, os.path.getsize(file.name)), os.SEEK_END)
        return int(file.read().splitlines()[-1].split(b",")[0].split(b"-")[1])


def write_changes(facts, share, seed, alone, folder):
    """The number of rows that are new or changed."""
    orders = number_of_orders(facts)
    fresh = make_data.make_orders(f"{seed}/new/{share}", orders + 1, max(1, round(orders * share / 200)))
    count = 0
    for name in make_data.HEADERS:
        source, target = os.path.join(facts, name + ".csv"), os.path.join(folder, name + ".csv")
        if name not in CHANGED and not fresh.get(name):
            if not alone:
                shutil.copyfile(source, target)
            continue
        with open(source, encoding="ascii", newline="") as old, open(target, "w", encoding="ascii", newline="", buffering=1 << 20) as new:
            new.write(next(old))
            rows = rows_with_changes(name, old, share if name in CHANGED else 0, seed)
            for row, is_new in rows:
                count += is_new
                if is_new or not alone:
                    new.write(row)
            new.write(fresh.get(name, ""))
            count += fresh.get(name, "").count("\n")
    return count


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", required=True, metavar="DIR", help="a folder of a scenario by make_data.py")
    parser.add_argument("--share", type=float, default=1, metavar="P", help="per cent of the rows that are new or changed")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--alone", action="store_true", help="only the rows that are new or changed")
    parser.add_argument("--out", required=True, metavar="DIR", help="a folder that does not exist yet")
    options = parser.parse_args()
    if os.path.exists(options.out):
        parser.error(f"{options.out} exists")
    aside = f"{options.out}.{os.getpid()}.partial"
    os.makedirs(aside)
    try:
        count = write_changes(options.facts, options.share, options.seed, options.alone, aside)
        os.rename(aside, options.out)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    print(f"{options.out}: {count} rows new or changed", file=sys.stderr)


if __name__ == "__main__":
    main()
