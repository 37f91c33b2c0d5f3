"""Whatever breaks opens one incident, is mended where it can be, resolves, and is told once at each end.

The real supervisord with the real configuration, a real mail server and a real program that takes POSTs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from monitoring.recovery import Program, Supervisor
from newsforge.embedded.home import ROOT, prepare
from newsforge.embedded.server import free_port
from tests.chaos import audit, servers
from tests.chaos.installation import wait_until
from tests.chaos.servers import Servers
from tests.chaos.supervised import supervised
from tests.conversions.webhooks.receiver import Receiver, receiving
from tests.monitoring.mailbox import Mailbox, mail_server

pytestmark = pytest.mark.timeout(900)

PATIENCE = 120.0
START = 300.0
"""Seconds for five Python processes to import the whole product, on a machine that has much else to do."""
CHANGES = {
    "-A newsforge ": "-A tests.chaos.quick ",
    "newsforge.wsgi:application": "tests.chaos.quick:application",
    "leash.py manage sweep": "leash.py tests.chaos.quick sweep --every 2 --full 2",
    "numprocs=2": "numprocs=1",
    "--concurrency 100": "--concurrency 4",
}
"""Shorter waits and fewer processes; the rest is what is shipped."""


class Provider(BaseHTTPRequestHandler):
    """A provider that lists its models, or does not work."""

    works = True

    def do_GET(self) -> None:
        body = b'{"object": "list", "data": []}' if Provider.works else b'{"error": {"message": "down"}}'
        self.send_response(200 if Provider.works else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Watched:
    """The product under supervision, and who hears of its troubles."""

    servers: Servers
    supervisor: Supervisor
    hook: Receiver
    mailbox: Mailbox

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return audit.ask(self.servers.postgres.url, query)

    def program(self, name: str) -> Program:
        return next(each for each in self.supervisor.programs() if each.name.startswith(name))

    @property
    def incidents(self) -> dict[str, tuple[str, bool]]:
        found = self.rows("SELECT id::text, kind, resolved_at IS NOT NULL FROM incidents")
        return {each: (kind, over) for each, kind, over in found}

    @property
    def heard(self) -> list[str]:
        return [hit.payload["type"] for hit in self.hook.hits]

    def is_sure(self) -> bool:
        """Tell whether the sweep runs long enough to miss somebody."""
        return bool(
            self.rows("SELECT 1 FROM heartbeats WHERE kind = 'sweep' AND seen_at - started_at > interval '25 s'")
        )

    def is_well(self) -> bool:
        """Tell whether everything lives and nothing is to be told any more."""
        kinds = self.rows("SELECT kind FROM heartbeats WHERE seen_at > now() - interval '5 seconds'")
        alive = [kind for (kind,) in kinds]
        if {kind: alive.count(kind) for kind in set(alive)} != {"web": 2, "worker": 2, "beat": 1, "sweep": 1}:
            return False
        # In this order: what is told of an end is written with the end.
        is_over = all(over for _, over in self.incidents.values())
        return is_over and not self.rows("SELECT 1 FROM notifications WHERE state = 'pending'")


@contextmanager
def provider() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    path = Path(tempfile.mkdtemp(prefix="newsforge-watched-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, path, ignore_errors=True)
        home = prepare(path)
        (home.path / "run").mkdir(exist_ok=True)
        both, hook = stack.enter_context(servers.serving(home)), stack.enter_context(receiving())
        mailbox, port = stack.enter_context(mail_server()), stack.enter_context(provider())
        environment = {name: value for name, value in os.environ.items() if name != "CELERY_BROKER_URL"} | {
            **both.environment,
            "NEWSFORGE_HOME": str(home.path),
            "NEWSFORGE_PYTHON": sys.executable,
            "NEWSFORGE_HOST": "127.0.0.1",
            "PORT": str(free_port()),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "newsforge.settings.dev",
            "OPENAI_API_KEY": "sk-watched",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1",
            "NEWSFORGE_ALERT_URLS": f"json://{hook.pair}/alerts {mailbox.url}",
            "NEWSFORGE_ALERT_COOLDOWN_MINUTES": "0",
            "NEWSFORGE_CPU_WARNING": "101",
            "NEWSFORGE_MEMORY_WARNING": "101",
            "NEWSFORGE_DISK_WARNING": "101",
            "NEWSFORGE_QUEUE_WARNING": "600",
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        supervisor = Supervisor(socket=stack.enter_context(supervised(home, environment, changes=CHANGES)))
        made = Watched(both, supervisor, hook, mailbox)
        wait_until(made.is_sure, what="A sweep that has been there for a while", seconds=START)
        wait_until(made.is_well, what="The product", seconds=START)
        yield made


def is_told(watched: Watched, kind: str, break_it: Callable[[], object], mend_it: Callable[[], object]) -> None:
    """Break something, wait for its one incident, mend it, and see that both ends were told once to everybody."""
    before, heard, mails = set(watched.incidents), len(watched.heard), len(watched.mailbox.mails)
    break_it()
    wait_until(lambda: len(watched.heard) > heard, what=f"The alert of {kind}", seconds=PATIENCE)
    mend_it()
    wait_until(lambda: set(watched.incidents) - before, what=f"The incident of {kind}", seconds=PATIENCE)
    wait_until(watched.is_well, what=f"The end of {kind}", seconds=PATIENCE)
    new = {each: found for each, found in watched.incidents.items() if each not in before}
    assert list(new.values()) == [(kind, True)]
    assert watched.heard[heard:] == ["alert", "recovery"]
    assert len(watched.mailbox.mails) - mails == 2


def nothing() -> None:
    """Be mended by the product itself."""


def test_a_worker_is_killed(watched: Watched) -> None:
    is_told(watched, "program", lambda: os.kill(watched.program("worker-writing").pid, signal.SIGKILL), nothing)


def test_what_beat_sends_is_written_down(watched: Watched) -> None:
    def ran() -> set[str]:
        return {task for (task,) in watched.rows("SELECT task FROM beat_runs WHERE error = '' AND took_ms > 0")}

    wait_until(lambda: "conversions.reap_stuck" in ran(), what="A run of what beat sends", seconds=PATIENCE)


def test_beat_is_killed(watched: Watched) -> None:
    is_told(watched, "program", lambda: os.kill(watched.program("beat").pid, signal.SIGKILL), nothing)


def test_redis_is_away(watched: Watched) -> None:
    is_told(watched, "redis", watched.servers.kill_broker, watched.servers.start_broker)


def test_the_database_is_away(watched: Watched) -> None:
    def kill() -> None:
        watched.servers.postgres.process.send_signal(signal.SIGQUIT)
        watched.servers.postgres.process.wait()

    before, heard, mails = set(watched.incidents), len(watched.heard), len(watched.mailbox.mails)
    kill()
    wait_until(lambda: len(watched.heard) > heard, what="The alert", seconds=PATIENCE)
    watched.servers.start_database()
    wait_until(lambda: set(watched.incidents) - before, what="The incident", seconds=PATIENCE)
    wait_until(watched.is_well, what="The end", seconds=PATIENCE)
    assert [watched.incidents[each] for each in set(watched.incidents) - before] == [("database", True)]
    assert watched.heard[heard:] == ["alert", "recovery"]
    assert len(watched.mailbox.mails) - mails == 2


def test_a_provider_is_down(watched: Watched) -> None:
    def works(answer: bool) -> Callable[[], None]:
        return lambda: setattr(Provider, "works", answer)

    is_told(watched, "provider", works(False), works(True))


def test_a_web_worker_stands_still(watched: Watched) -> None:
    standing = psutil.Process(watched.program("web").pid).children()[-1]
    is_told(watched, "web", standing.suspend, nothing)
    assert not standing.is_running() or standing.status() == psutil.STATUS_ZOMBIE
