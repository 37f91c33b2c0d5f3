"""Web workers are replaced: whoever has connected is answered, and the old ones go when new ones serve."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

import pytest

from newsforge.embedded.leash import Streams, start, stop
from newsforge.embedded.server import answers, free_port

FOLDER = Path(__file__).resolve().parents[2] / "newsforge/embedded"
PATIENCE = 60.0
LONG = "30"
"""Seconds an old worker has for what it has accepted: longer than any pause of a busy machine."""
APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"{words}"]
"""


@dataclass
class Site:
    """A web of one worker, its code and its log."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def publish(self, code: str) -> None:
        """Put other code in the place of what runs, and ask for workers of it."""
        write(self.folder, code)
        self.process.send_signal(signal.SIGHUP)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def ask(self) -> str:
        with self.connect() as connection:
            return ask(connection)

    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")


def write(folder: Path, code: str) -> None:
    draft = folder / "draft"
    draft.write_text(code, "utf-8")
    draft.replace(folder / "site_that_changes.py")


def ask(connection: socket.socket) -> str:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    response = HTTPResponse(connection)
    response.begin()
    assert response.status == 200
    return response.read().decode()


def wait_until(ready: object) -> None:
    assert callable(ready)
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    write(tmp_path, APPLICATION.format(words="old"))
    port = free_port()
    options = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", "2", "--respawn-interval", LONG]
    command = [sys.executable, "-B", str(FOLDER / "leash.py"), str(FOLDER / "web.py"), *options]
    with (tmp_path / "log").open("wb") as log:
        master = start(
            [*command, "--respawn-failed-workers", "site_that_changes:application"],
            folder=tmp_path, streams=Streams(output=log), environment={},
        )  # fmt: skip
    try:
        wait_until(lambda: answers(port, b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.0 200 OK"))
        yield Site(tmp_path, port, master)
    finally:
        stop(master, signals=[signal.SIGKILL], seconds=5)


def test_whoever_has_connected_is_answered_by_the_worker_that_goes(site: Site) -> None:
    with site.connect() as silent, site.connect() as talking:
        assert ask(talking) == "old"
        site.publish(APPLICATION.format(words="new"))
        wait_until(lambda: site.ask() == "new")
        assert [site.ask() for _ in range(50)] == ["new"] * 50
        assert (ask(silent), ask(talking)) == ("old", "old")


def test_a_worker_stays_when_the_code_in_its_place_does_not_start(site: Site) -> None:
    site.publish("raise ValueError('not today')")
    wait_until(lambda: "the old one stays" in site.log())
    assert [site.ask() for _ in range(50)] == ["old"] * 50
    site.publish(APPLICATION.format(words="new"))
    wait_until(lambda: site.ask() == "new")
    assert site.process.poll() is None


@pytest.mark.parametrize("gap", [gap / 1e6 for gap in (0, 20, 50, 100, 150, 200, 250, 300)])
def test_signals_one_upon_the_other_end_it(site: Site, gap: float) -> None:
    for _ in range(40):
        if site.process.poll() is None:
            site.process.send_signal(signal.SIGTERM)
        time.sleep(gap)
    assert site.process.wait(PATIENCE) == 0
