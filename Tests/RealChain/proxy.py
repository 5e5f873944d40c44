"""Stands between makegood and a wallet or node, counts the calls, and makes one of them fail as it is told."""
import http.client
import http.server
import json
import threading


class Fault:
    """What happens at one call, told by its number or by its name.

    `what` is who is killed (makegood, wallet, node), or `answer`: it is lost, and all live on. `where`: before the call is carried out, or after.
    """

    def __init__(self, what, where, number=None, name=None):
        self.what, self.where, self.number, self.name = what, where, number, name

    def hits(self, number, name):
        return number == self.number if self.number is not None else name == self.name

    def __str__(self):
        lost = "the answer is lost" if self.what == "answer" else f"{self.what} is killed"
        return f"{lost} {self.where} {self.name or 'call ' + str(self.number)}"


class Meter:
    """Shared by the proxies: the calls in their order, the fault, and how to carry it out."""

    def __init__(self):
        self.lock = threading.Lock()
        self.kill = lambda what: None
        self.reset()

    def reset(self, fault=None):
        with self.lock:
            self.calls, self.fault, self.happened = [], fault, False

    def next(self, name):
        """Counts a call.

        - Returns: The fault where it is this call's.
        """
        with self.lock:
            number = len(self.calls)
            self.calls.append(name)
            if self.fault and not self.happened and self.fault.hits(number, name):
                self.happened = True
                return self.fault
            return None


def start(target_port, meter):
    """Starts a proxy; returns its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            name = self.path.strip("/")
            if name == "json_rpc":
                name = json.loads(body)["method"]
            self.close_connection = True
            fault = meter.next(name)
            if self.strikes(fault, "before"):
                return
            try:
                # One connection behind for each in front: a login holds for its connection only.
                if not hasattr(self, "behind"):
                    self.behind = http.client.HTTPConnection("127.0.0.1", target_port, timeout=300)
                headers = {k: v for k, v in self.headers.items() if k.lower() in ("content-type", "authorization")}
                self.behind.request("POST", self.path, body, headers)
                answer = self.behind.getresponse()
                data = answer.read()
            except (OSError, http.client.HTTPException):
                return
            if self.strikes(fault, "after"):
                return
            self.send_response(answer.status)
            for key, value in answer.getheaders():
                if key.lower() == "www-authenticate":
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.close_connection = False

        def finish(self):
            if hasattr(self, "behind"):
                self.behind.close()
            super().finish()

        def strikes(self, fault, where):
            """Carries a fault out; whether the caller gets no answer by it."""
            if not fault or fault.where != where:
                return False
            if fault.what != "answer":
                meter.kill(fault.what)
            return fault.what in ("makegood", "answer")

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
