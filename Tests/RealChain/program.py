"""makegood with a database of its own, and the facts of refunds that are paid from it."""
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile

NOW = "2026-11-23T04:00:00Z"


class Failed(Exception):
    """What must hold does not."""


def check(condition, what):
    if not condition:
        raise Failed(what)


def piconero(text):
    whole, decimals = text.split(".")
    return int(whole) * 10**12 + int(decimals.ljust(12, "0"))


class Program:
    # Where the folders of all databases are; removed by who set it.
    root = None

    def __init__(self, binary, template=None):
        self.binary = binary
        self.folder = tempfile.mkdtemp(prefix="makegood-payouts-", dir=Program.root)
        if template:
            shutil.copytree(template.folder, self.folder, dirs_exist_ok=True)
        self.database = f"{self.folder}/makegood.db"
        self.process = None
        self.environment = {"PATH": "/usr/bin:/bin", "MAKEGOOD_NOW": NOW, "MAKEGOOD_DB": self.database, "MAKEGOOD_REPORTS": f"{self.folder}/reports"}

    def run(self, *arguments):
        """Runs it to its end, or until somebody kills it."""
        self.process = subprocess.Popen(
            [self.binary, *arguments], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        output, errors = self.process.communicate(timeout=600)
        return self.process.returncode, output, errors

    def must(self, *arguments):
        status, output, errors = self.run(*arguments)
        check(status == 0, f"{arguments}: status {status}\n{output}{errors}")
        return output

    def payouts(self):
        """Every payout that still stands."""
        return [p for p in json.loads(self.must("payout", "list", "--format", "json")) if p["state"] != "taken_back"]

    def keys(self):
        """The key of each transaction that was built."""
        with sqlite3.connect(self.database) as connection:
            return dict(connection.execute("SELECT tx_hash, tx_key FROM attempt_steps WHERE step = 'built'"))

    def key_images(self):
        with sqlite3.connect(self.database) as connection:
            return [images.split("+") for images, in connection.execute("SELECT key_images FROM attempt_steps WHERE step = 'built'")]

    def put_back(self, backup):
        """Puts a backup in the place of the database."""
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.database + end):
                os.remove(self.database + end)
        shutil.copy(backup, self.database)

    def remove(self):
        shutil.rmtree(self.folder)

    def take(self, refunds, rate):
        """Facts by which each of (address, cents) is refunded, the run that approves them, and a batch of them."""
        facts = f"{self.folder}/facts"
        os.mkdir(facts)

        def table(name, header, rows):
            with open(f"{facts}/{name}.csv", "w", encoding="utf-8") as file:
                file.write(header + "\n" + "".join(",".join(row) + "\n" for row in rows))

        table("orders", "order_id,line,carrier,region,plan,provisioned_at,activated_at", [
            (f"O-{n:03}", f"+1202555{1000 + n}", "Telco", "us-east", "basic", "2026-11-15T09:00:00Z", "2026-11-15T10:00:00Z")
            for n in range(len(refunds))])
        table("periods", "period_id,order_id,starts_on,ends_on,paid_usd,setup_fee_usd,coin,paid_at", [
            (f"P-{n:03}", f"O-{n:03}", "2026-11-15", "2026-12-16", f"{cents // 100 + 10}.{cents % 100:02}", "10.00", "XMR", "2026-11-15T08:00:00Z")
            for n, (_, cents) in enumerate(refunds)])
        table("requests", "request_id,order_id,requested_at,channel,address", [
            (f"R-{n:03}", f"O-{n:03}", "2026-11-22T09:00:00Z", "panel", address) for n, (address, _) in enumerate(refunds)])
        table("usage", "order_id,day,outbound_calls,outbound_sms,verifications", [])  # known, and nothing was used (G4)
        table("rates", "coin,quoted_at,usd", [("XMR", f"2026-11-{day}T03:00:00Z", rate) for day in (10, 23)])  # the older one is the measure (G6)
        self.must("init", "--quiet")
        self.must("import", "--quiet", facts)
        self.must("run", "--quiet")
        self.must("payout", "prepare", "--quiet")
        check(len(self.payouts()) == len(refunds), "not every refund was prepared")
        return self
