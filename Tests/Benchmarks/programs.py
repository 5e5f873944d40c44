"""The programs that are measured: makegood on a ledger of its own, and its peers."""

import csv
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from typing import NamedTuple

from measuring import measure

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ["duckdb", "polars", "sqlite", "loop"]
CLOSING, DAY_BEFORE, YEAR_BEFORE = "2026-10-31", "2026-10-30", "2025-10-31"
NOW = {"MAKEGOOD_NOW": "2026-11-01T04:00:00Z"}


class Refunds(NamedTuple):
    """What a program refunds: how many periods, how much, and a checksum of period, days and amount of every one."""

    count: int
    cents: int
    checksum: str

    @property
    def usd(self):
        return f"{self.cents // 100:,}.{self.cents % 100:02d}"


def refund_rows(path):
    """(period, days, amount) of a file of makegood or of a peer, as text."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        header = next(reader)
        period, days, amount = (header.index(name) for name in ("period_id", "days", "amount_usd"))
        for row in reader:
            yield row[period], row[days], row[amount]


def refunds_in(path):
    """The checksum is a sum over the rows, so that their order does not matter and none need be held in memory."""
    count = cents = total = 0
    for row in refund_rows(path):
        count += 1
        cents += int(row[2].replace(".", ""))
        total += int.from_bytes(hashlib.blake2b(",".join(row).encode(), digest_size=16).digest(), "big")
    return Refunds(count, cents, f"{total % (1 << 128):032x}")


def must_agree(ours, theirs):
    """The refunds of both files, which must be the same."""
    found, expected = refunds_in(ours), refunds_in(theirs)
    if found == expected:
        return found
    different = sorted(set(refund_rows(ours)) ^ set(refund_rows(theirs)))
    sys.exit(f"error: {ours} and {theirs} differ: {found.count} and {expected.count} refunds; {different[:3]}")


class Ledger:
    """A database of makegood with its report folders, in one folder."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.database, self.reports = folder / "makegood.db", folder / "reports"

    def new(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        return self

    def copy_to(self, folder):
        """A copy, on disk before anything is measured."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        os.sync()
        return Ledger(self.binary, folder)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _measure(self, command, *arguments, statuses=(0,)):
        environment = {**NOW, "MAKEGOOD_REPORTS": str(self.reports)}
        return measure([self.binary, command, "--db", self.database, *arguments], environment=environment, statuses=statuses)

    def take_in(self, facts):
        if not self.database.exists():
            # Part of no measurement: some milliseconds, once in a ledger's life.
            subprocess.run([self.binary, "init", "--quiet", "--db", self.database], check=True, env={**os.environ, **NOW})
        return self._measure("import", "--quiet", facts)

    def close(self, date=None):
        """The nightly: up to `date`, or up to yesterday."""
        return self._measure("run", "--quiet", "--reports", self.reports, *(["--date", date] if date else []))

    def rerun(self, first, last):
        return self._measure("run", "--quiet", "--reports", self.reports, "--from", first, "--to", last)

    def status(self):
        return self._measure("status", statuses=(0, 1))

    def report(self, name, date=CLOSING):
        return self.reports / date / f"{name}.csv"


def run_peer(name, facts, work, steps):
    """One peer, from CSV files to a CSV file of refunds, whose path is the answer."""
    target = work / f"refunds-{name}.csv"
    target.unlink(missing_ok=True)
    if name == "sqlite":
        database = work / "peer.db"
        database.unlink(missing_ok=True)
        load, run = HERE / "peers" / "load.sqlite.sql", HERE / "peers" / "refunds.sqlite.sql"
        steps.add("sqlite load", measure(["sqlite3", database], stdin=load, cwd=facts))
        steps.add("sqlite compute", measure(["sqlite3", database], stdin=run, cwd=work))
        os.replace(work / "refunds.csv", target)
        database.unlink()
    else:
        script = "loop.py" if name == "loop" else f"{name}_peer.py"
        steps.add(name, measure([sys.executable, HERE / "peers" / script, facts, target]))
    return target


def make_facts(orders, seed, work):
    """The folder of all scenarios of this size, made when it is not there."""
    folder = work / f"facts-{orders}-{seed}"
    if not folder.exists():
        subprocess.run(
            [sys.executable, HERE / "make_data.py", "--orders", str(orders), "--seed", str(seed), "--out", folder], check=True)
    return folder


def make_changes(facts, share, seed, alone, target):
    """A changed copy of facts, made when it is not there; see make_changes.py."""
    if not target.exists():
        command = [sys.executable, HERE / "make_changes.py", "--facts", facts, "--share", str(share), "--seed", str(seed)]
        subprocess.run([*command, "--out", target, *(["--alone"] if alone else [])], check=True)
    return target
