"""What is tried on the private chain: each trial ends with the customer's wallet, the keys and the ledger saying the same."""
import collections
import glob
import os
import time

import chain as chains
import proxy
from program import Program, check, piconero

VICTIMS = {"wallet": "company", "node": "daemon"}


class Trial:
    def __init__(self, binary, chain):
        self.binary, self.chain = binary, chain
        self.begun = time.monotonic()
        self.meter = proxy.Meter()
        self.wallet = proxy.start(chain.company_port, self.meter)
        self.node = proxy.start(chain.daemon_port, self.meter)
        self.cases = self.faults = 0

    def tell(self, what):
        print(f"{time.monotonic() - self.begun:6.1f} s  {what}", flush=True)

    def send(self, program, *more, batch="B000001", regtest="--regtest"):
        return program.run(
            "payout", "send", batch, "--wallet-rpc", f"http://127.0.0.1:{self.wallet}", "--daemon-rpc", f"http://127.0.0.1:{self.node}",
            "--timeout", "60", *([regtest] if regtest else []), *more)

    def program(self, template):
        """A ledger of its own, which knows that what the wallet sent before was another's."""
        program = Program(self.binary, template)
        sent = self.chain.sent()
        if sent:
            program.must("recover", "--by", "Ann", "--note", "Another trial's.", *(w for hash in sent for w in ("--other-transfer", hash)))
        return program

    def template(self, refunds, rate="158.2045"):
        return Program(self.binary).take(refunds, rate)

    def finish(self, program, batch="B000001"):
        """Starts what is dead, sends and mines until everything is paid."""
        for _ in range(6):
            self.chain.restart_missing()
            status, output, errors = self.send(program, batch=batch)
            payouts = program.payouts()
            if all(p["state"] == "paid" for p in payouts):
                return
            self.chain.mine(10)
        check(False, f"not everything was paid: status {status}\n{output}{errors}{payouts}")

    def pays_once(self, program, before, name, batch="B000001"):
        """The customer has what the ledger says, each amount once; keys prove it; the ledger is whole; sending again sends nothing."""
        payouts = program.payouts()
        # One destination, one payment: what leaves is the sum of its parts (G3).
        payments = collections.Counter()
        for payout in payouts:
            payments[payout["payment_id"]] += piconero(payout["amount_coin"])
        expected = collections.Counter(payments.values())
        new = collections.Counter(self.chain.received()) - collections.Counter(before)
        got = collections.Counter(amount for _, amount in new.elements())
        check(got == expected, f"{name}: received {sorted(got.elements())}, the ledger says {sorted(expected.elements())}")
        program.must("verify")
        keys = program.keys()
        sums = collections.Counter()
        for payout in payouts:
            sums[payout["txid"], payout["address"]] += piconero(payout["amount_coin"])
        for (txid, address), amount in sums.items():
            proof = chains.rpc(self.chain.company_port, "check_tx_key", {"txid": txid, "tx_key": keys[txid], "address": address})
            check(proof["received"] == amount, f"{name}: the key of {txid} proves {proof['received']}, not {amount}")
        paid = payouts[0]
        check(f"proved by its key {keys[paid['txid']]}" in program.must("explain", "item", paid["item_id"]), f"{name}: the key is not told")
        status, output, errors = self.send(program, batch=batch)
        check(status == 0 and ": 0 sent, 0 paid, 0 waiting" in output, f"{name}: sending again: {output}{errors}")
        self.cases += 1
        self.tell(f"{name}: {len(payouts)} paid, each once")

    def strike(self, program, fault, name):
        """Sends, with the fault on the way."""
        self.meter.kill = lambda what: program.process.kill() if what == "makegood" else self.chain.kill(VICTIMS[what])
        self.meter.reset(fault)
        status, output, errors = self.send(program)
        check(self.meter.happened, f"{name}: it never happened\n{status} {output}{errors}")
        check(status != 70, f"{name}: {output}{errors}")
        self.meter.reset()
        self.faults += 1

    def plain(self, template, name):
        """Without a fault; returns the calls of the first sending and of the one that confirms."""
        program, before = self.program(template), self.chain.received()
        self.meter.reset()
        calls = []
        for _ in range(2):
            status, output, errors = self.send(program)
            check(status == 0, f"{name}: {output}{errors}")
            calls += self.meter.calls
            self.meter.reset()
            self.chain.mine(10)
        self.pays_once(program, before, name)
        program.remove()
        return calls

    def faulty(self, template, fault, mines):
        """One fault, and then to the end."""
        name = f"{fault}, then {'mined' if mines else 'not mined'}"
        program, before = self.program(template), self.chain.received()
        self.strike(program, fault, name)
        if mines:
            self.chain.restart_missing()
            self.chain.mine(11)
        self.finish(program)
        self.pays_once(program, before, name)
        program.remove()

    def naive(self, refund_of_seven):
        """A plain transfer whose answer is lost with the wallet, and that is mined before it is tried again, pays 14 for 7. makegood pays 7."""
        port, before = self.chain.company_port, self.chain.received()

        def plain_transfer():
            chains.rpc(port, "transfer", {"destinations": [{"amount": 7 * 10**12, "address": self.chain.customer}], "priority": 1})

        plain_transfer()
        self.chain.kill("company")
        self.chain.restart_missing()
        self.chain.mine(11)
        chains.rpc(port, "refresh")
        plain_transfer()
        self.chain.mine(11)
        new = collections.Counter(self.chain.received()) - collections.Counter(before)
        check([a for _, a in new.elements()] == [7 * 10**12] * 2, f"the trap is none: {new}")
        self.tell("the naive way: 14 XMR where 7 were owed")
        for what in ("makegood", "wallet"):
            self.faulty(refund_of_seven, proxy.Fault(what, "after", name="relay_tx"), mines=True)

    # At which call who is struck. Where an answer is lost a start may go on to its end, so those come when all else was struck.
    STEPS = (
        ("get_info", ("makegood", "answer", "node")),
        ("get_address", ("makegood", "answer")),
        ("refresh", ("makegood", "answer", "wallet", "node")),
        ("get_height", ("makegood", "answer")),
        ("get_transfers", ("makegood", "answer", "wallet")),
        ("transfer", ("makegood", "answer", "wallet", "node")),
        ("is_key_image_spent", ("makegood", "answer", "node")),
        ("get_transactions", ("makegood", "node", "answer")),
        ("store", ("makegood", "wallet", "node")),
        ("relay_tx", ("makegood", "wallet", "node", "answer")),
        ("store", ("answer",)),
        ("check_tx_key", ("makegood", "wallet", "node", "answer")),
    )

    def gauntlet(self, template, name):
        """One batch through every fault at every step, one after the other, each followed by a new start."""
        program, before = self.program(template), self.chain.received()
        for step, victims in self.STEPS:
            if step == "check_tx_key":
                # All of it is sent and mined first, so that only confirming is left.
                self.send_all(program)
                self.chain.mine(10)
            for what in victims:
                for where in ("before", "after"):
                    self.strike(program, proxy.Fault(what, where, name=step), f"{name}: {what} {where} {step}")
                    self.chain.restart_missing()
                if step in ("store", "relay_tx") and what != "answer":
                    # The next is struck at another transaction.
                    self.chain.mine(1)
            self.tell(f"{name}: {step}, struck {2 * len(victims)} times")
        self.finish(program)
        self.pays_once(program, before, name)
        program.remove()

    def send_all(self, program):
        """Sends until nothing is left that was not sent; blocks come meanwhile, so that change can be spent."""
        for _ in range(6):
            status, output, errors = self.send(program)
            if all(p["state"] in ("sent", "paid") for p in program.payouts()):
                return
            self.chain.mine(1)
        check(False, f"not everything was sent: status {status}\n{output}{errors}")

    def given_up(self, template):
        """A transaction that was built and never sent, whose money is spent elsewhere: a person gives it up, and it is paid anew, once."""
        program, before = self.program(template), self.chain.received()
        self.strike(program, proxy.Fault("makegood", "before", name="relay_tx"), "given up")
        hash = next(iter(program.keys()))
        abandon = ("payout", "abandon", hash, "--by", "Ann", "--note", "Its money was swept.", "--regtest", "--daemon-rpc",
                   f"http://127.0.0.1:{self.node}")
        status, _, errors = program.run(*abandon)
        check(status == 65 and "may confirm yet" in errors, f"given up while it may confirm: {status} {errors}")
        for image in program.key_images()[0]:
            chains.rpc(self.chain.company_port, "sweep_single", {"key_image": image, "address": self.chain.company})
        self.chain.mine(11)
        status, _, errors = self.send(program)
        check(status == 1 and "is stuck" in errors, f"not stuck: {status} {errors}")
        check(program.run("status")[0] == 1, "status does not tell what is stuck")
        program.must(*abandon)
        program.must("payout", "prepare", "--quiet")
        self.finish(program, batch="B000002")
        self.pays_once(program, before, "given up and paid anew", batch="B000002")
        program.remove()

    def refused(self, program, name, status, words, *more, regtest="--regtest"):
        """Sending stops with a status and a reason, and nothing was sent."""
        ended, output, errors = self.send(program, *more, regtest=regtest)
        check(ended == status and words in errors, f"{name}: status {ended}, not {status}\n{output}{errors}")
        check(all(p["state"] == "prepared" for p in program.payouts()), f"{name}: something was sent")
        self.cases += 1
        self.tell(f"{name}: {words}")

    def wallets(self, template):
        """A wallet that is closed, poor, gone, on another network, or asks for a login."""
        program, before = self.program(template), self.chain.received()
        self.meter.reset()
        chains.rpc(self.chain.company_port, "close_wallet")
        self.refused(program, "a wallet that is closed", 75, "no wallet open")
        self.chain.make_wallet("company", "poor")
        self.refused(program, "a wallet without money", 75, "not enough money")
        # --regtest is left out: a rehearsal is never paid on what may be the main net.
        self.refused(program, "a private chain", 78, "a rehearsal", regtest=None)
        self.chain.kill("company")
        self.refused(program, "a wallet that is gone", 74, "cannot be reached")
        self.chain.start_wallet("company", login="clerk:p:ss word")
        self.refused(program, "no login", 78, "refused the login")
        login = f"{program.folder}/login"
        for text, status, words in (("clerk:wrong\n", 78, "refused the login"), ("clerk:p:ss word\n", 75, "no wallet open")):
            with open(login, "w", encoding="utf-8") as file:
                file.write(text)
            # A login that others can read is refused.
            os.chmod(login, 0o600)
            self.refused(program, f"login {text.strip()}", status, words, "--wallet-login", login)
        self.chain.kill("daemon")
        self.refused(program, "a node that is gone", 74, "cannot be reached", "--wallet-login", login)
        self.chain.kill("company")
        self.finish(program)
        self.pays_once(program, before, "after all refusals")
        program.remove()

    def by_hand(self, template, address):
        """Somebody paid the customer by hand: the payment to that address waits until a person has said what it was; the others go."""
        program, before = self.program(template), self.chain.received()
        self.meter.reset()
        hand = chains.rpc(self.chain.company_port, "transfer", {"destinations": [{"amount": 10**11, "address": address}], "priority": 1})["tx_hash"]
        for _ in range(2):
            status, output, errors = self.send(program)
            check(status == 1 and hand in errors and "does not know" in errors, f"paid by hand: status {status}\n{output}{errors}")
            self.chain.mine(10)
        waits = [p["address"] for p in program.payouts() if p["state"] == "prepared"]
        check(waits == [address], f"paid by hand: {waits} wait")
        status, output, errors = program.run("recover", "--by", "Ann", "--wallet-rpc", f"http://127.0.0.1:{self.wallet}", "--regtest",
                                             "--daemon-rpc", f"http://127.0.0.1:{self.node}")
        check(status == 1 and hand in errors, f"taken for the payment: {output}{errors}")
        program.must("recover", "--by", "Ann", "--note", "A gift.", "--other-transfer", hand)
        self.finish(program)
        gift = [each for each in self.chain.received() if each[0] == hand]
        check([amount for _, amount in gift] == [10**11], f"the gift: {gift}")
        self.pays_once(program, before + gift, "paid by hand, and explained")
        program.remove()

    def restored(self, template, name):
        """The backup of before `send` is put back where it was struck, before and after each of its steps; half of the times the wallet's copy too.
        Then the ledger refuses to pay, is recovered, and goes on: each refund is paid once."""
        # Before these nothing is written.
        for step in ("get_transfers", "transfer", "is_key_image_spent", "get_transactions", "store", "relay_tx"):
            for where in ("before", "after"):
                with_wallet = where == "after"
                what = f"{name}: stopped {where} {step}, backup{' and wallet' if with_wallet else ''} put back"
                program, before = self.program(template), self.chain.received()
                backup = f"{program.folder}/backup.db"
                program.must("backup", backup, "--quiet")
                self.chain.copy_wallet()
                self.strike(program, proxy.Fault("makegood", where, name=step), what)
                was_built = bool(program.keys())
                program.put_back(backup)
                if with_wallet:
                    self.chain.put_wallet_back()
                self.chain.mine(10)
                if was_built:
                    status, output, errors = self.send(program)
                    check(status == 73, f"{what}: status {status}, not 73\n{output}{errors}")
                    check(program.run("status")[0] == 1, f"{what}: status sees nothing")
                program.must("recover", "--by", "Ann")
                self.finish(program)
                self.pays_once(program, before, what)
                program.remove()

    def lost_files(self, template):
        """The backup is put back, and no file tells what was sent: it is taken back from the wallet."""
        program, before = self.program(template), self.chain.received()
        self.meter.reset()
        backup = f"{program.folder}/backup.db"
        program.must("backup", backup, "--quiet")
        self.send_all(program)
        self.chain.mine(10)
        program.put_back(backup)
        for file in glob.glob(f"{program.folder}/reports/payouts/*/transaction-*"):
            os.remove(file)
        output = program.must("recover", "--by", "Ann", "--wallet-rpc", f"http://127.0.0.1:{self.wallet}", "--regtest",
                              "--daemon-rpc", f"http://127.0.0.1:{self.node}")
        check("taken back" in output, f"nothing was taken back: {output}")
        self.finish(program)
        self.pays_once(program, before, "taken back from the wallet")
        program.remove()
