"""A private Monero chain on this machine: a node, the company's wallet and a customer's, of Debian's package `monero`.

Everything is bound to 127.0.0.1 and lives in a folder of its own; only its own processes are ever killed.
"""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request


class RPCError(Exception):
    """What a wallet or node answered instead of a result."""


def free_ports(number):
    """Ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def rpc(port, method, params=None, timeout=300):
    body = json.dumps({"jsonrpc": "2.0", "id": "0", "method": method, "params": params or {}}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/json_rpc", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RPCError(f"{method}: {answer['error']}")
    return answer["result"]


def both(*calls):
    """Calls several at a time: making and opening a wallet draws a long key first."""
    failures = []

    def guarded(call):
        try:
            call()
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class Chain:
    # Not 85: at just that number of blocks the wallet of 0.18.0 never finds its ring members. Blocks are only ever added.
    BLOCKS = 100
    TRIES = 600

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="makegood-chain-")
        self.daemon_port, self.p2p_port, self.company_port, self.customer_port = free_ports(4)
        self.ports = {"company": self.company_port, "customer": self.customer_port}
        self.processes = {}
        for name in ("chain", "company", "customer", "ring"):
            os.mkdir(os.path.join(self.folder, name))

    def start(self):
        self.start_daemon()
        for name in self.ports:
            self.start_wallet(name)
        both(*(lambda n=name: self.make_wallet(n) for name in self.ports))
        self.company = rpc(self.company_port, "get_address")["address"]
        self.customer = rpc(self.customer_port, "get_address")["address"]
        self.mine(self.BLOCKS)
        rpc(self.company_port, "refresh")
        rpc(self.company_port, "store")

    def make_wallet(self, name, filename=None):
        rpc(self.ports[name], "create_wallet", {"filename": filename or name, "password": "", "language": "English"})

    def start_daemon(self):
        self._start("daemon", [
            "monerod", "--regtest", "--keep-fakechain", "--offline", "--fixed-difficulty", "1", "--data-dir", f"{self.folder}/chain",
            "--rpc-bind-ip", "127.0.0.1", "--rpc-bind-port", str(self.daemon_port), "--p2p-bind-ip", "127.0.0.1",
            "--p2p-bind-port", str(self.p2p_port), "--no-zmq", "--no-igd", "--hide-my-port", "--disable-rpc-ban",
            "--disable-dns-checkpoints", "--check-updates", "disabled", "--rpc-ssl", "disabled", "--non-interactive",
            "--log-level", "0", "--log-file", f"{self.folder}/monerod.log"])
        self._wait("daemon", self.daemon_port, "get_info")

    def start_wallet(self, name, login=None):
        self._start(name, [
            "monero-wallet-rpc", "--wallet-dir", f"{self.folder}/{name}", "--rpc-bind-ip", "127.0.0.1", "--rpc-bind-port", str(self.ports[name]),
            "--rpc-ssl", "disabled", "--daemon-ssl", "disabled", "--daemon-address", f"127.0.0.1:{self.daemon_port}", "--trusted-daemon",
            "--shared-ringdb-dir", f"{self.folder}/ring", "--log-level", "0", "--log-file", f"{self.folder}/{name}.log", "--non-interactive",
        ] + (["--rpc-login", login] if login else ["--disable-rpc-login"]))
        self._wait(name, self.ports[name], "get_version")

    def _start(self, name, command):
        # They die with this process, however it ends.
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        self.processes[name] = subprocess.Popen(
            guard + command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)

    def _wait(self, name, port, method):
        for _ in range(self.TRIES):
            if self.processes[name].poll() is not None:
                break
            try:
                rpc(port, method, timeout=10)
                return
            except urllib.error.HTTPError as error:
                if error.code == 401:
                    return
            except (OSError, RPCError, ValueError):
                pass
            time.sleep(0.05)
        raise RPCError(f"{name} does not answer on port {port}")

    def kill(self, name):
        process = self.processes.pop(name, None)
        if process:
            process.kill()
            process.wait()

    def restart_missing(self):
        """Starts what was killed, and opens the company's wallet again."""
        if "daemon" not in self.processes:
            self.start_daemon()
            # The first call of a wallet after its node came back fails on the old connection.
            for name in self.ports:
                if name in self.processes:
                    try:
                        rpc(self.ports[name], "refresh")
                    except (OSError, RPCError):
                        pass
        if "company" not in self.processes:
            self.start_wallet("company")
            rpc(self.company_port, "open_wallet", {"filename": "company", "password": ""})

    def sent(self):
        """The hashes of everything that the company's wallet ever sent."""
        found = rpc(self.company_port, "get_transfers", {"out": True, "pending": True, "all_accounts": True})
        return sorted({t["txid"] for t in found.get("out", []) + found.get("pending", [])})

    def copy_wallet(self):
        """Keeps the company's wallet as it is on the disk."""
        rpc(self.company_port, "store")
        shutil.rmtree(f"{self.folder}/company-copy", ignore_errors=True)
        shutil.copytree(f"{self.folder}/company", f"{self.folder}/company-copy")

    def put_wallet_back(self):
        self.kill("company")
        shutil.rmtree(f"{self.folder}/company")
        shutil.copytree(f"{self.folder}/company-copy", f"{self.folder}/company")
        self.restart_missing()

    def mine(self, number):
        rpc(self.daemon_port, "generateblocks", {"amount_of_blocks": number, "wallet_address": self.company})

    def received(self):
        """(hash, amount in piconero) of every output that the customer ever received."""
        rpc(self.customer_port, "refresh")
        found = rpc(self.customer_port, "incoming_transfers", {"transfer_type": "all"}).get("transfers", [])
        return [(t["tx_hash"], t["amount"]) for t in found]

    def addresses(self, number):
        """Subaddresses of the customer."""
        return [rpc(self.customer_port, "create_address", {"account_index": 0})["address"] for _ in range(number)]

    def integrated(self):
        return rpc(self.customer_port, "make_integrated_address")["integrated_address"]

    def close(self):
        for name in list(self.processes):
            self.kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)
