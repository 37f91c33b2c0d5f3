"""64 requests at the same time from four processes, with ten units left: ten are taken, every time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from newsforge.embedded.home import ROOT
from tests.chaos.installation import Installation

pytestmark = pytest.mark.timeout(300)

PROCESSES, THREADS, LIMIT, ROUNDS = 4, 16, 10, 20


@pytest.fixture
def clients(web: Installation) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.chaos.rush", str(web.port), str(THREADS)]
    with ExitStack() as ends:
        started = []
        for _ in range(PROCESSES):
            client = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            ends.enter_context(client)  # closes its streams and waits for it
            ends.callback(client.kill)
            started.append(client)
        yield started


def test_no_request_of_many_passes_the_limit(web: Installation, clients: list[subprocess.Popen[str]]) -> None:
    for _ in range(ROUNDS):
        caller = web.add_caller(limit=LIMIT, hears=False)
        for client in clients:
            assert client.stdin
            client.stdin.write(f"{caller.token}\n")
            client.stdin.flush()
        statuses: Counter[int] = Counter()
        for client in clients:
            assert client.stdout
            statuses.update(json.loads(client.stdout.readline()))
        assert statuses == {202: LIMIT, 429: PROCESSES * THREADS - LIMIT}
        ((used, rows, units),) = web.rows(
            "SELECT api_quota_used, (SELECT count(*) FROM conversion_logs WHERE user_id = users.id), "
            "(SELECT sum(units) FROM quota_entries WHERE user_id = users.id) FROM users WHERE id = %s",
            caller.id,
        )
        assert used == rows == units == LIMIT
