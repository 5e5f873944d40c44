"""Pays refunds on a private Monero chain with the real wallet and node, through crashes of each at each step; each refund is paid once.

    python3 real_chain.py MAKEGOOD [--all]
"""
import os
import signal
import sys
import time

import chain as chains
import proxy
from program import Failed, Program
from trial import Trial

CANNOT_START = 77


def everything(trial, chain):
    """Every fault at every call of a batch in several transactions, each in a run of its own, mined in between or not: an hour or so."""
    addresses = chain.addresses(2)
    small = trial.template([(a, 20_00 + n) for n, a in enumerate(addresses + [chain.integrated(), chain.integrated(), chain.customer])])
    calls = trial.plain(small, "5 refunds")
    for number in range(calls.index("check_tx_key")):
        for what in ("makegood", "answer", "wallet", "node"):
            for where in ("before", "after"):
                for mines in (False, True):
                    trial.faulty(small, proxy.Fault(what, where, number=number), mines)


def gate(trial, chain):
    """What CI runs: a few minutes."""
    addresses = chain.addresses(30)
    integrated = [chain.integrated() for _ in range(8)]
    seven = trial.template([(chain.customer, 700_00)], rate="100")
    small = trial.template([(addresses[0], 20_01), (chain.customer, 20_02), (integrated[0], 20_03)])
    # No two of the same amount; one address stands twice.
    forty = trial.template([(a, 20_00 + 101 * n) for n, a in enumerate(addresses + [addresses[0], chain.customer] + integrated)])
    trial.naive(seven)
    trial.plain(small, "without a fault")
    trial.gauntlet(forty, "40 refunds")
    trial.given_up(small)
    trial.by_hand(small, addresses[0])
    trial.restored(small, "restored")
    trial.lost_files(small)
    trial.wallets(small)
    for template in (seven, small, forty):
        template.remove()


def main():
    begun = time.monotonic()
    # So that what it started is ended, and its folder removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chain = chains.Chain()
    Program.root = chain.folder
    try:
        try:
            chain.start()
        except (OSError, chains.RPCError) as failure:
            print(f"the chain cannot be started: {failure}", file=sys.stderr)
            return CANNOT_START
        trial = Trial(os.path.realpath(sys.argv[1]), chain)
        trial.tell(f"a private chain of {chain.BLOCKS} blocks stands, after {time.monotonic() - begun:.1f} s")
        (everything if "--all" in sys.argv[2:] else gate)(trial, chain)
    except Failed as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        return 1
    finally:
        chain.close()
    print(f"{trial.cases} cases and {trial.faults} faults in {time.monotonic() - begun:.0f} s: every refund was paid once", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
