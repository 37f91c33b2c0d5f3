"""Servers that misbehave, for real, on the loopback: each ends in its own error and in time."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
import zlib

import pytest

from newsforge.lib.errors import PermanentError, TransientError
from newsforge.lib.http import HttpPolicy, get, post
from newsforge.lib.http.errors import (
    ConnectionFailed,
    ConnectionRefused,
    FetchTimedOut,
    TooLarge,
    TooManyRedirects,
    UnknownEncoding,
)
from tests.lib.loopback import Loopback, Talk, answer, redirect

TEXT = "<p>서울의 기온은 12.5도였다.</p>".encode() * 3000
GZIPPED = gzip.compress(TEXT)
RAW_DEFLATE = zlib.compress(TEXT)[2:-4]


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


@pytest.mark.parametrize(
    "page",
    [
        answer(body=TEXT),
        answer(body=TEXT, length=False),
        chunked(TEXT[:1000], TEXT[1000:]),
        answer("200 OK", "Content-Encoding: gzip", body=GZIPPED),
        answer("200 OK", "Content-Encoding: X-GZIP", body=GZIPPED, length=False),
        answer("200 OK", "Content-Encoding: gzip", body=gzip.compress(TEXT[:500]) + gzip.compress(TEXT[500:])),
        answer("200 OK", "Content-Encoding: gzip", body=GZIPPED + b"\0" * 100),
        answer("200 OK", "Content-Encoding: deflate", body=zlib.compress(TEXT)),
        answer("200 OK", "Content-Encoding: deflate", body=RAW_DEFLATE),
        answer("200 OK", "Content-Encoding: identity", body=TEXT),
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(body=TEXT),
    ],
)
def test_a_page_arrives_whole(page: bytes, server: Loopback) -> None:
    server.pages["/"] = page
    response = get(url=server.base, policy=server.policy())
    assert (response.status, response.body) == (200, TEXT)
    assert response.headers["content-type"] == "text/html"
    assert response.url == f"{server.base}/"


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (answer(body=TEXT)[:-1], ConnectionFailed),  # cut short of its Content-Length
        (chunked(TEXT, end=b""), ConnectionFailed),
        (chunked(TEXT, end=b"zz\r\n"), ConnectionFailed),
        (answer("200 OK", "Content-Encoding: gzip", body=GZIPPED[:-12], length=False), ConnectionFailed),
        (answer("200 OK", "Content-Encoding: gzip", body=TEXT), ConnectionFailed),  # says gzip, is none
        (answer("200 OK", "Content-Encoding: gzip", body=GZIPPED[:40] + b"??" + GZIPPED[42:]), ConnectionFailed),
        (answer("200 OK", "Content-Encoding: gzip", body=gzip.compress(b"") * 5000), ConnectionFailed),
        (answer("200 OK", "Content-Encoding: gzip"), ConnectionFailed),
        (answer("200 OK", "Content-Encoding: deflate", body=b"\xff" * 50), ConnectionFailed),
        (answer("200 OK", "Content-Encoding: br", body=b"\x0b\x02\x80"), UnknownEncoding),
        (answer("200 OK", "Content-Encoding: gzip, gzip", body=gzip.compress(GZIPPED)), UnknownEncoding),
        (b"", ConnectionFailed),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", ConnectionFailed),
        (b"HTTP/1.1 200 OK\r\nContent-Len", ConnectionFailed),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", ConnectionFailed),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\nabcde", ConnectionFailed),
        (b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n", ConnectionFailed),
        (b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 1_000_000 + b"\r\n\r\n", ConnectionFailed),
    ],
)
def test_a_broken_answer_is_never_taken_for_a_page(page: bytes, kind: type[Exception], server: Loopback) -> None:
    server.pages["/"] = page
    with pytest.raises(kind) as failure:
        get(url=server.base, policy=server.policy())
    assert "127.0.0.1" in str(failure.value)


def test_malformed_headers_put_no_address_into_the_log(server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    server.pages["/?token=s3cret"] = answer("200 OK", "no colon here", body=TEXT)
    with caplog.at_level("DEBUG"):
        get(url=f"{server.base}/?token=s3cret", policy=server.policy())
    assert "s3cret" not in caplog.text


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectionRefused) as failure:
        get(url=f"http://127.0.0.1:{port}/", policy=HttpPolicy(allow=frozenset({("127.0.0.1", port)})))
    assert isinstance(failure.value, TransientError)


def reset(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_a_reset_may_be_tried_again(server: Loopback) -> None:
    server.pages["/"] = reset
    with pytest.raises(ConnectionFailed) as failure:
        get(url=server.base, policy=server.policy())
    assert isinstance(failure.value, TransientError)


def drip(data: bytes, *, first: int) -> Talk:
    def talk(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data[:first])
        for byte in data[first:]:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        lambda connection, _: connection.recv(1),  # says nothing at all
        drip(answer(body=TEXT), first=0),  # drips its head
        drip(answer(body=TEXT), first=200),  # drips its body
        drip(chunked(*[b"x"] * 900), first=100),
        drip(answer("200 OK", "Content-Encoding: gzip", body=GZIPPED), first=110),
        lambda connection, _: [connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n") for _ in range(10_000_000)],
    ],
)
def test_a_slow_server_ends_with_the_deadline(talk: Talk, server: Loopback) -> None:
    server.pages["/"] = talk
    began = time.monotonic()
    with pytest.raises(FetchTimedOut, match=r"0\.4 seconds") as failure:
        get(url=server.base, policy=server.policy(timeout=0.4))
    assert time.monotonic() - began < 0.8
    assert isinstance(failure.value, TransientError)


def test_the_deadline_is_for_all_hops_together(server: Loopback) -> None:
    def slow_hop(connection: socket.socket, head: bytes) -> None:
        time.sleep(0.15)
        connection.sendall(redirect(f"/{int(head.split(b' ')[1][1:] or 0) + 1}"))

    server.pages.update({f"/{hop}": slow_hop for hop in ["", *range(1, 9)]})
    began = time.monotonic()
    with pytest.raises(FetchTimedOut):
        get(url=server.base, policy=server.policy(timeout=0.4))
    assert time.monotonic() - began < 0.8


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_stopped_cheaply(encoding: str, server: Loopback) -> None:
    """100 MB of zeros in 100 kB: neither the memory nor the time is spent."""
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16 if encoding == "gzip" else zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()
    server.pages["/"] = answer("200 OK", f"Content-Encoding: {encoding}", body=bomb)
    tracemalloc.start()
    try:
        began = time.monotonic()
        with pytest.raises(TooLarge, match="5 MB") as failure:
            get(url=server.base, policy=server.policy())
        assert time.monotonic() - began < 1
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()
    assert isinstance(failure.value, PermanentError)


@pytest.mark.parametrize(
    "page",
    [
        answer(body=b"x" * 1001),
        answer(body=b"x" * 1001, length=False),
        chunked(b"x" * 1001),
        answer("200 OK", "Content-Encoding: gzip", body=gzip.compress(b"x" * 1001)),
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    ],
)
def test_one_byte_too_many_is_too_large(page: bytes, server: Loopback) -> None:
    server.pages["/"] = page
    with pytest.raises(TooLarge):
        get(url=server.base, policy=server.policy(max_bytes=1000))


def test_the_cap_itself_is_allowed(server: Loopback) -> None:
    server.pages["/"] = answer(body=b"x" * 1000)
    assert len(get(url=server.base, policy=server.policy(max_bytes=1000)).body) == 1000


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_are_followed(status: str, server: Loopback) -> None:
    server.pages["/a/b"] = redirect("../c?d=1#e", status)
    server.pages["/c?d=1"] = answer(body=b"there")
    response = get(url=f"{server.base}/a/b", policy=server.policy())
    assert (response.url, response.body) == (f"{server.base}/c?d=1", b"there")


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/기사/1", "/%EA%B8%B0%EC%82%AC/1"),
        ("/기사/1".encode("cp949"), "/%B1%E2%BB%E7/1"),
        ("/%EA%B8%B0/1", "/%EA%B8%B0/1"),
    ],
)
def test_korean_redirects_keep_their_bytes(location: str | bytes, path: str, server: Loopback) -> None:
    server.pages["/"] = redirect(location)
    server.pages[path] = answer(body=b"there")
    assert get(url=server.base, policy=server.policy()).body == b"there"


def test_korean_paths_are_asked_for_in_utf8(server: Loopback) -> None:
    server.pages["/%EA%B2%BD%EB%A1%9C"] = answer(body=b"there")
    assert get(url=f"{server.base}/경로", policy=server.policy()).body == b"there"


def test_five_redirects_are_enough(server: Loopback) -> None:
    server.pages.update({f"/{hop}": redirect(f"/{hop + 1}") for hop in range(1, 8)})
    server.pages["/6"] = answer(body=b"end")
    assert get(url=f"{server.base}/1", policy=server.policy()).body == b"end"
    server.pages["/6"] = redirect("/7")
    with pytest.raises(TooManyRedirects):
        get(url=f"{server.base}/1", policy=server.policy())
    assert len(server.requests) == 12


def test_a_loop_ends_when_it_closes(server: Loopback) -> None:
    server.pages["/"] = redirect("/b")
    server.pages["/b"] = redirect("/")
    with pytest.raises(TooManyRedirects):
        get(url=server.base, policy=server.policy())
    assert len(server.requests) == 2


def test_an_error_page_is_read_as_far_as_it_arrives(server: Loopback) -> None:
    server.pages["/"] = answer("503 Busy", "Retry-After: 7", body=b"come back" * 20000)[:-9]
    response = get(url=server.base, policy=server.policy())
    assert response.status == 503
    assert response.headers["retry-after"] == "7"
    assert len(response.body) == 65536


def test_a_webhook_arrives_as_sent_and_no_redirect_is_followed(server: Loopback) -> None:
    server.pages["/hook"] = redirect("/elsewhere", "307 Temporary")
    response = post(url=f"{server.base}/hook", body=b'{"a": 1}', headers={"webhook-id": "m1"}, policy=server.policy())
    assert (response.status, response.headers["location"]) == (307, "/elsewhere")
    assert len(server.requests) == 1
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"webhook-id: m1" in head.lower()
    assert b"content-length: 8" in head.lower()
    assert body in {b"", b'{"a": 1}'}


def test_a_webhook_receiver_may_answer_at_length(server: Loopback) -> None:
    server.pages["/hook"] = answer("200 OK", body=b"x" * 9_000_000)
    response = post(url=f"{server.base}/hook", body=b"{}", headers={}, policy=server.policy())
    assert (response.status, len(response.body)) == (200, 65536)
