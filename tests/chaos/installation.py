"""The product in real processes: web, workers and beats over servers of their own, each of which may be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import psycopg

from newsforge.embedded.home import ROOT, Home
from newsforge.embedded.leash import Streams, start, stop
from newsforge.embedded.server import free_port
from tests.chaos import audit, client, offspring
from tests.chaos.client import Caller
from tests.chaos.far_side import FarSide
from tests.chaos.points import WITH_PARENT
from tests.chaos.servers import Servers

PATIENCE = 90.0
"""Seconds: ten times what anything here takes on a quiet machine."""

TICK = 0.05
"""Seconds between two looks at what is awaited."""

LEASES_RUN_OUT = (
    "UPDATE articles SET lease_until = now() WHERE lease_until > now()",
    "UPDATE conversion_logs SET lease_until = now() WHERE lease_until > now()",
    "UPDATE webhook_deliveries SET lease_until = now() WHERE lease_until > now()",
)
OPEN_LONG_AGO = "UPDATE attempts SET created_at = created_at - interval '10 minutes' WHERE state = 'open'"

WORKER = ["worker", "--without-gossip", "--without-mingle"]
WRITING = [*WORKER, "--queues", "writing,sweeping", "--pool", "threads", "--concurrency", "40"]
READING = [*WORKER, "--queues", "reading", "--pool", "prefork", "--concurrency", "1"]
WEB = [
    "newsforge/embedded/leash.py",
    "newsforge/embedded/web.py",
    "--interface",
    "wsgi",
    "--http",
    "1",
    "--host",
    "127.0.0.1",
    "--workers",
    "2",
]
WEB += ["--blocking-threads", "8", "--respawn-failed-workers", "newsforge.wsgi:application"]


@dataclass
class Installation:
    """The processes by name; ``keep_up`` starts anew what has died, as supervisor would."""

    home: Home
    servers: Servers
    side: FarSide
    environment: dict[str, str]
    port: int
    nursery: ForkServerContext = field(default_factory=lambda: multiprocessing.get_context("forkserver"))
    web: subprocess.Popen[bytes] | None = None
    processes: dict[str, ForkServerProcess] = field(default_factory=dict)

    @property
    def database(self) -> str:
        return self.servers.postgres.url

    def start_web(self) -> None:
        """Migrate the database, start the web and wait for it."""
        stop_nursery()  # another's, that was started earlier in this process
        self.nursery.set_forkserver_preload(offspring.IMPORTED_ONCE)
        with self._as_environment():
            forkserver.ensure_running()
        migration = self.nursery.Process(target=offspring.migrate, args=(str(self.home.log("migrate")),))
        migration.start()
        with self.home.open_log("web") as log:
            command = [sys.executable, *WEB, "--port", str(self.port)]
            output = Streams(output=log)
            self.web = start(command, folder=ROOT, streams=output, environment=self.environment)
        migration.join()
        assert migration.exitcode == 0, self.home.log("migrate").read_text("utf-8")
        wait_until(self._lives, what="The web")

    def start(self, *names: str) -> None:
        """Start workers (``reading``, ``writing-…``) and beats (``beat-…``)."""
        for name in names:
            kind = name.split("-")[0]
            arguments = {
                "reading": [*READING, "--hostname", f"{name}@%h"],
                "writing": [*WRITING, "--hostname", f"{name}@%h"],
                "beat": ["beat", "--pidfile=", "--schedule", str(self.home.path / name)],
            }[kind]
            process = self.nursery.Process(target=offspring.celery, args=(arguments, str(self.home.log(name))))
            process.start()
            self.processes[name] = process

    def keep_up(self) -> list[str]:
        """Start anew what has died, as supervisor would, and return its names."""
        dead = [name for name, process in self.processes.items() if not process.is_alive()]
        for name in dead:
            end_group(self.processes[name].pid)
            self.processes.pop(name).close()
        self.start(*dead)
        return dead

    def kill(self, name: str) -> None:
        """Kill −9, and wait until it is gone."""
        self.processes[name].kill()
        self.processes[name].join()

    def stop(self) -> None:
        """End everything, gently where that takes no time, and wait for it."""
        for process in self.processes.values():
            process.terminate()
        if self.web:
            stop(self.web, signals=[signal.SIGTERM], seconds=10)
            end_group(self.web.pid)
        end = time.monotonic() + 10
        for process in self.processes.values():
            process.join(max(0.0, end - time.monotonic()))
            process.kill()
            process.join()
            end_group(process.pid)
            process.close()
        stop_nursery()
        self.nursery.set_forkserver_preload(["__main__"])  # as it was, for others in this process

    def arm(self, point: str, *, with_parent: bool = False) -> None:
        """Let the next worker that comes to the point die there."""
        (self.home.path / "armed" / point).write_text(WITH_PARENT if with_parent else "", "utf-8")

    def is_armed(self, point: str) -> bool:
        """Tell whether nobody has died there yet."""
        return (self.home.path / "armed" / point).exists()

    def wait_for_death(self, point: str) -> None:
        """Wait until a worker has died there, then let so much time pass that its leases run out."""
        wait_until(lambda: not self.is_armed(point), what=f"A death at “{point}”", meanwhile=self.keep_up)
        for statement in LEASES_RUN_OUT:
            self.execute(statement)

    def add_caller(self, *, limit: int = 1000, zone: str = "Asia/Seoul", hears: bool = True) -> Caller:
        """Make a user, with an endpoint for webhooks if it ``hears``."""
        made = client.add_caller(self.database, port=self.port, far_side=self.side.pair, limit=limit, zone=zone)
        if hears:
            wait_until(lambda: self._gives_endpoint(made), what="The web's connection to the database")
        return made

    def _gives_endpoint(self, caller: Caller) -> bool:
        answer = caller.call("POST", "/api/v1/webhooks", {"url": f"http://{self.side.pair}/hook"})
        assert answer.status in {201, 503}, answer
        return answer.status == 201

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return audit.ask(self.database, query, *values)

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.database) as connection:
            connection.execute(statement, values)

    def pass_deadlines(self) -> None:
        """Let so much time pass for calls whose workers are dead that nobody can be waiting for them."""
        self.execute(OPEN_LONG_AGO)

    def _lives(self) -> bool:
        try:
            return client.call(self.port, "GET", "/health/live/").status == 200
        except (OSError, HTTPException):
            return False

    @contextmanager
    def _as_environment(self) -> Iterator[None]:
        """Let what is started in the block have our environment instead of the tests'."""
        ours = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(ours)

    def settle(
        self, *, with_money: bool = False, seconds: float = PATIENCE, meanwhile: Callable[[], object] = bool
    ) -> None:
        """Wait until everything has ended and look whether all is as it must be; processes are kept up meanwhile.

        What a dead worker's call set aside is free when the call's conversion can no longer be waiting for it; with
        ``with_money`` that is awaited too.
        """
        end = time.monotonic() + seconds
        while (broken := audit.breaches(self.database, with_money=with_money)) and time.monotonic() < end:
            self.keep_up()
            meanwhile()
            time.sleep(TICK)
        assert not broken, broken
        assert not audit.unheard(self.database, self.side.hooks)


