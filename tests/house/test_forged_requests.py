"""What is written straight onto the wire: the real web in production's settings believes nobody but its proxy.

The proxy is 127.0.0.2, everybody else comes from 127.0.0.1.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsforge.embedded.entry import answers
from newsforge.embedded.leash import Streams, start, stop
from newsforge.embedded.stack import take_port
from newsforge.env import ROOT
from tests.house.test_image import addresses, clean_host
from tests.house.test_production import SAID

ANYBODY, PROXY = "127.0.0.1", "127.0.0.2"
PATIENCE = 120.0
HEADERS_MS = 3000
"""What a client has for its headers: a tenth of what is shipped."""
LARGE = 13_000_000
HOST = "Host: news.example\r\n"
LAST = f"{HOST}Connection: close\r\n"
TLS = "X-Forwarded-Proto: https\r\n"
LOGIN = "GET /accounts/login/ HTTP/1.1\r\n"
POST = "POST /api/v1/conversions HTTP/1.1\r\n"
JSON = "Content-Type: application/json\r\n"


@dataclass
class Site:
    """The web, its port and what it has logged."""

    port: int
    log: Path

    def send(self, text: str, peer: str = ANYBODY) -> tuple[int, str]:
        """Write, read to the end, and return the status of the one answer (0: none) and all of it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE, source_address=(peer, 0)) as wire:
            heard = b""
            with suppress(OSError):  # it was closed over what we still write
                wire.sendall(text.encode("latin-1"))
            with suppress(OSError):
                while part := wire.recv(65536):
                    heard += part
        found = re.findall(rb"HTTP/1\.[01] (\d{3}) ", heard)
        assert len(found) <= 1, heard
        return int(found[0]) if found else 0, heard.decode("latin-1")

    def logged(self, mark: str) -> dict[str, str]:
        """Return the line of the request that asked for ``/nowhere/<mark>``."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in self.log.read_text("utf-8").splitlines():
                if f"GET /nowhere/{mark}" in line and "request_finished" in line:
                    return dict(json.loads(line))
            time.sleep(0.05)
        pytest.fail(f"{mark} was not logged")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with clean_host() as (home, opened):
        port = take_port(opened, ANYBODY, "")
        environment = SAID | addresses() | {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "newsforge.settings.production",
            "NEWSFORGE_HOME": str(home),
            "NEWSFORGE_TRUSTED_PROXIES": PROXY,
            "NEWSFORGE_DB_POOL": "4",
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        command = [sys.executable, "newsforge/embedded/leash.py", "newsforge/embedded/web.py", "--interface", "wsgi"]
        command += ["--http", "1", "--port", str(port), "--blocking-threads", "4"]
        command += ["--http1-header-read-timeout", str(HEADERS_MS), "newsforge.wsgi:application"]
        with (home / "web.log").open("wb") as log:
            web = start(command, folder=ROOT, streams=Streams(output=log), environment=environment)
        opened.callback(stop, web, signals=[signal.SIGTERM], seconds=30)
        end = time.monotonic() + PATIENCE
        while not answers(f"{ANYBODY}:{port}", "/health/ready/"):
            assert time.monotonic() < end, (home / "web.log").read_text("utf-8")
            time.sleep(0.1)
        yield Site(port, home / "web.log")
        assert answers(f"{ANYBODY}:{port}", "/health/ready/")
        assert "Traceback" not in (home / "web.log").read_text("utf-8")


@pytest.mark.parametrize(
    ("headers", "peer", "secure"),
    [
        (TLS, PROXY, True),
        ("", PROXY, False),
        (TLS, ANYBODY, False),
        ("X_Forwarded_Proto: https\r\n", ANYBODY, False),
        ("X-Forwarded-Proto: https, http\r\n", PROXY, False),
        (f"{TLS}X-Forwarded-Proto: http\r\n", PROXY, False),
        ("Forwarded: for=1.2.3.4;proto=https;host=evil.example\r\n", PROXY, False),
        ("X-Forwarded-Ssl: on\r\nX-Url-Scheme: https\r\nFront-End-Https: on\r\n", PROXY, False),
    ],
)
def test_tls_is_what_the_proxy_says_last_and_nobody_else(site: Site, headers: str, peer: str, secure: bool) -> None:
    status, heard = site.send(LOGIN + LAST + headers + "\r\n", peer)
    assert status == (200 if secure else 301)
    assert secure or "location: https://news.example/accounts/login/\r\n" in heard
    assert "evil.example" not in heard


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"{LOGIN}{LAST}X-Forwarded-Host: evil.example\r\nX-Host: evil.example\r\n\r\n", 301),
        (f"{LOGIN}{LAST}Forwarded: host=evil.example\r\n\r\n", 301),
        (f"{LOGIN}Host: evil.example\r\nConnection: close\r\n\r\n", 400),
        (f"{LOGIN}{LAST}Host: evil.example\r\n\r\n", 400),
        (f"{LOGIN}Host: evil.example\r\n{LAST}\r\n", 400),
        (f"{LOGIN}Host: news.example@evil.example\r\nConnection: close\r\n\r\n", 400),
        (f"{LOGIN}Host: news.example:80:80\r\nConnection: close\r\n\r\n", 400),
        (f"{LOGIN}Connection: close\r\n\r\n", 400),
        (f"GET http://evil.example/accounts/login/ HTTP/1.1\r\n{LAST}\r\n", 301),
        ("GET http://news.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400),
        (f"GET //evil.example/x HTTP/1.1\r\n{LAST}\r\n", 301),
        (f"CONNECT evil.example:443 HTTP/1.1\r\n{LAST}\r\n", 301),
    ],
)
@pytest.mark.parametrize("peer", [ANYBODY, PROXY])
def test_the_host_is_ours_whatever_else_is_named(site: Site, text: str, status: int, peer: str) -> None:
    found, heard = site.send(text, peer)
    assert found == status
    for place in re.findall(r"location: (.*)\r\n", heard):
        assert place.startswith("https://news.example/")


@pytest.mark.parametrize(
    ("mark", "headers", "peer", "address"),
    [
        ("told", "X-Forwarded-For: 198.51.100.7\r\n", PROXY, "198.51.100.7"),
        ("added", "X-Forwarded-For: 1.1.1.1, 198.51.100.8\r\n", PROXY, "198.51.100.8"),
        ("twice", "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 198.51.100.9\r\n", PROXY, "198.51.100.9"),
        ("junk", "X-Forwarded-For: 1.1.1.1, <script>\r\n", PROXY, PROXY),
        ("others", "X-Real-IP: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\nClient-IP: 1.1.1.1\r\n", PROXY, PROXY),
        ("remote", "Remote-Addr: 1.1.1.1\r\nREMOTE_ADDR: 1.1.1.1\r\n", PROXY, PROXY),
    ],
)
def test_who_asks_is_whom_the_proxy_names_last(site: Site, mark: str, headers: str, peer: str, address: str) -> None:
    status, _ = site.send(f"GET /nowhere/{mark} HTTP/1.1\r\n{LAST}{TLS}{headers}\r\n", peer)
    assert status == 404
    assert site.logged(mark)["ip"] == address


def test_tries_are_counted_by_the_address_the_proxy_names_and_by_no_other(site: Site) -> None:
    _, page = site.send(LOGIN + LAST + TLS + "\r\n", PROXY)
    token, *_ = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    (cookie,) = re.findall(r"set-cookie: +(csrftoken=\w+)", page)
    statuses = []
    for number in range(31):
        form = f"csrfmiddlewaretoken={token}&login=nobody-{number}@example.org&password=wrong"
        head = f"POST /accounts/login/ HTTP/1.1\r\n{LAST}{TLS}Cookie: {cookie}\r\nReferer: https://news.example/\r\n"
        head += (
            f"X-Forwarded-For: 10.9.8.{number}, 198.51.100.20\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        )
        statuses.append(site.send(f"{head}Content-Length: {len(form)}\r\n\r\n{form}", PROXY)[0])
    assert 200 in statuses
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    "text",
    [
        f"{POST}{LAST}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        f"{POST}{LAST}Content-Length: 4, 5\r\n\r\nabcde",
        f"{POST}{LAST}Content-Length: -1\r\n\r\nabcde",
        f"{POST}{LAST}Content-Length: +5\r\n\r\nabcde",
        f"{POST}{LAST}Content-Length: 99999999999999999999999\r\n\r\n{{}}",
        f"{POST}{LAST}Transfer-Encoding: xchunked\r\n\r\nabcde",
        f"{POST}{LAST}Transfer-Encoding: chunked, identity\r\n\r\nabcde",
        f"{POST}{LAST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        f"POST / HTTP/1.0\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
        f"{LOGIN}{LAST}X-A: b\r\n c\r\n\r\n",
        f"{LOGIN}{LAST}X-A: \x00\r\n\r\n",
        f"{LOGIN}{LAST}X A: b\r\n\r\n",
        f"GET / HTTP/9.9\r\n{LAST}\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        f"{LOGIN}{LAST}" + "".join(f"X-{number}: {'a' * 4000}\r\n" for number in range(200)) + "\r\n",
        f"{LOGIN}{LAST}" + "".join(f"X-{number}: a\r\n" for number in range(500)) + "\r\n",
        f"GET /{'a' * 200_000} HTTP/1.1\r\n{LAST}\r\n",
        f"GET /{'a' * 60_000} HTTP/1.1\r\n{LAST}\r\n",
    ],
    ids=lambda text: re.sub(r"\W+", "-", text.replace(LAST, ""))[:60],
)
def test_what_is_no_request_is_refused_or_hung_up_on(site: Site, text: str) -> None:
    status, heard = site.send(text, PROXY)
    assert 400 <= status < 500 or not heard


@pytest.mark.parametrize("keep", ["", "Connection: keep-alive\r\n"])
def test_nothing_is_smuggled_behind_a_request_with_two_lengths(site: Site, keep: str) -> None:
    hidden = f"GET /nowhere/smuggled HTTP/1.1\r\n{LAST}{TLS}\r\n"
    for first, second in (("4", "0\r\n\r\n"), (str(5 + len(hidden)), "0\r\n\r\n")):
        head = f"{POST}{HOST}{keep}{TLS}{JSON}Content-Length: {first}\r\nTransfer-Encoding: chunked\r\n\r\n"
        status, _ = site.send(head + second + hidden, PROXY)
        assert 400 <= status < 500
    assert "/nowhere/smuggled" not in site.log.read_text("utf-8")


@pytest.mark.parametrize(
    "body",
    [
        f"Content-Length: {LARGE}\r\n\r\n" + " " * LARGE,
        "Content-Length: 999999999999\r\n\r\n{}",
        f"Transfer-Encoding: chunked\r\n\r\n{LARGE:x}\r\n" + " " * LARGE + "\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["too long", "said to be too long", "too long in chunks", "no chunks"],
)
@pytest.mark.parametrize("path", ["/api/v1/conversions", "/accounts/login/"])
def test_a_body_that_is_too_large_is_not_taken_in(site: Site, path: str, body: str) -> None:
    """Or what is written of it is not read: then the connection is closed over it, and the answer may be lost."""
    status, _ = site.send(f"POST {path} HTTP/1.1\r\n{LAST}{TLS}{JSON}{body}", PROXY)
    assert status == 0 or 400 <= status < 500
    assert site.send(LOGIN + LAST + TLS + "\r\n", PROXY)[0] == 200


def test_who_is_slow_with_his_headers_is_hung_up_on_and_keeps_nobody_waiting(site: Site) -> None:
    with ThreadPoolExecutor(60) as slow:
        waiting = [slow.submit(site.send, f"{LOGIN}Host: new") for _ in range(60)]
        assert site.send(LOGIN + LAST + TLS + "\r\n", PROXY)[0] == 200
        assert all(one.result()[0] in {0, 408} for one in waiting)
