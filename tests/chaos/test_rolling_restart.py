"""deploy/rolling-restart.sh under load, in production's settings: every request is answered, every job is done once."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil
import pytest

from monitoring.sweep import WEB
from newsforge.embedded.entry import answers
from newsforge.embedded.home import ROOT, prepare
from newsforge.embedded.server import free_port
from tests.chaos import audit, far_side, servers
from tests.chaos.client import Caller, add_caller
from tests.chaos.far_side import FarSide
from tests.chaos.installation import wait_until
from tests.chaos.supervised import supervised
from tests.house.test_production import SAID

pytestmark = pytest.mark.timeout(900)

RATE = 50
"""Requests a second, if the machine can."""
CONVERSION_EVERY = 10
"""Every so many requests ask for a post, the others look."""
LATENCY = 1.5
"""Seconds of the provider's, so that a dozen calls are being made whenever a worker is told to go."""
SECONDS = 300.0
PATHS = ("/api/v1/conversions", "/api/v1/usage", "/health/live/", "/accounts/login/", "/api/v1/keys")
CHANGES = {"startsecs=10": "startsecs=2", "--workers-kill-timeout 10": "--workers-kill-timeout 10 --respawn-interval 2"}
"""Shorter waits; all else is as it is shipped."""


@dataclass
class Load:
    """Customers who ask, each request over a connection of its own as nginx does, and never ask twice."""

    caller: Caller
    over: threading.Event = field(default_factory=threading.Event)
    statuses: dict[int, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(24) as customers:
            waiting = threading.Semaphore(48)  # no more are on their way: a machine that is too slow is asked less
            for number in itertools.count():
                if self.over.wait(max(0.0, began + number / RATE - time.monotonic())):
                    return
                waiting.acquire()
                customers.submit(self._ask, number).add_done_callback(lambda _: waiting.release())

    def _ask(self, number: int) -> None:
        converts = number % CONVERSION_EVERY == 0
        case, path = f"rolling-{number}", PATHS[number % len(PATHS)]
        try:
            if converts:
                status = self.caller.convert(case, X_Forwarded_Proto="https").status
            else:
                status = look(self.caller, path)
        except (OSError, HTTPException) as error:
            with self.lock:
                self.lost.append(f"{case if converts else path}: {error!r}")
            return
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if converts and status == 202:
                self.accepted.append(case)


def look(caller: Caller, path: str) -> int:
    """Ask for a page or a list, and read it to its end."""
    connection = HTTPConnection("127.0.0.1", caller.port, timeout=60)
    try:
        headers = {"Authorization": f"Bearer {caller.token}", "X-Forwarded-Proto": "https"}
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as response:
            assert response.read()
            return response.status
    finally:
        connection.close()


@dataclass
class Host:
    """One host in production: its environment, its database and the far side of it."""

    environment: dict[str, str]
    database: str
    side: FarSide
    supervisord: int

    def processes(self) -> set[int]:
        """Return the numbers of all processes under supervisord, but for the one that listens and forks the web's."""
        programs = psutil.Process(self.supervisord).children()
        (listener,) = [each for each in programs if WEB in " ".join(each.cmdline())]
        return {each.pid for each in psutil.Process(self.supervisord).children(recursive=True)} - {listener.pid}

    def restart(self) -> str:
        """Run the script, and return what it has printed."""
        done = subprocess.run(
            [ROOT / "deploy/rolling-restart.sh"],
            env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=SECONDS * 2,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture
def host() -> Iterator[Host]:
    path = Path(tempfile.mkdtemp(prefix="newsforge-rolling-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, path, ignore_errors=True)
        home = prepare(path)
        (home.path / "run").mkdir(exist_ok=True)
        side, both = stack.enter_context(far_side.serving()), stack.enter_context(servers.serving(home))
        port = free_port()
        environment = SAID | both.environment | {
            "PATH": os.environ["PATH"],
            "ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "newsforge.settings.production",
            "NEWSFORGE_HOME": str(home.path),
            "NEWSFORGE_PYTHON": sys.executable,
            "NEWSFORGE_HOST": "127.0.0.1",
            "PORT": str(port),
            "OPENAI_API_KEY": "sk-rolling",
            "OPENAI_BASE_URL": f"http://{side.pair}/v1",
            "NEWSFORGE_DEADLINE_SECONDS": "600",  # a machine that is too slow does it later, and does it
            "NEWSFORGE_BURST_PER_MINUTE": "1000000",
            "NEWSFORGE_BURST_SIZE": "100000",
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        stack.enter_context(supervised(home, environment, changes=CHANGES))
        side.latency = LATENCY
        wait_until(lambda: answers(f"127.0.0.1:{port}", "/health/ready/"), what="The web", seconds=SECONDS)
        supervisord = int((home.path / "run/supervisord.pid").read_text("utf-8"))
        yield Host(environment, both.postgres.url, side, supervisord)


def test_no_request_and_no_job_is_lost_and_none_is_done_twice(host: Host) -> None:
    port, pair = int(host.environment["PORT"]), host.side.pair
    load = Load(add_caller(host.database, port=port, far_side=pair, limit=100_000, zone="Asia/Seoul"))
    customers = threading.Thread(target=load.run)
    customers.start()
    try:
        wait_until(lambda: len(host.side.calls) > 10, what="Work", seconds=SECONDS)
        before, so_far = host.processes(), len(load.accepted)
        printed = host.restart()
        during = len(load.accepted) - so_far
    finally:
        load.over.set()
        customers.join()
    assert not before & host.processes(), printed
    assert not load.lost
    assert during > 0
    assert set(load.statuses) == {200, 202}
    assert load.statuses[202] == len(load.accepted)
    wait_until(lambda: not audit.breaches(host.database), what="An end of everything", seconds=SECONDS)
    ends = audit.ask(host.database, "SELECT status, count(*) FROM conversion_logs GROUP BY 1")
    assert ends == [("succeeded", len(load.accepted))]
    calls = {case: count for case, count in host.side.calls.items() if case.startswith("rolling")}
    assert calls == dict.fromkeys(load.accepted, 1)
    sys.stdout.write(f"{printed}{load.statuses}; {during} conversions were accepted meanwhile\n")
