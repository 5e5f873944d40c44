#!/usr/bin/env python3
"""Measure makegood beside peers on the same facts, interleaved, and print a table with ratios.

    run.py --binary PATH [--orders 100000 1000000] [--scenarios quiet regional platform] [--peers duckdb sqlite]
           [--repeat 3] [--work DIR] [--growth N …]

Every program must give the same refunds: period, days and amount are compared, and a difference ends the run with 1.
Wall and CPU seconds are medians, memory is the highest resident set of any repetition.
"""

import argparse
import csv
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
CLOSING = "2026-10-31"
PEERS = ["duckdb", "polars", "sqlite", "loop"]


def measure(command, stdin=None, cwd=None, environment=None):
    """Wall seconds, CPU seconds and the highest resident set in MB of a command that must succeed."""
    with open(stdin, "rb") if stdin else open(os.devnull, "rb") as source:
        begun = time.monotonic()
        process = subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL, cwd=cwd, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
    if status != 0:
        sys.exit(f"error: {' '.join(map(str, command))} ended with status {status}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Measured:
    """The figures of one step of one program."""

    def __init__(self):
        self.runs = []

    def add(self, figures):
        self.runs.append(figures)

    @property
    def wall(self):
        return statistics.median(run[0] for run in self.runs)

    @property
    def cpu(self):
        return statistics.median(run[1] for run in self.runs)

    @property
    def memory(self):
        return max(run[2] for run in self.runs)


def product(binary, facts, work, steps):
    """Import into a new database and close the date; the refunds as the peers write them."""
    database, reports = work / "makegood.db", work / "reports"
    for path in work.glob("makegood.db*"):
        path.unlink()
    shutil.rmtree(reports, ignore_errors=True)
    environment = {"MAKEGOOD_NOW": "2026-11-01T04:00:00Z"}
    common = ["--db", database, "--quiet"]
    steps["makegood import"].add(measure([binary, "import", *common, facts], environment=environment))
    steps["makegood run"].add(measure([binary, "run", *common, "--reports", reports], environment=environment))
    with open(reports / CLOSING / "refunds.csv", newline="", encoding="utf-8") as file:
        return sorted((row["period_id"], row["days"], row["amount_usd"]) for row in csv.DictReader(file))


def peer(name, facts, work, steps):
    target = work / "refunds.csv"
    target.unlink(missing_ok=True)
    if name == "sqlite":
        database = work / "peer.db"
        database.unlink(missing_ok=True)
        load, run = HERE / "peers" / "load.sqlite.sql", HERE / "peers" / "refunds.sqlite.sql"
        steps["sqlite import"].add(measure(["sqlite3", database], stdin=load, cwd=facts))
        steps["sqlite run"].add(measure(["sqlite3", database], stdin=run, cwd=work))
    else:
        script = "loop.py" if name == "loop" else f"{name}_peer.py"
        steps[name].add(measure([sys.executable, HERE / "peers" / script, facts, target]))
    with open(target, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        return sorted(map(tuple, rows))


def compare(name, ours, theirs):
    if ours == theirs:
        return
    only = next(iter(sorted(set(ours) ^ set(theirs))), None)
    sys.exit(f"error: makegood and {name} differ: {len(ours)} and {len(theirs)} refunds, first {only}")


def make_facts(orders, scenario, work):
    facts = work / f"facts-{orders}-{scenario}"
    if not facts.exists():
        subprocess.run(
            [sys.executable, HERE / "make_data.py", "--orders", str(orders), "--scenario", scenario, "--out", facts], check=True)
    return facts


def scenario_table(options, orders, scenario):
    facts = make_facts(orders, scenario, options.work)
    names = ["makegood import", "makegood run"]
    for name in options.peers:
        names += ["sqlite import", "sqlite run"] if name == "sqlite" else [name]
    steps = {name: Measured() for name in names}
    for _ in range(options.repeat):
        ours = product(options.binary, facts, options.work, steps)
        for name in options.peers:
            compare(name, ours, peer(name, facts, options.work, steps))
    size = sum(file.stat().st_size for file in facts.iterdir()) / 1e6
    total = sum(round(float(amount) * 100) for _, _, amount in ours) / 100
    print(f"\n### {orders:,} orders, {scenario}: {size:,.0f} MB of CSV, {len(ours):,} refunds, {total:,.2f} USD\n")
    print("| step | wall s | CPU s | peak MB | makegood's CPU, import and run, to this |")
    print("|---|--:|--:|--:|--:|")
    whole = steps["makegood import"].cpu + steps["makegood run"].cpu
    for name, figures in steps.items():
        others = steps["sqlite import"].cpu + steps["sqlite run"].cpu if name == "sqlite run" else figures.cpu
        ratio = "" if name.startswith("makegood") or name == "sqlite import" else f"{whole / others:.2f}"
        print(f"| {name} | {figures.wall:.2f} | {figures.cpu:.2f} | {figures.memory:.0f} | {ratio} |", flush=True)


def growth_table(options):
    print("\n### Growth\n\n| orders | scenario | import CPU s | run CPU s | import peak MB | run peak MB |\n|--:|---|--:|--:|--:|--:|")
    for orders in options.growth:
        for scenario in options.scenarios:
            steps = {name: Measured() for name in ["makegood import", "makegood run"]}
            product(options.binary, make_facts(orders, scenario, options.work), options.work, steps)
            load, run = steps["makegood import"], steps["makegood run"]
            print(f"| {orders:,} | {scenario} | {load.cpu:.2f} | {run.cpu:.2f} | {load.memory:.0f} | {run.memory:.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--orders", nargs="+", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--scenarios", nargs="+", default=["quiet", "regional", "platform"])
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=["duckdb", "sqlite"])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--growth", nargs="*", type=int, default=[])
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/makegood-bench"))
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.growth:
        growth_table(options)
        return
    for orders in options.orders:
        for scenario in options.scenarios:
            scenario_table(options, orders, scenario)


if __name__ == "__main__":
    main()
