"""A backup made amid the work, restored into an empty database: the work goes on there, and everything holds."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from newsforge.embedded.home import ROOT
from newsforge.embedded.leash import Streams, start
from tests.chaos import audit, far_side
from tests.chaos.client import Caller
from tests.chaos.far_side import FarSide
from tests.chaos.installation import (
    LEASES_RUN_OUT,
    OPEN_LONG_AGO,
    READING,
    WRITING,
    Installation,
    end_group,
    wait_until,
)

pytestmark = pytest.mark.timeout(300)

COPY = "restored"
FIRST = 8
PAUSE = 0.1
"""Seconds between two requests, so that there is always work and never a heap of it."""
OF_EVERY_MOMENT = (
    "a run was not reserved exactly once",
    "a ledger line is of no conversion",
    "a ledger and its counter disagree",
    "more was accepted than the day allows",
    "the same question was answered twice",
    "a post has no text, or a failure no code",
)
STATES = "SELECT status, count(*) FROM conversion_logs WHERE user_id = %s GROUP BY status"


def manage(installation: Installation, *arguments: str, database: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=installation.environment | {"DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextmanager
def empty_database(installation: Installation) -> Iterator[str]:
    """Make one beside the installation's for the block."""
    with psycopg.connect(installation.database, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {COPY}")
        try:
            yield urlsplit(installation.database)._replace(path=f"/{COPY}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {COPY} WITH (FORCE)")


@contextmanager
def working(installation: Installation, database: str, side: FarSide) -> Iterator[None]:
    """Run a reading and a writing worker and a beat over the database for the block, with a broker of their own."""
    environment = installation.environment | {
        "DATABASE_URL": database,
        "REDIS_URL": f"{installation.servers.valkey.url.rstrip('/0')}/1",
        "NEWSFORGE_FETCH_ALLOW": f"{installation.side.pair},{side.pair}",
        "OPENAI_BASE_URL": f"http://{side.pair}/v1",
    }
    beat = ["beat", "--pidfile=", "--schedule", str(installation.home.path / f"{COPY}-beat")]
    with ExitStack() as ends, installation.home.open_log(COPY) as log:
        for name, arguments in (("reading", READING), ("writing", WRITING), ("beat", beat)):
            named = arguments if name == "beat" else [*arguments, "--hostname", f"{COPY}-{name}@%h"]
            command = [sys.executable, "-m", "celery", "-A", "tests.chaos.worker", *named]
            process = start(command, folder=ROOT, streams=Streams(output=log), environment=environment)
            ends.callback(process.wait)
            ends.callback(end_group, process.pid)
        yield


def test_a_backup_made_amid_the_work_is_whole(installation: Installation, caller: Caller, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    installation.side.latency = 2.0
    for number in range(FIRST):
        assert caller.convert(f"backup-first-{number}", by_address=number % 2 == 0).status == 202
    wait_until(lambda: dict(installation.rows(STATES, caller.id)).get("succeeded"), what="A post")
    with ThreadPoolExecutor(1) as operators:
        backup = operators.submit(manage, installation, "backup", str(file), database=installation.database)
        for number in itertools.count():
            assert caller.convert(f"backup-{number}", by_address=number % 8 == 0).status == 202
            if wait([backup], timeout=PAUSE).done:
                break
    assert backup.result().returncode == 0, backup.result().stderr
    assert file.stat().st_mode & 0o777 == 0o600
    with empty_database(installation) as database, far_side.serving() as side:
        done = manage(installation, "restore", str(file), database=database)
        assert done.returncode == 0, done.stderr
        states = dict(audit.ask(database, STATES, caller.id))
        assert states.get("succeeded"), states
        assert states.get("pending", 0) + states.get("processing", 0), states
        assert not [name for name in OF_EVERY_MOMENT if audit.ask(database, audit.BREACHES[name])]
        time_passes(database, installation.side, side)
        with working(installation, database, side):
            wait_until(lambda: not audit.breaches(database), what=f"The end of the work on {audit.breaches(database)}")
        assert dict(audit.ask(database, STATES, caller.id)) == {"succeeded": sum(states.values())}


def time_passes(database: str, before: FarSide, after: FarSide) -> None:
    """Let the leases of the workers that were killed with the first database run out; customers listen elsewhere."""
    with psycopg.connect(database) as connection:
        for statement in (*LEASES_RUN_OUT, OPEN_LONG_AGO):
            connection.execute(statement.encode())
        connection.execute("UPDATE webhook_endpoints SET url = replace(url, %s, %s)", [before.pair, after.pair])


def test_a_backup_that_fails_leaves_the_last_one(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    file.write_text("the last one", "utf-8")
    nowhere = urlsplit(installation.database)._replace(path="/nowhere").geturl()
    done = manage(installation, "backup", str(file), database=nowhere)
    assert done.returncode == 1
    assert "No backup was made" in done.stderr
    assert "nowhere" in done.stderr
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_text("utf-8") == "the last one"


def test_a_database_with_tables_is_left_alone(installation: Installation, tmp_path: Path) -> None:
    done = manage(installation, "restore", str(tmp_path / "backup"), database=installation.database)
    assert done.returncode == 1
    assert "Nothing was changed" in done.stderr
