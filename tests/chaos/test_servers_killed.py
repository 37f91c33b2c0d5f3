"""The broker is killed, the broker forgets everything, the database restarts: in the middle of the work, each time."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from newsforge.embedded import valkey
from tests.chaos.client import Answer, Caller
from tests.chaos.installation import PATIENCE, Installation, wait_until

pytestmark = pytest.mark.timeout(300)

BATCH = 12

LONG = 20.0
"""Seconds: a broker that is waited for, with all its retries, takes longer."""


def statuses(installation: Installation, caller: Caller) -> dict[tuple[str, str], int]:
    rows = installation.rows(
        "SELECT status, failure_code, count(*) FROM conversion_logs WHERE user_id = %s GROUP BY 1, 2", caller.id
    )
    return {(status, code): count for status, code, count in rows}


def send_all(installation: Installation, caller: Caller, name: str) -> None:
    """Ask for a batch of posts and wait until the provider is being asked for some of them."""
    installation.side.latency = 1.0
    for number in range(BATCH):
        assert caller.convert(f"{name}-{number}", by_address=number % 4 == 0).status == 202
    wait_until(lambda: sum(case.startswith(name) for case in list(installation.side.calls)) > 1)


@pytest.mark.parametrize("forgets", [False, True], ids=["remembers", "forgets everything"])
def test_the_broker_is_killed_amid_the_work(installation: Installation, caller: Caller, forgets: bool) -> None:
    name = f"broker-{forgets}".lower()
    send_all(installation, caller, name)
    installation.servers.kill_broker()
    for number in range(3):
        began = time.monotonic()
        assert caller.convert(f"{name}-late-{number}").status == 202
        assert time.monotonic() - began < LONG
    if forgets:
        shutil.rmtree(installation.home.data(valkey.NAME) / "appendonlydir")
    installation.servers.start_broker()
    installation.settle()
    assert statuses(installation, caller) == {("succeeded", ""): BATCH + 3}
    assert max(installation.side.calls[f"{name}-late-{number}"] for number in range(3)) == 1


def test_the_database_restarts_amid_the_work(installation: Installation, caller: Caller) -> None:
    send_all(installation, caller, "database")
    refusals: list[Answer | None] = []
    installation.servers.kill_database()
    with ThreadPoolExecutor(1) as client:
        late = client.submit(caller.convert_until_taken, "database-late", seconds=PATIENCE, refused=refusals.append)
        wait_until(lambda: refusals or late.done(), what="A word about the database")
        installation.servers.start_database()
        assert late.result().status == 202
    assert {each.status for each in refusals if each} <= {409, 503}
    installation.settle()
    assert statuses(installation, caller) == {("succeeded", ""): BATCH + 1}
    assert installation.side.calls["database-late"] == 1
