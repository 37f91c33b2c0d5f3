"""One exchange with vetted addresses: connect, send, read; nothing on the wire outlives the deadline."""

from __future__ import annotations

import contextlib
import functools
import http.client
import logging
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from newsforge.lib.http.errors import CertificateRejected, ConnectionFailed, ConnectionRefused, FetchTimedOut
from newsforge.lib.http.guard import Address
from newsforge.lib.http.url import Target

# It logs the whole address, with the secrets of its query, when a server's headers are malformed.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)

MAX_ADDRESSES = 4
"""Of one name; enough for two families on two hosts."""


def seconds_left(deadline: float) -> float:
    """Return the seconds until a deadline on the monotonic clock.

    :raises TimeoutError: if it has passed.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


if TYPE_CHECKING:
    _SocketBase = socket.socket
    _ConnectionBase = HTTPConnection
else:
    _SocketBase = object
    _ConnectionBase = object


class _Deadline(_SocketBase):
    """Shorten the time-out before each call, so that many slow small reads cannot add up past the deadline."""

    deadline: float | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self.deadline is not None:
            self.settimeout(seconds_left(self.deadline))
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        if self.deadline is not None:
            self.settimeout(seconds_left(self.deadline))
        super().sendall(*args, **kwargs)


class PlainSocket(_Deadline, socket.socket):
    """A socket no call on which outlives its ``deadline``, on the monotonic clock."""


class TlsSocket(_Deadline, ssl.SSLSocket):
    """The same under TLS; ``tls_context`` makes them."""


class _Vetted(_ConnectionBase):
    """Connect to the vetted addresses only, whatever the host's name would resolve to by now."""

    addresses: tuple[Address, ...] = ()
    deadline: float = 0.0
    opened: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        failure: OSError = OSError("no address")
        addresses = self.addresses[:MAX_ADDRESSES]
        for tried, address in enumerate(addresses):
            family = socket.AF_INET if address.version == 4 else socket.AF_INET6
            sock = PlainSocket(family, socket.SOCK_STREAM)
            try:
                sock.settimeout(seconds_left(self.deadline) / (len(addresses) - tried))
                sock.connect((str(address), self.port))
                sock.settimeout(seconds_left(self.deadline))
            except OSError as error:
                sock.close()
                failure = error
            else:
                sock.deadline = self.deadline
                self.opened = sock
                return sock
        raise failure

    def hang_up(self) -> None:
        """End the connection even where a half-read answer still holds its file, and would until it is collected."""
        self.close()
        descriptor = -1 if self.opened is None else self.opened.detach()
        if descriptor >= 0:
            socket.close(descriptor)


class _PlainConnection(_Vetted, HTTPConnection):
    pass


class _TlsConnection(_Vetted, HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, TlsSocket):
            self.sock.deadline = self.deadline
            self.opened = self.sock


@functools.cache
def tls_context(*protocols: str) -> ssl.SSLContext:
    """Return the context of connections out: certificates are checked, sockets know a deadline, ALPN says these."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    if protocols:
        context.set_alpn_protocols(protocols)
    context.sslsocket_class = TlsSocket
    return context


def _connection(target: Target) -> _PlainConnection | _TlsConnection:
    if target.scheme == "https":
        return _TlsConnection(target.host, target.port, ssl_context=tls_context("http/1.1"))
    return _PlainConnection(target.host, target.port)


@contextlib.contextmanager
def exchange(
    *,
    target: Target,
    addresses: tuple[Address, ...],
    method: str,
    body: bytes | None,
    headers: Mapping[str, str],
    deadline: float,
) -> Iterator[urllib3.BaseHTTPResponse]:
    """Yield the response with its body still unread and undecoded; the connection ends with the block.

    :raises OSError: if the connection or a read fails; also ``urllib3.exceptions.HTTPError`` and
        ``http.client.HTTPException``: ``plain_errors`` turns them all into ours.
    """
    connection = _connection(target)
    connection.addresses, connection.deadline = addresses, deadline
    connection.timeout = seconds_left(deadline)
    try:
        connection.request(
            method,
            target.path,
            body=body,
            headers={**headers, "connection": "close"},
            preload_content=False,
            decode_content=False,
        )
        with contextlib.closing(connection.getresponse()) as response:
            yield response
    finally:
        connection.hang_up()


@contextlib.contextmanager
def plain_errors(*, host: str, timeout: float) -> Iterator[None]:
    """Turn every way the wire can fail into an error a person can read.

    :raises FetchTimedOut: if time ran out.
    :raises CertificateRejected: if the far side's certificate does not hold.
    :raises ConnectionRefused: if nobody listens.
    :raises ConnectionFailed: if anything else broke: a reset, a cut body, an answer that is not HTTP.
    """
    try:
        yield
    except (TimeoutError, urllib3.exceptions.TimeoutError) as error:
        raise FetchTimedOut(host=host, seconds=f"{timeout:g}") from error
    except ssl.SSLCertVerificationError as error:
        raise CertificateRejected(host=host) from error
    except ConnectionRefusedError as error:
        raise ConnectionRefused(host=host) from error
    except (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
        raise ConnectionFailed(host=host) from error
