"""Everything at once: servers, database, web, workers and beat, up for a block and gone after it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsforge import embedded
from newsforge.embedded.bootstrap import say
from newsforge.embedded.entry import answers, count_anew
from newsforge.embedded.errors import (
    AlreadyRunningError,
    NotHealthyError,
    NotPreparedError,
    PortTakenError,
    ServersEndedError,
    telling_line,
    told,
)
from newsforge.embedded.home import ROOT, Home, holder, home_path, lock, prepare, write_private
from newsforge.embedded.leash import Streams, start, stop
from newsforge.embedded.login import Login, kept
from newsforge.embedded.memory import Meter
from newsforge.embedded.stopping import check_stopped
from newsforge.embedded.supervision import end_orphans, supervised

LOCK = "stack.lock"
LOCK_TRIES = 10
"""Tenths of a second: whoever only asks who holds the lock holds it for a moment."""
DEFAULT_PORT = 8000
PORTS_TRIED = 50
HEALTHY_SECONDS = 180.0
"""Five Python processes import the whole product meanwhile: 5 s on two idle cores, a minute on busy ones."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product: where it answers, who may log in, and whether they were made just now."""

    url: str
    login: Login
    is_new: bool
    meter: Meter | None = None
    owns_servers: bool = False

    def check_up(self) -> None:
        """See that what keeps the processes up, and what they stand on, is there.

        :raises ProgramEndedError: if supervisord has ended.
        :raises ServersEndedError: if a server we started has.
        """
        if self.meter:
            self.meter.supervision.check_up()
        if self.owns_servers and embedded.addresses() is None:
            raise ServersEndedError(logs=home_path() / "log")


@contextmanager
def stack_running() -> Iterator[Stack]:
    """Start everything in the home, yield it when it is healthy, and stop it at the end, telling each step.

    :raises AlreadyRunningError: if it runs in this home already.
    :raises EmbeddedError: if a part does not start; the sentence says which and why.
    """
    home = prepare()
    with ExitStack() as opened:
        with told(home.path):
            (home.path / "run").mkdir(mode=0o700, exist_ok=True)
            if not any(opened.enter_context(lock(home.path / LOCK)) or _pause() for _ in range(LOCK_TRIES)):
                where = running_url(home.path) or "it is being started"
                raise AlreadyRunningError(home=home.path, url=where, pid=_holder(home.path) or "?")
        end_orphans(home)
        count_anew(home.path)
        host = os.environ.get("NEWSFORGE_HOST") or "127.0.0.1"
        port = take_port(opened, host, os.environ.get("PORT", ""))
        url = site_url(host, port)
        environment = {
            "SITE_URL": url,
            **os.environ,
            "NEWSFORGE_HOME": str(home.path),
            "NEWSFORGE_PYTHON": sys.executable,
            "NEWSFORGE_HOST": host,
            "PORT": str(port),
        }
        addresses = _start_servers(opened, home)
        environment |= addresses
        known = kept(home.path)
        login = _prepare_database(home, environment)
        check_stopped()
        say("Starting web, two workers and beat")
        supervision = opened.enter_context(supervised(home, environment))
        opened.callback(say, "Stopping")
        meter = Meter(supervision)
        _wait_until_healthy(url, meter, home.log("web"))
        write_private(home.path / "run/url", url)
        opened.callback((home.path / "run/url").unlink, missing_ok=True)
        yield Stack(url, login, is_new=login != known, meter=meter, owns_servers=bool(addresses))


def running_stack() -> Stack | None:
    """Return the product as it runs in this home already, None if it does not."""
    home = home_path()
    url = running_url(home)
    login = kept(home)
    return Stack(url, login, is_new=False) if url and login and is_healthy(url) else None


def running_url(home: Path) -> str | None:
    """Return where the product that runs in this home answers, None if none does."""
    path = home / "run/url"
    return path.read_text("utf-8").strip() if _holder(home) and path.exists() else None


def _pause() -> bool:
    time.sleep(0.1)
    return False


def _holder(home: Path) -> str | None:
    return holder(home / LOCK)


def _start_servers(opened: ExitStack, home: Home) -> dict[str, str]:
    own = [name for name in ("DATABASE_URL", "REDIS_URL") if embedded.is_set(name)]
    say(f"Using {' and '.join(own)} of the environment" if len(own) == 2 else f"Starting the servers in {home.path}")
    if home.servers.parent != home.path.resolve():
        say(f"This folder is closed to other users, so the servers' data is in {home.servers}")
    return opened.enter_context(embedded.running(home.path, share=False))


def take_port(opened: ExitStack, host: str, wanted: str) -> int:
    """Return the port asked for, or the first free one from 8000 on, and keep others off it while ``opened`` is.

    granian lets any process of the same user share its port (SO_REUSEPORT), so that two sites started at the same time
    would answer each other's requests; a socket that is bound and does not listen prevents that.

    :raises PortTakenError: if the one asked for, or every one tried, is taken.
    """
    candidates = [int(wanted)] if wanted.isdigit() else range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED)
    for port in candidates:
        try:
            with _bound(host, port, share=False):
                pass
            opened.enter_context(_bound(host, port, share=True))
        except OSError:
            continue
        if port != candidates[0]:
            say(f"Port {candidates[0]} is taken by another program; taking {port}")
        return port
    raise PortTakenError(port=candidates[0])


def _bound(host: str, port: int, *, share: bool) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind)
    # With SO_REUSEADDR on both, the kernel would let the next asker have what is bound and does not listen.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT if share else socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def site_url(host: str, port: int) -> str:
    """Return where a browser on this machine finds a site that listens at ``host``."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - recognised, not listened at
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def _prepare_database(home: Home, environment: Mapping[str, str]) -> Login:
    check_stopped()
    say("Migrating the database")
    with home.open_log("prepare") as log:
        log_from = log.tell()
        child = start(
            [sys.executable, "-m", "newsforge.embedded.prepare"],
            folder=ROOT,
            streams=Streams(output=log),
            environment=environment,
        )
        try:
            child.wait()
        finally:
            stop(child, signals=[signal.SIGTERM], seconds=5)
    login = kept(home.path)
    if child.returncode != 0 or login is None:
        said = home.log("prepare").read_bytes()[log_from:].decode("utf-8", "replace")
        raise NotPreparedError(reason=telling_line(said), log=home.log("prepare"))
    return login


def _wait_until_healthy(url: str, meter: Meter, log: Path) -> None:
    end = time.monotonic() + HEALTHY_SECONDS
    while not is_healthy(url):
        if time.monotonic() > end:
            raise NotHealthyError(url=url, seconds=HEALTHY_SECONDS, log=log)
        meter.read()
        time.sleep(0.2)


def is_healthy(url: str) -> bool:
    """Return whether the site says that it lives."""
    return answers(url.removeprefix("http://"), "/health/live/")
