"""A disk that fills up to 95 % opens one incident, is told once at each end, and nothing else is told.

The disk is a small tmpfs in a mount namespace of its own; the sweep on it is the real one.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from newsforge.embedded.home import ROOT, prepare
from newsforge.embedded.leash import Streams, start, stop
from tests.chaos import audit, servers
from tests.chaos.installation import wait_until
from tests.chaos.servers import Servers
from tests.conversions.webhooks.receiver import Receiver, receiving
from tests.monitoring.mailbox import Mailbox, mail_server

pytestmark = pytest.mark.timeout(600)

PATIENCE = 120.0
MEGABYTES = 16
FULL = 0.955
OTHERS_LIVE = """
INSERT INTO heartbeats (name, kind, seen_at, started_at, details) VALUES
('worker@elsewhere', 'worker', now() + interval '1 day', now(), '{"queues": ["reading", "writing", "sweeping"]}'),
('beat@elsewhere', 'beat', now() + interval '1 day', now(), '{}')"""
"""However long the test takes, nobody is missed in it."""
MOUNT = 'mount -t tmpfs -o size="$1"m tmpfs "$NEWSFORGE_HOME" && mkdir "$NEWSFORGE_HOME/run" && shift && exec "$@"'


@dataclass
class Disk:
    """A disk only one process and its children see, and who hears of its troubles."""

    folder: Path
    """The mount point, seen from outside through the process's root."""
    servers: Servers
    hook: Receiver
    mailbox: Mailbox

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return audit.ask(self.servers.postgres.url, query)

    @property
    def incidents(self) -> list[tuple[str, str, bool]]:
        return self.rows("SELECT kind, severity, resolved_at IS NOT NULL FROM incidents ORDER BY opened_at")

    @property
    def heard(self) -> list[str]:
        return [hit.payload["type"] for hit in self.hook.hits]

    def fill(self) -> None:
        usage = psutil.disk_usage(str(self.folder))
        (self.folder / "filler").write_bytes(bytes(int(usage.total * FULL) - usage.used))

    def looks(self) -> int:
        found = self.rows("SELECT count(*) FROM system_metrics WHERE metric_name = 'disk_usage_percent'")
        return int(found[0][0])

    def wait_for_looks(self, count: int) -> None:
        aim = self.looks() + count
        wait_until(lambda: self.looks() >= aim, what="Another look", seconds=PATIENCE)


@contextmanager
def sweeping(folder: Path, environment: dict[str, str], log: Path) -> Iterator[psutil.Process]:
    """Run the sweep with a small disk mounted at its home; root needs no user namespace, others get one."""
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    sweep = [sys.executable, "manage.py", "sweep", "--every", "1", "--full", "60"]
    with log.open("ab") as output:
        process = start(
            [*unshare, "sh", "-ec", MOUNT, "sh", str(MEGABYTES), *sweep],
            folder=ROOT, streams=Streams(output=output), environment=environment,
        )  # fmt: skip
    try:
        inside = Path(f"/proc/{process.pid}/root{folder}")
        wait_until(lambda: process.poll() is not None or (inside / "run").exists(), what="The disk", seconds=PATIENCE)
        assert process.poll() is None, f"A small disk cannot be mounted here: {log.read_text('utf-8')[-500:]}"
        yield psutil.Process(process.pid)
    finally:
        stop(process, signals=[signal.SIGTERM], seconds=30)


@pytest.fixture
def disk() -> Iterator[Disk]:
    path = Path(tempfile.mkdtemp(prefix="newsforge-disk-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, path, ignore_errors=True)
        both = stack.enter_context(servers.serving(prepare(path / "servers-home")))
        hook, mailbox = stack.enter_context(receiving()), stack.enter_context(mail_server())
        (small := path / "small").mkdir()
        environment = os.environ | both.environment | {
            "NEWSFORGE_HOME": str(small),
            "DJANGO_SETTINGS_MODULE": "newsforge.settings.dev",
            "NEWSFORGE_ALERT_URLS": f"json://{hook.pair}/alerts {mailbox.url}",
            "NEWSFORGE_ALERT_COOLDOWN_MINUTES": "0",
            "NEWSFORGE_CPU_WARNING": "101",
            "NEWSFORGE_MEMORY_WARNING": "101",
        }  # fmt: skip
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        with psycopg.connect(both.postgres.url) as database:
            database.execute(OTHERS_LIVE)
        process = stack.enter_context(sweeping(small, environment, path / "sweep.log"))
        yield Disk(Path(f"/proc/{process.pid}/root{small}"), both, hook, mailbox)


def test_a_disk_fills_up_and_is_emptied(disk: Disk) -> None:
    disk.wait_for_looks(1)
    assert (disk.incidents, disk.heard) == ([], [])
    disk.fill()
    assert 95 <= psutil.disk_usage(str(disk.folder)).percent < 99
    wait_until(lambda: disk.heard, what="The alert", seconds=PATIENCE)
    disk.wait_for_looks(3)
    assert disk.incidents == [("disk", "critical", False)]
    assert disk.rows("SELECT times_seen > 1 FROM incidents") == [(True,)]
    (disk.folder / "filler").unlink()
    wait_until(lambda: len(disk.heard) > 1 and len(disk.mailbox.mails) > 1, what="The end", seconds=PATIENCE)
    disk.wait_for_looks(2)
    assert disk.incidents == [("disk", "critical", True)]
    assert disk.heard == ["alert", "recovery"]
    assert len(disk.mailbox.mails) == 2
    assert all("디스크" in subject for subject in disk.mailbox.subjects)  # told in the language of the service
