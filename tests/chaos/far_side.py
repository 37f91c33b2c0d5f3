"""The far side of everything on one loopback port: the provider, the news site and the customer's webhook receiver."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.simulator import answer

LATENCY = 0.2
REPLY = answer()
CASE = re.compile(rb"case-([0-9a-z-]*[0-9a-z])")
REFUSED = b'{"error": {"message": "no", "type": "invalid_request_error", "code": "invalid_prompt"}}'
TEXT = """Suwon opens a 24-hour library for night-shift workers
Suwon opened a library on Monday that never closes. The city spent 2.4 billion won on the four-storey building.
It holds 38,000 books. The city expects 1,200 visitors a day. Residents may borrow seven books for fourteen days.
The city filed the plan under case-{case}."""
PAGE = """<!doctype html><html lang="en"><head><title>Suwon opens a 24-hour library</title></head><body><article>
<h1>Suwon opens a 24-hour library for night-shift workers</h1>
<p>Suwon opened a library on Monday that never closes. The city spent 2.4 billion won on the four-storey building.</p>
<p>Mayor Lee Jae-joon said the library was a promise kept to people who work at night. It holds 38,000 books.</p>
<p>The city expects 1,200 visitors a day. Residents may borrow seven books for fourteen days, officials said.</p>
<p>Two librarians and one guard look after the house from ten in the evening until six in the morning every day.</p>
<p>The city filed the plan under case-{case}.</p></article></body></html>"""


@dataclass
class FarSide:
    """What the far side saw.

    ``latency`` is the provider's, in seconds; a page takes half of it. Cases named ``…-refused`` are refused.
    """

    port: int = 0
    latency: float = LATENCY
    calls: Counter[str] = field(default_factory=Counter)
    """Calls to the provider by case."""
    pages: Counter[str] = field(default_factory=Counter)
    hooks: Counter[str] = field(default_factory=Counter)
    """Messages received by webhook-id."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self.port}"

    def count(self, counter: Counter[str], name: str) -> None:
        with self.lock:
            counter[name] += 1


class Talk(BaseHTTPRequestHandler):
    """One connection of the product's."""

    protocol_version = "HTTP/1.1"
    timeout = 20
    side: FarSide

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/hook"):
            self.side.count(self.side.hooks, self.headers["webhook-id"])
            self.wfile.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
            return
        found = CASE.search(body)
        case = found[1].decode() if found else ""
        self.side.count(self.side.calls, case)
        time.sleep(self.side.latency)
        if case.endswith("-refused"):
            self.answer("400 Bad Request", "application/json", REFUSED)
        else:
            self.wfile.write(REPLY)

    def do_GET(self) -> None:
        case = self.path.rsplit("/", 1)[-1]
        self.side.count(self.side.pages, case)
        time.sleep(self.side.latency / 2)
        self.answer("200 OK", "text/html; charset=utf-8", PAGE.format(case=case).encode())

    def answer(self, status: str, kind: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the caller was killed
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Listener(ThreadingHTTPServer):
    """As many connections as come, each in a thread that ends with it."""

    daemon_threads = False
    request_queue_size = 512

    def handle_error(self, *_: Any) -> None:
        """Callers are killed here; that is no error."""


@contextmanager
def serving() -> Iterator[FarSide]:
    """Answer until the block ends."""
    side = FarSide()
    server = Listener(("127.0.0.1", 0), type("TalkOfOne", (Talk,), {"side": side}))
    side.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield side
    finally:
        server.shutdown()
        thread.join()
        server.server_close()  # whoever talked to us has ended by now, so the threads have too
