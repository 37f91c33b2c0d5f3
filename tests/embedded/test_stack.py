"""The whole product as a newcomer starts it: its posts, its addresses, its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

import psutil
import pytest

from newsforge.embedded.errors import PortTakenError
from newsforge.embedded.login import kept
from newsforge.embedded.stack import site_url, take_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 250.0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One home for the whole story, in a place whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="newsforge-stack-") as name:
        Path(name).chmod(0o711)
        yield Path(name) / "home"


def product(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the command behind `make run` and `make demo` in the home."""
    ours = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "PORT"}}
    ours |= {"NEWSFORGE_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "newsforge.settings.dev", **environment}
    return subprocess.Popen(
        [sys.executable, "-m", "newsforge.embedded", *arguments],
        cwd=ROOT,
        env=ours,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(stream: IO[str] | None, words: str) -> str:
    assert stream
    said = ""
    for line in stream:
        said += line
        if words in line:
            return said
    pytest.fail(f"It ended without saying {words!r}:\n{said}")


def family(folder: Path) -> list[str]:
    """Return the command lines of the processes that live in the home, zombies aside."""
    found = []
    for process in psutil.process_iter():
        try:
            inside = process.environ().get("NEWSFORGE_HOME") == str(folder) or str(folder) in process.cwd()
            if inside and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def left_in(folder: Path) -> list[str]:
    """Return the processes that are still there when all have had time to follow their parents.

    A worker that loses its broker while it stops may not heed; supervisor kills it after 30 s.
    """
    end = time.monotonic() + 45
    while (left := family(folder)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def status(url: str, path: str) -> int:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def lengths(said: str) -> dict[str, list[tuple[int, int]]]:
    """Return the counted length and the limit of each post, by platform."""
    found: dict[str, list[tuple[int, int]]] = {}
    for platform, length, limit in re.findall(
        r"^── (\w+) · (\d+) of (\d+) · written by extractive$", said, re.MULTILINE
    ):
        found.setdefault(platform, []).append((int(length), int(limit)))
    return found


def test_two_sites_started_at_once_get_a_port_each() -> None:
    with ExitStack() as first, ExitStack() as second:
        ports = [take_port(opened, "127.0.0.1", "") for opened in (first, second)]
        assert ports[0] != ports[1]
        with pytest.raises(PortTakenError, match=f"Port {ports[0]} is taken"):
            take_port(second, "127.0.0.1", str(ports[0]))
        first.close()
        assert take_port(second, "127.0.0.1", str(ports[0])) == ports[0]


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8000"), ("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000")],  # noqa: S104 - nothing listens
)
def test_the_address_shown_is_one_a_browser_can_open(host: str, url: str) -> None:
    assert site_url(host, 8000) == url


@pytest.mark.timeout(600)
def test_run_writes_posts_in_both_languages_and_shows_where_to_go_on(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with product(folder, "run", PORT=port) as refused:
            assert refused.communicate(timeout=PATIENCE)[0].strip().startswith(f"Port {port} is taken")
            assert refused.returncode == 1
    process = product(folder, "run")
    said = read_until(process.stdout, "Press Ctrl-C")
    posts = lengths(said)
    assert {platform: len(found) for platform, found in posts.items()} == {"x": 2, "linkedin": 2, "instagram": 2}
    assert all(0 < length <= limit for found in posts.values() for length, limit in found)
    assert "37.4km" in said
    assert "37.4 k" in said
    login = kept(folder)
    assert login
    assert f"password {login.password}" in said
    assert login.token in said
    assert (folder / "first-login.txt").stat().st_mode & 0o777 == 0o600
    url = (folder / "run/url").read_text("utf-8")
    assert f"{url}/admin/" in said
    assert [status(url, path) for path in ("/", "/accounts/login/", "/api/docs/", "/health/live/")] == [200] * 4

    with product(folder, "run") as second:
        assert f"NewsForge already runs in {folder}: {url}" in second.communicate(timeout=PATIENCE)[0]
    text = folder / "article.txt"
    text.write_text("한들시가 낡은 수도관 37.4km를 새 관으로 바꾼다. 사업비는 412억 원이다. " * 12, "utf-8")
    with product(folder, "demo", str(text), "--platform", "bluesky", "--provider", "extractive") as asked:
        assert list(lengths(asked.communicate(timeout=PATIENCE)[0])) == ["bluesky"]
    assert asked.returncode == 0

    process.kill()
    process.communicate()
    assert left_in(folder) == []


@pytest.mark.timeout(600)
def test_demo_after_a_kill_uses_what_is_there_and_leaves_no_process(folder: Path) -> None:
    before = kept(folder)
    assert before
    with product(folder, "demo") as process:
        said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 0, said
    assert before.password not in said
    assert kept(folder) == before
    assert re.search(r"^Peak memory \d+ MB", said, re.MULTILINE)
    assert "no process is left" in said
    assert left_in(folder) == []


@pytest.mark.timeout(600)
def test_a_source_that_cannot_be_read_fails_in_a_sentence(folder: Path) -> None:
    with product(folder, "demo", "/nowhere/article.html") as process:
        said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    assert said.strip() == "/nowhere/article.html is neither a web address nor a file that can be read."


@pytest.mark.timeout(600)
def test_an_interrupted_start_leaves_no_process(folder: Path) -> None:
    process = product(folder, "demo")
    read_until(process.stdout, "Starting web")
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=PATIENCE)[0].count("Traceback") == 0
    assert process.returncode == 130
    assert left_in(folder) == []


@pytest.mark.timeout(600)
def test_a_server_that_dies_ends_the_run_in_a_sentence(folder: Path) -> None:
    process = product(folder, "run")
    read_until(process.stdout, "Press Ctrl-C")
    os.kill(int((folder / "servers/valkey/valkey.pid").read_text("utf-8")), signal.SIGKILL)
    said = process.communicate(timeout=PATIENCE)[0]
    assert "PostgreSQL or Valkey has ended. The data is kept; start again." in said
    assert process.returncode == 1
    assert left_in(folder) == []
