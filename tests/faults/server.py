"""A server on the loopback that goes wrong on the wire in every way asked of it, and keeps what it was sent.

with FaultServer() as server:
    server.play(status(429, {"retry-after": "1.5"}), answer(b"{}"))  # the first request, the second one
    ... server.base_url ... server.received
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

LONGEST = 20.0
"""Seconds a connection may last, so that no test leaves a thread behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request; header names are lower case. Its repr shows neither headers nor body, for keys are in them."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: float
    """Seconds on the monotonic clock."""


Act = Callable[[socket.socket, Received], None]
"""What the server does with a connection once it has the whole request."""


def answer(
    body: bytes, *, status: str = "200 OK", headers: Mapping[str, str] | None = None, kind: str = "application/json"
) -> Act:
    """Answer as a sound server does."""

    def act(connection: socket.socket, _: Received) -> None:
        connection.sendall(head(len(body), status=status, headers=headers, kind=kind) + body)

    return act


def failing(code: int, body: object, *, headers: Mapping[str, str] | None = None) -> Act:
    """Answer with an error status and a JSON body."""
    return answer(json.dumps(body, ensure_ascii=False).encode(), status=f"{code} Error", headers=headers)


def reset(connection: socket.socket, _: Received) -> None:
    """Break the connection off before the first byte, with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(_: socket.socket, __: Received) -> None:
    """Close the connection in good order and without a word."""


def silence(connection: socket.socket, _: Received) -> None:
    """Say nothing until the far side gives up."""
    _wait_for_end(connection)


def cut(body: bytes, *, after: int, by_reset: bool = False) -> Act:
    """Promise the whole body, send its first bytes, and break off."""

    def act(connection: socket.socket, received: Received) -> None:
        connection.sendall(head(len(body)) + body[:after])
        if by_reset:
            reset(connection, received)

    return act


def late(seconds: float, then: Act) -> Act:
    """Let the first byte wait."""

    def act(connection: socket.socket, received: Received) -> None:
        time.sleep(seconds)
        then(connection, received)

    return act


def stalling(first: bytes) -> Act:
    """Send these bytes, then nothing until the far side gives up."""

    def act(connection: socket.socket, received: Received) -> None:
        connection.sendall(first)
        silence(connection, received)

    return act


def dripping(whole: bytes, *, every: float, first: bytes = b"") -> Act:
    """Send ``first`` at once, the rest a byte at a time: each byte is in time, the whole never is."""

    def act(connection: socket.socket, _: Received) -> None:
        connection.sendall(first)
        ends = time.monotonic() + LONGEST
        for byte in whole:
            if time.monotonic() > ends:
                return
            connection.sendall(bytes([byte]))
            time.sleep(every)

    return act


def endless(connection: socket.socket, _: Received) -> None:
    """Send a body without an end as fast as the far side takes it."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    while True:
        connection.sendall(b" " * 65536)


def head(
    length: int, *, status: str = "200 OK", headers: Mapping[str, str] | None = None, kind: str = "application/json"
) -> bytes:
    """Return a response's head; the connection ends with the response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {length}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode()


class FaultServer:
    """Plays its acts one request after the other; the last one stays. Every connection has a thread of its own."""

    def __init__(self, *acts: Act, deaf: bool = False, certificate: Path | None = None) -> None:
        """Keep the acts; a deaf server accepts connections and never reads, one with a certificate speaks TLS."""
        self.received: list[Received] = []
        self.connections = 0
        self._acts: deque[Act] = deque(acts)
        self._deaf = deaf
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    @property
    def base_url(self) -> str:
        """Return where it listens, without a path."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def play(self, *acts: Act) -> None:
        """Replace what is still to be played."""
        with self._lock:
            self._acts = deque(acts)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            if self._deaf:
                threading.Event().wait(0.2)
                connection.recv(1, socket.MSG_PEEK)
                _wait_until_closed(connection)
                return
            connection.settimeout(LONGEST)
            with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as stream:
                self._play(stream)

    def _play(self, stream: socket.socket) -> None:
        received = _request(stream)
        if received is None:
            return
        with self._lock:
            self.received.append(received)
            act = self._acts.popleft() if len(self._acts) > 1 else self._acts[0]
        act(stream, received)


def _wait_for_end(connection: socket.socket) -> None:
    connection.settimeout(LONGEST)
    connection.recv(1)


def _wait_until_closed(connection: socket.socket) -> None:
    """Wait for the far side without taking anything out of the buffer, so that it stays full."""
    ends = time.monotonic() + LONGEST
    while time.monotonic() < ends:
        state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        if state != 1:  # no longer ESTABLISHED (linux/tcp_states.h)
            return
        time.sleep(0.05)


def _request(connection: socket.socket) -> Received | None:
    data = b""
    for more in _chunks(connection):
        data += more
        start, mark, body = data.partition(b"\r\n\r\n")
        if not mark:
            continue
        first, *lines = start.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(body) >= int(headers.get("content-length", "0")):
            method, path, _ = first.split(" ", 2)
            return Received(method=method, path=path, headers=headers, body=body, at=time.monotonic())
    return None


def _chunks(connection: socket.socket) -> Iterator[bytes]:
    while more := connection.recv(65536):
        yield more
