"""Raw servers on the loopback, each test saying what is on the wire byte for byte, and a watch over every connect."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from newsforge.lib.http import HttpPolicy

Talk = Callable[[socket.socket, bytes], None]
"""What a server does with one connection, given the request's head (and what came with it)."""


def answer(
    status: str = "200 OK", *headers: str, body: bytes = b"", length: bool = True, kind: str = "text/html"
) -> bytes:
    """Build one response."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if kind:
        lines.append(f"Content-Type: {kind}")
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(to: str | bytes, status: str = "302 Found") -> bytes:
    """Build a redirect to any bytes at all."""
    location = to if isinstance(to, bytes) else to.encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nLocation: ".encode() + location + b"\r\n\r\n"


@dataclass
class Loopback:
    """A server that answers each path with its own bytes, or talks its own way."""

    port: int = 0
    pages: dict[str, bytes | Talk] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def policy(self, **changes: Any) -> HttpPolicy:
        return HttpPolicy(**{"timeout": 2.0, "allow": frozenset({("127.0.0.1", self.port)}), **changes})

    def serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(65536)
                if not more:
                    return
                head += more
            self.requests.append(head)
            page = self.pages.get(head.split(b" ")[1].decode(), answer("404 Not Found"))
            if callable(page):
                page(connection, head)
            else:
                connection.sendall(page)
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)


@contextlib.contextmanager
def loopback() -> Iterator[Loopback]:
    """Serve on a free port until the block ends; every connection has a thread of its own."""
    server = Loopback()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        threads: list[threading.Thread] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threads.append(threading.Thread(target=server.serve, args=(connection,), daemon=True))
                    threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(5)
            for thread in threads:
                thread.join(5)


@dataclass
class Watch:
    """Answers look-ups from ``names`` and keeps what was connected to; only the loopback is really reached."""

    names: dict[str, list[list[str]]] = field(default_factory=dict)
    """The answers of each name, one after the other; the last one stays."""
    others: list[str] = field(default_factory=list)
    """What every other name resolves to; nothing: it does not exist."""
    lookups: list[str] = field(default_factory=list)
    connects: list[tuple[str, int]] = field(default_factory=list)
    through: set[int] = field(default_factory=set)
    """Ports of the loopback where a connect is let through, whatever address was asked for in ``pretend``."""
    pretend: dict[str, int] = field(default_factory=dict)
    """Public addresses played by a server on that port of the loopback."""


def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Put the watch in the way of every look-up and connect of this process."""
    seen = Watch()
    real_connect = socket.socket.connect

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        seen.lookups.append(host)
        answers = seen.names.get(host, [seen.others])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ipaddress.ip_address(address).version == 6
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    def connect(self: socket.socket, address: Any) -> None:
        if address[0] == "127.0.0.1" and address[1] in seen.through:
            return real_connect(self, address)
        seen.connects.append((address[0], address[1]))
        if address[0] in seen.pretend:
            return real_connect(self, ("127.0.0.1", seen.pretend[address[0]]))
        raise ConnectionRefusedError(111, "Connection refused")

    def no_exit(*_: Any) -> None:
        raise AssertionError("a packet was about to leave")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect)
    for other in ("connect_ex", "sendto", "sendmsg"):
        monkeypatch.setattr(socket.socket, other, no_exit)
    return seen
