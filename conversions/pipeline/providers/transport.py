"""The connection to a provider: one pool per process, and a wall-clock limit that nothing on the wire outlives.

httpx counts its read time-out anew with every byte, so a body that drips never ends; here each wait on the socket is
as long as what is left of the whole call.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import queue
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore2
import httpx2

MAX_BYTES = 4_000_000
"""Of one answer; a post of 3,000 characters with all its reasoning is a hundredth of this."""

_ends_at: ContextVar[float] = ContextVar("ends_at")


@contextlib.contextmanager
def time_limit(*, until: float) -> Iterator[None]:
    """Let nothing this thread does on the wire within the block last beyond ``until``, on the monotonic clock."""
    token = _ends_at.set(until)
    try:
        yield
    finally:
        _ends_at.reset(token)


@functools.cache
def http_client() -> httpx2.Client:
    """Return this process's client. It holds no key and keeps no cookie, so that all keys may share it."""
    client = httpx2.Client(
        transport=_Transport(),
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=())),
        headers={"accept-encoding": "identity"},  # nothing to inflate, so MAX_BYTES holds
        follow_redirects=False,  # a key goes to the base URL and nowhere else
    )
    atexit.register(client.close)
    return client


os.register_at_fork(after_in_child=http_client.cache_clear)


def _left(timeout: float | None = None) -> float:
    """Return the seconds the next wait may take."""
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left if timeout is None else min(left, timeout)


@contextlib.contextmanager
def _named(timed_out: type[Exception], broken: type[Exception]) -> Iterator[None]:
    """Turn what the socket says into what httpcore understands; it may hold no more than the class's name."""
    try:
        yield
    except TimeoutError:
        raise timed_out from None
    except OSError as error:
        raise broken(type(error).__name__) from None


class _Stream(httpcore2.NetworkStream):
    """A socket whose every wait ends with the call."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _named(httpcore2.ReadTimeout, httpcore2.ReadError):
            self._sock.settimeout(_left(timeout))
            return self._sock.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        with _named(httpcore2.WriteTimeout, httpcore2.WriteError):
            while rest:
                self._sock.settimeout(_left(timeout))
                rest = rest[self._sock.send(rest) :]

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Stream:
        with _named(httpcore2.ConnectTimeout, httpcore2.ConnectError):
            try:
                self._sock.settimeout(_left(timeout))
                return _Stream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname))
            except OSError:
                self.close()
                raise

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return _is_readable(self._sock)
        return self._sock if info == "ssl_object" and isinstance(self._sock, ssl.SSLSocket) else None


def _is_readable(sock: socket.socket) -> bool:
    """Return whether a read would not wait; of an idle connection that means the far side has closed it."""
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


class _Backend(httpcore2.NetworkBackend):
    """Connects within the time left, the look-up included."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the interface's, never set here
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - the interface's, never set here
    ) -> _Stream:
        with _named(httpcore2.ConnectTimeout, httpcore2.ConnectError):
            until = time.monotonic() + _left(timeout)
            return _Stream(_connect(_look_up(host, port, _left(timeout)), until))


def _look_up(host: str, port: int, timeout: float) -> list[Any]:
    """Ask the system's resolver in a thread, since it knows no time limit of its own."""
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="look up provider", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _connect(addresses: list[Any], until: float) -> socket.socket:
    failure: OSError = OSError("no address")
    for tried, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(until - time.monotonic(), 0.001) / (len(addresses) - tried))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


class _Transport(httpx2.BaseTransport):
    """HTTP/1.1 over the sockets above; answers come whole or not at all."""

    def __init__(self) -> None:
        self._pool = httpcore2.ConnectionPool(
            # As many are kept as a worker has threads: whoever finds none waiting pays for a look-up and a handshake.
            max_connections=100,
            max_keepalive_connections=100,
            keepalive_expiry=30,
            network_backend=_Backend(),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        asked = httpcore2.Request(
            request.method, target, headers=request.headers.raw, content=request.read(), extensions=request.extensions
        )
        try:
            answer = self._pool.handle_request(asked)
            with contextlib.closing(answer):
                body = _whole(answer)
        except httpcore2.TimeoutException as error:
            failure: httpx2.TransportError = httpx2.TimeoutException(type(error).__name__)
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
            failure = httpx2.TransportError(type(error).__name__)
        else:
            return httpx2.Response(answer.status, headers=answer.headers, content=body)
        raise failure

    def close(self) -> None:
        self._pool.close()


def _whole(answer: httpcore2.Response) -> bytes:
    parts, size = [], 0
    for part in answer.iter_stream():
        size += len(part)
        if size > MAX_BYTES:
            raise httpcore2.RemoteProtocolError("too large")
        parts.append(part)
    return b"".join(parts)
