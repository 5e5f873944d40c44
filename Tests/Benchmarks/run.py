#!/usr/bin/env python3
"""Measure makegood beside peers on the same facts, interleaved, and print tables with ratios.

    run.py --binary PATH                      every table, 1,000,000 orders, three repetitions
    run.py --binary PATH --quick              every table, 100,000 orders, once
    run.py --binary PATH --large --save NAME  growth to 10,000,000 orders too; the tables kept in results/NAME.md
    run.py --binary PATH --tables night start only these

Every program must give the same refunds: count and checksum of period, days and amount are compared, and a difference
ends the run with 1. Nothing here judges a time.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

from measuring import Report, Series, Steps, machine, measure, milliseconds, progress, ratio, seconds
from programs import (
    CLOSING, DAY_BEFORE, HERE, PEERS, YEAR_BEFORE, Ledger, make_changes, make_facts, must_agree, refunds_in, run_peer)

SCENARIOS = ["quiet", "regional", "platform"]
TITLES = {"duckdb": "DuckDB", "polars": "Polars", "sqlite load": "sqlite3: .import and indexes",
          "sqlite compute": "sqlite3: compute and write", "sqlite": "sqlite3, both", "loop": "Python loop"}


class Bench:
    """What tables share: the options, the data, and what was measured already."""

    def __init__(self, options):
        self.options = options
        self.report = Report(options.save)
        self.work = options.work
        self.measured = {}
        self.bases = {}

    def facts(self, orders):
        return make_facts(orders, self.options.seed, self.work)

    def ledger(self, name):
        return Ledger(self.options.binary, self.work / "ledgers" / name)

    def kept(self, orders):
        """The ledger of an ordinary seller on an ordinary evening: all facts of quiet, and the day before closed."""
        if orders not in self.bases:
            progress(f"a kept database of {orders:,} orders")
            ledger = self.ledger(f"kept-{orders}").new()
            ledger.take_in(self.facts(orders) / "quiet")
            ledger.close(DAY_BEFORE)
            self.bases[orders] = ledger
        return self.bases[orders]

    def scenario(self, name):
        """The steps of all programs in one scenario, and the refunds, which are the same for all."""
        if name not in self.measured:
            steps = Steps()
            for repetition in range(self.options.repeat):
                refunds = scenario_round(self, name, repetition, steps)
            self.measured[name] = steps, refunds
        return self.measured[name]

    def peer_rows(self, steps):
        """(name, series) of each peer from CSV to refunds."""
        for name in self.options.peers:
            yield name, steps["sqlite load"].then(steps["sqlite compute"]) if name == "sqlite" else steps[name]


def scenario_round(bench, scenario, repetition, steps):
    """Each program once: makegood on an empty and on a kept database, and the peers."""
    facts = bench.facts(bench.options.orders)
    progress(f"{scenario}, {repetition + 1} of {bench.options.repeat}: makegood")
    fresh = bench.ledger("fresh").new()
    steps.add("import", fresh.take_in(facts / scenario))
    steps.add("run", fresh.close())
    night = bench.kept(bench.options.orders).copy_to(bench.work / "ledgers" / "night")
    if scenario != "quiet":
        steps.add("records", night.take_in(facts / f"{scenario}-records"))
    steps.add("night", night.close())
    refunds = must_agree(fresh.report("refunds"), night.report("refunds"))
    for name in bench.options.peers:
        if name == "loop" and repetition > 0:
            continue  # slow, and steady enough
        progress(f"{scenario}, {repetition + 1} of {bench.options.repeat}: {name}")
        must_agree(fresh.report("refunds"), run_peer(name, facts / scenario, bench.work, steps))
    fresh.remove()
    night.remove()
    return refunds


def rows_in(folder):
    """Without the headers; no field of these files holds a line break."""
    rows = 0
    for path in folder.glob("*.csv"):
        with open(path, "rb") as file:
            rows += sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1
    return rows


def size_of(folder):
    return sum(file.stat().st_size for file in folder.iterdir()) / 1e6


def row(title, series, *more):
    return [title, seconds(series.wall), seconds(series.cpu), f"{series.memory:.0f}", *more]


def import_table(bench):
    """1: all facts into a new database."""
    steps, _ = bench.scenario("quiet")
    ours, load, duck = steps["import"], steps["sqlite load"], steps["duckdb"]
    rows = [row("makegood import", ours, "", "")]
    if load:
        rows.append(row(TITLES["sqlite load"], load, ratio(ours.wall, load.wall), ratio(ours.cpu, load.cpu)))
    if duck:
        rows.append(row("DuckDB, its whole job on quiet facts", duck, ratio(ours.wall, duck.wall), ratio(ours.cpu, duck.cpu)))
    facts = bench.facts(bench.options.orders) / "quiet"
    bench.report.write(
        f"### 1. Import into a new database: {bench.options.orders:,} orders, {rows_in(facts):,} rows, "
        f"{size_of(facts):,.0f} MB of CSV\n")
    bench.report.table(["<step", "wall s", "CPU s", "peak MB", "makegood's wall to this", "its CPU to this"], rows)


def night_table(bench):
    """2: nights on a database that is kept."""
    bench.report.write("### 2. Nights on the kept database\n")
    rows = []
    for orders in bench.options.sizes:
        for title, folder in [("nothing new", None), ("a few new facts", "next-day"), ("a short outage", "short-outage"),
                              ("five lines out", "line-outages")]:
            steps = Steps()
            for _ in range(bench.options.repeat):
                progress(f"a quiet night with {title}, {orders:,} orders")
                ledger = bench.kept(orders).copy_to(bench.work / "ledgers" / "night")
                if folder:
                    steps.add("records", ledger.take_in(bench.facts(orders) / folder))
                steps.add("night", ledger.close())
                refunds = refunds_in(ledger.report("refunds"))
                ledger.remove()
            load, night = steps["records"], steps["night"]
            rows.append([f"{orders:,}", title, milliseconds(load.cpu) if load else "", milliseconds(night.cpu),
                         milliseconds(night.wall), f"{night.memory:.0f}", f"{refunds.count:,}"])
    bench.report.write("Quiet nights:\n")
    bench.report.table(
        ["orders", "<what came in", "its import, CPU ms", "night, CPU ms", "night, wall ms", "night, peak MB", "refunds"], rows)
    for scenario in ["regional", "platform"]:
        fault_night_table(bench, scenario)


def fault_night_table(bench, scenario):
    steps, refunds = bench.scenario(scenario)
    night = steps["night"]
    rows = [row("makegood: import of the night's records", steps["records"], ""), row("makegood: the night", night, "")]
    for name in bench.options.peers:
        if name == "sqlite":
            kept = steps["sqlite compute"]
            rows.append(row("sqlite3, loaded before: compute and write", kept, ratio(night.cpu, kept.cpu)))
        else:
            rows.append(row(f"{TITLES[name]}, from CSV", steps[name], ratio(night.cpu, steps[name].cpu)))
    bench.report.write(f"The {scenario} night, {bench.options.orders:,} orders: {describe(refunds)}\n")
    bench.report.table(["<step", "wall s", "CPU s", "peak MB", "night's CPU to this"], rows)


def describe(refunds):
    return f"{refunds.count:,} refunds, {refunds.usd} USD, checksum {refunds.checksum[:12]}"


def whole_table(bench):
    """3: from CSV to reports in one go."""
    bench.report.write(f"### 3. From CSV to reports, {bench.options.orders:,} orders\n")
    for scenario in SCENARIOS:
        steps, refunds = bench.scenario(scenario)
        both = steps["import"].then(steps["run"])
        rows = [row("makegood import", steps["import"], "", ""), row("makegood run", steps["run"], "", ""),
                row("makegood, both", both, "", "")]
        rows += [row(TITLES[name], series, ratio(both.wall, series.wall), ratio(both.cpu, series.cpu))
                 for name, series in bench.peer_rows(steps)]
        bench.report.write(f"{scenario.capitalize()}: {describe(refunds)}\n")
        bench.report.table(["<step", "wall s", "CPU s", "peak MB", "makegood's wall to this", "its CPU to this"], rows)


def changes_table(bench):
    """4: imports of what changed, into a database that has the facts."""
    orders, seed, work = bench.options.orders, bench.options.seed, bench.work
    facts = bench.facts(orders) / "regional"
    changed = make_changes(facts, 1, seed, False, work / f"changed-{orders}-{seed}-1")
    alone = {share: make_changes(facts, share, seed, True, work / f"changes-{orders}-{seed}-{share}") for share in (10, 1, 0.1)}
    imports = [("the same files again", facts), ("full files, 1 % of the rows new or changed", changed)]
    imports += [(f"the changes alone, {share} %", folder) for share, folder in alone.items()]
    steps = Steps()
    for repetition in range(bench.options.repeat):
        progress(f"imports of changes, {repetition + 1} of {bench.options.repeat}")
        base = bench.ledger("base").new()
        steps.add("first", base.take_in(facts))
        for title, folder in imports:
            ledger = base.copy_to(work / "ledgers" / "changed")
            steps.add(title, ledger.take_in(folder))
            if repetition == 0 and folder in (changed, alone[1]) and "duckdb" in bench.options.peers:
                # Either way the night must end where it does for one who has only ever seen the changed files.
                ledger.close()
                must_agree(ledger.report("refunds"), run_peer("duckdb", changed, work, Steps()))
            ledger.remove()
        base.remove()
    first = steps["first"]
    rows = [change_row("the first import", facts, first, first)]
    rows += [change_row(title, folder, steps[title], first) for title, folder in imports]
    bench.report.write(f"### 4. Import of what changed, {orders:,} orders\n")
    bench.report.table(["<files", "rows", "wall s", "CPU s", "peak MB", "wall to first", "CPU to first", "CPU us a row"], rows)


def change_row(title, folder, series, first):
    lines = rows_in(folder)
    return [title, f"{lines:,}", *row("", series)[1:], ratio(series.wall, first.wall), ratio(series.cpu, first.cpu),
            f"{series.cpu / lines * 1e6:.2f}"]


def growth_table(bench):
    """5: import and the heaviest night as the number of orders grows, and many nights at once."""
    rows = []
    for orders in bench.options.sizes:
        facts = bench.facts(orders) / "platform"
        progress(f"growth, {orders:,} orders")
        ledger, steps = bench.ledger("growth").new(), Steps()
        steps.add("makegood import", ledger.take_in(facts))
        steps.add("makegood run, platform", ledger.close())
        size = sum(file.stat().st_size for file in ledger.folder.glob("makegood.db*")) / 1e6
        if "duckdb" in bench.options.peers and not bench.options.growth_alone:
            must_agree(ledger.report("refunds"), run_peer("duckdb", facts, bench.work, steps))
        count = refunds_in(ledger.report("refunds")).count
        ledger.remove()
        rows += [[f"{orders:,}", f"{count:,}", *row(TITLES.get(name, name), series), f"{series.cpu / orders * 1e6:.1f}",
                  f"{size:,.0f}" if name == "makegood import" else ""] for name, series in steps.items()]
    bench.report.write("### 5. Growth\n\nAll facts and a platform-wide outage, each size once:\n")
    bench.report.table(
        ["orders", "refunds", "<step", "wall s", "CPU s", "peak MB", "CPU us an order", "database, MB"], rows)
    catch_up_table(bench)


def catch_up_table(bench):
    """Every missed night has reports of its own, and the last must end where a single night does."""
    orders = bench.options.sizes[0] if bench.options.quick else bench.options.orders
    progress(f"365 nights of {orders:,} orders")
    base = bench.ledger("base").new()
    base.take_in(bench.facts(orders) / "regional")
    single = base.copy_to(bench.work / "ledgers" / "single")
    one = Series([single.close()])
    quiet = Series()
    for _ in range(bench.options.repeat):
        night = bench.kept(orders).copy_to(bench.work / "ledgers" / "night")
        quiet.add(night.close())
        night.remove()
    opening = Series([base.close(YEAR_BEFORE)])
    many = Series([base.close()])
    refunds = must_agree(base.report("queue"), single.report("queue"))
    rows = [row(title, series, ratio(series.wall, one.wall), ratio(series.cpu, one.cpu)) for title, series in [
        ("a first night that decides all of it", one), ("a quiet night on the kept database", quiet),
        (f"a first night a year before ({YEAR_BEFORE})", opening), ("the 365 nights after that in one run", many)]]
    bench.report.write(f"A year of missed nights, {orders:,} orders, regional outage: {describe(refunds)}\n")
    bench.report.table(["<what", "wall s", "CPU s", "peak MB", "wall to the first row", "CPU to it"], rows)
    base.remove()
    single.remove()


def start_table(bench):
    """6: what every call costs, and what the program needs to run at all."""
    orders, binary = bench.options.sizes[-1], bench.options.binary
    ledger = bench.kept(orders)
    calls = {
        "makegood --version": lambda: measure([binary, "--version"]),
        f"makegood status, {orders:,} orders": ledger.status,
        "sqlite3 --version, to compare": lambda: measure(["sqlite3", "--version"]),
    }
    steps = Steps()
    for _ in range(20):
        for title, call in calls.items():
            steps.add(title, call())
    bench.report.write("### 6. Start-up, 20 calls of each\n")
    bench.report.table(["<call", "wall ms, median", "wall ms, least", "CPU ms", "peak MB"], [
        [title, milliseconds(series.wall), milliseconds(min(run.wall for run in series.runs)), milliseconds(series.cpu),
         f"{series.memory:.0f}"] for title, series in steps.items()])
    bench.report.write("Shared libraries: " + ", ".join(shared_libraries(binary)) + "\n")


def shared_libraries(binary):
    """By their names; what ldd says is not one is left out."""
    if not shutil.which("ldd"):
        return ["(no ldd here)"]
    lines = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout.splitlines()
    return [line.split()[0].rsplit("/", 1)[-1] for line in lines if ".so" in line and "vdso" not in line] or ["none"]


def rerun_table(bench):
    """7: everything decided again with nothing new."""
    orders, work = bench.options.orders, bench.work
    steps = Steps()
    for repetition in range(bench.options.repeat):
        progress(f"reruns, {repetition + 1} of {bench.options.repeat}")
        night = bench.kept(orders).copy_to(work / "ledgers" / "night")
        steps.add("a quiet night", night.close())
        steps.add("rerun of one day, quiet", night.rerun(CLOSING, CLOSING))
        steps.add("rerun of four years, quiet", night.rerun("2022-11-01", CLOSING))
        night.remove()
    for scenario in ["regional", "platform"]:
        night = bench.kept(orders).copy_to(work / "ledgers" / "night")
        night.take_in(bench.facts(orders) / f"{scenario}-records")
        night.close()
        for _ in range(bench.options.repeat):
            steps.add(f"rerun of one day after the {scenario} night", night.rerun(CLOSING, CLOSING))
            steps.add(f"rerun of four years after the {scenario} night", night.rerun("2022-11-01", CLOSING))
        if len(list(night.reports.iterdir())) != 2:
            sys.exit(f"error: a rerun with nothing new wrote reports into {night.reports}")
        night.remove()
    quiet = steps["a quiet night"]
    bench.report.write(f"### 7. Reruns with nothing new, {orders:,} orders\n")
    bench.report.table(["<what", "wall ms", "CPU ms", "peak MB", "CPU to a quiet night"], [
        [title, milliseconds(series.wall), milliseconds(series.cpu), f"{series.memory:.0f}", ratio(series.cpu, quiet.cpu)]
        for title, series in steps.items()])


TABLES = {"import": import_table, "night": night_table, "whole": whole_table, "changes": changes_table,
          "growth": growth_table, "start": start_table, "rerun": rerun_table}


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path, metavar="PATH", help="the program, as it is installed")
    parser.add_argument("--quick", action="store_true", help="100,000 orders at most, each once: minutes, and rough")
    parser.add_argument("--large", action="store_true", help="10,000,000 orders too: 30 GB of disk, and patience")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES), metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument("--orders", type=int, metavar="N", help="of the tables with one size")
    parser.add_argument("--sizes", nargs="+", type=int, metavar="N", help="of the tables with several sizes, ascending")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS, metavar="PEER", help=", ".join(PEERS))
    parser.add_argument("--growth-alone", action="store_true", help="no DuckDB in table 5; it takes 7 GB for 10,000,000 orders")
    parser.add_argument("--repeat", type=int, metavar="N", help="repetitions, of which the median counts")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("/tmp/makegood-bench"), metavar="DIR",
                        help="data and databases; the data is kept there for the next time")
    parser.add_argument("--save", metavar="NAME", help="keep the tables in results/NAME.md")
    options = parser.parse_args(arguments)
    options.binary, options.work = options.binary.resolve(), options.work.resolve()
    options.orders = options.orders or (100_000 if options.quick else 1_000_000)
    options.sizes = options.sizes or ([10_000, 100_000] if options.quick else [100_000, 1_000_000])
    if options.large:
        options.sizes.append(10_000_000)
    options.repeat = options.repeat or (1 if options.quick else 3)
    if options.save:
        (HERE / "results").mkdir(exist_ok=True)
        options.save = HERE / "results" / f"{options.save}.md"
    return options


def without_binary(arguments):
    """The arguments as given to run.sh, which adds where the program is."""
    return [argument for before, argument in zip([""] + arguments, arguments) if "--binary" not in (before, argument)]


def main():
    options = options_of(sys.argv[1:])
    options.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(options)
    bench.report.write(f"# Measured{': ' + options.save.stem if options.save else ''}\n")
    bench.report.table(["<", "<"], machine(options.binary))
    bench.report.write(
        f"Medians of {options.repeat}, memory the highest; seed {options.seed}. "
        f"Arguments: `{' '.join(without_binary(sys.argv[1:])) or 'none'}`\n")
    try:
        for name in options.tables:
            TABLES[name](bench)
    finally:
        shutil.rmtree(options.work / "ledgers", ignore_errors=True)


if __name__ == "__main__":
    main()
