"""Reading a body without trusting it: decompressed piece by piece, stopped at the cap."""

from __future__ import annotations

import contextlib
import http.client
import zlib
from collections.abc import Iterator

import urllib3

from newsforge.lib.http.errors import TooLarge, UnknownEncoding

ACCEPT_ENCODING = "gzip, deflate"
_CHUNK = 65_536
_MAX_MEMBERS = 64
"""A gzip body may be several members in a row; thousands of empty ones would only burn our time."""


class DamagedBody(OSError):
    """Say that a compressed body is broken or cut; the wire's translation makes it a failed connection."""


def read_whole(response: urllib3.BaseHTTPResponse, *, host: str, max_bytes: int) -> bytes:
    """Return the whole decompressed body.

    :raises TooLarge: if the body, packed or unpacked, exceeds ``max_bytes``; what lies beyond is never unpacked.
    :raises UnknownEncoding: if it is compressed by anything but gzip or deflate.
    :raises DamagedBody: if the compressed data is broken or ends early, or nothing arrived where nothing was announced.
    """
    too_large = TooLarge(megabytes=f"{max_bytes / 1_000_000:g}")
    if (response.length_remaining or 0) > max_bytes:
        raise too_large
    body = bytearray()
    for piece in _pieces(response, host=host, max_bytes=max_bytes):
        body += piece
        if len(body) > max_bytes:
            raise too_large
    if not body and response.length_remaining is None and "transfer-encoding" not in response.headers:
        # Also what is left of an answer cut inside its head: http.client takes the end of the data for the head's.
        raise DamagedBody("nothing arrived")
    return bytes(body)


def read_start(response: urllib3.BaseHTTPResponse, *, host: str, max_bytes: int) -> bytes:
    """Return the first ``max_bytes`` of the body, or as much as arrived: enough to see what an error page says."""
    body = bytearray()
    broken = (OSError, UnknownEncoding, urllib3.exceptions.HTTPError, http.client.HTTPException)
    with contextlib.suppress(*broken):
        for piece in _pieces(response, host=host, max_bytes=max_bytes):
            body += piece
            if len(body) >= max_bytes:
                break
    return bytes(body[:max_bytes])


def _pieces(response: urllib3.BaseHTTPResponse, *, host: str, max_bytes: int) -> Iterator[bytes]:
    """Yield decompressed pieces of at most 64 KiB; the packed bytes are capped too, by letting one chunk over."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        yield from response.stream(_CHUNK, decode_content=False)
    elif encoding in {"gzip", "x-gzip", "deflate"}:
        inflate = _Inflate(gzip="gzip" in encoding)
        packed = 0
        for chunk in response.stream(_CHUNK, decode_content=False):
            packed += len(chunk)
            yield from inflate.feed(chunk)
            if packed > max_bytes:
                raise TooLarge(megabytes=f"{max_bytes / 1_000_000:g}")
        yield from inflate.finish()
    else:
        raise UnknownEncoding(host=host)


class _Inflate:
    """Unpack gzip (also several members) or deflate (with and without its zlib header, as servers send both)."""

    def __init__(self, *, gzip: bool) -> None:
        self._bits = zlib.MAX_WBITS | 16 if gzip else zlib.MAX_WBITS
        self._gzip = gzip
        self._member = zlib.decompressobj(self._bits)
        self._members = 0
        self._fed = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what the chunk unpacks to."""
        while chunk:
            if self._member.eof and not self._next_member(chunk):
                return
            yield self._unpack(chunk)
            chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def finish(self) -> Iterator[bytes]:
        """Yield what is still inside, and check that the end was there."""
        while not self._member.eof:
            piece = self._unpack(b"")
            if not piece and not self._member.eof:
                raise DamagedBody("compressed data ended early")
            yield piece

    def _next_member(self, chunk: bytes) -> bool:
        """Begin another gzip member; bytes that begin none are padding, as gzip(1) sees them."""
        if not self._gzip or not chunk.startswith(b"\x1f"):
            return False
        self._members += 1
        if self._members >= _MAX_MEMBERS:
            raise DamagedBody("too many gzip members")
        self._member = zlib.decompressobj(self._bits)
        return True

    def _unpack(self, chunk: bytes) -> bytes:
        first, self._fed = not self._fed, True
        try:
            return self._member.decompress(chunk, _CHUNK)
        except zlib.error as error:
            if first and not self._gzip:
                self._member = zlib.decompressobj(-zlib.MAX_WBITS)
                return self._unpack(chunk)
            raise DamagedBody("compressed data is broken") from error
