"""The moment a circuit may half-open, with conversions waiting in several processes and many threads."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conversions import gate
from conversions.enums import Status
from conversions.models import Attempt, CircuitTransition, Conversion
from newsforge.embedded.home import ROOT
from newsforge.lib.breaker import CircuitState
from tests.faults.server import Received, failing
from tests.flows.faults import RESPONSES, Far, ask, far_side, good, run

PROCESSES = 2
AT_ONCE = 16
LONGEST = 50.0
"""Seconds for all of them to come; the one call may take longer (PROBE_SECONDS)."""

RECOVERY = 3
"""Seconds; longer than it takes to let the processes go."""


@pytest.fixture
def far(settings: Settings) -> Iterator[Far]:
    settings.CIRCUIT_RECOVERY_SECONDS = RECOVERY
    with far_side(RESPONSES, settings) as side:
        yield side


def environment(far: Far) -> dict[str, str]:
    """What makes a process of its own work on this test's database with this test's provider."""
    url = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    facts = far.facts("sk-operator-000000000000")
    return {
        **os.environ,
        "DATABASE_URL": database,
        "OPENAI_API_KEY": facts["api_key"],
        "OPENAI_BASE_URL": facts["base_url"],
        "NEWSFORGE_CIRCUIT_RECOVERY": str(RECOVERY),
        "NEWSFORGE_DB_POOL": "20",
    }


def start(far: Far, conversions: list[Conversion], stack: ExitStack) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.flows.writing_process", *[str(each.pk) for each in conversions]]
    process = stack.enter_context(
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(far),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    )
    stack.callback(process.kill)
    return process


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    while line := process.stdout.readline():
        if line.strip() == "ready":
            return
    raise AssertionError("the process ended early")


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def wait_until_put_off(conversions: list[Conversion], count: int) -> None:
    """Return when so many were taken by a worker and given back for later."""
    put_off = Conversion.objects.filter(
        pk__in=[each.pk for each in conversions], status=Status.PENDING, claim__gte=1, not_before__gt=F("created_at")
    )
    ends = time.monotonic() + LONGEST
    while put_off.count() < count:
        assert time.monotonic() < ends, "they did not come"
        time.sleep(0.1)


@pytest.mark.timeout(240)
@pytest.mark.django_db(transaction=True)
def test_sixteen_conversions_in_two_processes_make_one_call(far: Far, acme: User) -> None:
    waiting = [ask(acme, "openai") for _ in range(AT_ONCE)]
    with ExitStack() as stack:
        each = AT_ONCE // PROCESSES
        processes = [start(far, waiting[n * each : (n + 1) * each], stack) for n in range(PROCESSES)]
        for process in processes:
            wait_until_ready(process)
        far.server.play(failing(503, RESPONSES.error("server_error")))
        for _ in range(3):
            run(ask(acme, "openai"))
        assert gate.circuits().look(circuit=far.circuit).state == CircuitState.OPEN
        far.server.received.clear()
        all_came = threading.Event()

        def when_all_came(connection: socket.socket, received: Received) -> None:
            all_came.wait(LONGEST)
            good(RESPONSES)(connection, received)

        far.server.play(when_all_came)
        time.sleep(gate.circuits().look(circuit=far.circuit).wait + 0.05)
        for process in processes:
            let_go(process)
        wait_until_put_off(waiting, AT_ONCE - 1)
        all_came.set()
        for process in processes:
            assert process.wait(60) == 0
    assert far.asked == 1
    ended = Conversion.objects.filter(pk__in=[each.pk for each in waiting])
    assert ended.filter(status=Status.SUCCEEDED).count() == 1
    others = ended.exclude(status=Status.SUCCEEDED)
    assert {other.status for other in others} == {Status.PENDING}
    assert all(other.not_before > other.created_at and other.deadline_at for other in others), "put off, not failed"
    assert Attempt.objects.filter(conversion__in=waiting).count() == 1
    assert [(move.from_state, move.to_state) for move in CircuitTransition.objects.order_by("id")] == [
        ("closed", "open"),
        ("open", "half_open"),
        ("half_open", "closed"),
    ]
    Conversion.objects.update(not_before=timezone.now())
    far.server.play(good(RESPONSES))
    for other in others:
        run(other)
    assert ended.filter(status=Status.SUCCEEDED).count() == AT_ONCE