@contextmanager
def installed(home: Home, servers: Servers, side: FarSide, *, deadline: int = 90) -> Iterator[Installation]:
    """Start the web for the block; workers and beats are the caller's to start. ``deadline``: a conversion's, in s."""
    (home.path / "armed").mkdir()
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "CELERY_BROKER_URL"}
    environment |= {
        **servers.environment,
        "NEWSFORGE_HOME": str(home.path),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "newsforge.settings.dev",
        "OPENAI_API_KEY": "sk-chaos",
        "OPENAI_BASE_URL": f"http://{side.pair}/v1",
        "NEWSFORGE_FETCH_ALLOW": side.pair,
        "NEWSFORGE_OPERATOR_BUDGET_USD": "100",
        "NEWSFORGE_DEADLINE_SECONDS": str(deadline),
        "NEWSFORGE_BURST_PER_MINUTE": "1000000",
        "NEWSFORGE_BURST_SIZE": "100000",
        "PYTHONTZPATH": os.pathsep.join((str(zones_of(home)), *zoneinfo.TZPATH)),
        "PYTHONPATH": str(ROOT),
    }
    made = Installation(home, servers, side, environment, port)
    try:
        made.start_web()
        yield made
    finally:
        made.stop()


def end_group(leader: int | None) -> None:
    """End what a process that led its session has left behind, whatever it was waiting for."""
    if leader is not None:  # 0 would be our own group
        with suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)


def stop_nursery() -> None:
    """Stop the process that forks the others; the next one gets the environment of its time."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined] # multiprocessing's own tests end it by this


def zones_of(home: Home) -> Path:
    """Return the folder of time zones of our own making."""
    return home.path / "zones"


def wait_until(
    ready: Callable[[], object],
    *,
    what: str = "It",
    seconds: float = PATIENCE,
    meanwhile: Callable[[], object] = bool,
) -> None:
    """Wait, or fail when it does not come about."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"{what} did not come within {seconds:.0f} s."
        meanwhile()
        time.sleep(TICK)
