"""A customer's server on the loopback: it keeps what it is sent and answers as the test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Hit:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> Any:
        return json.loads(self.body)

    def verify(self, secret: str) -> Any:
        """Check it the way a customer does and return its payload."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """Answers in order, then 204; ``gate`` holds answers back while it is closed."""

    port: int = 0
    hits: list[Hit] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.pair}/hooks/newsforge?desk=3"

    def will_answer(self, *statuses: int, **headers: str) -> None:
        self.answers += [(status, headers) for status in statuses]

    def take(self, hit: Hit) -> tuple[int, dict[str, str]]:
        self.hits.append(hit)
        self.arrived.release()
        self.gate.wait(10)
        return self.answers.pop(0) if self.answers else (204, {})


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive on a free port until the block ends."""
    receiver = Receiver()
    receiver.gate.set()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers = receiver.take(Hit(dict(self.headers), body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # the sender gave up waiting
                self.close_connection = True

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Endpoint)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
