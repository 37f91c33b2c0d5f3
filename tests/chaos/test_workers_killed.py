"""A worker dies at any line of the staircase, and nothing is lost, charged twice or paid for twice."""

from __future__ import annotations

import re

import pytest

from tests.chaos.client import Caller
from tests.chaos.installation import Installation

pytestmark = pytest.mark.timeout(300)

WRITING = (
    "budget held, call not made",
    "answer there, not kept",
    "conversion claimed",
    "answer kept, not judged",
    "post written, not kept",
    "unit settled, not committed",
    "committed, webhook's worker not told",
    "webhook claimed",
    "webhook sent, not marked",
)
ASKED_AGAIN = "answer there, not kept"
"""An answer that nobody kept is asked for again; any other is paid for once."""
SENT_AGAIN = "webhook sent, not marked"
"""Whether it arrived nobody knows, so it is sent again under the same webhook-id."""


def end_of(installation: Installation, caller: Caller) -> tuple[str, str]:
    ((status, code),) = installation.rows(
        "SELECT status, failure_code FROM conversion_logs WHERE user_id = %s", caller.id
    )
    return status, code


def case_of(words: str) -> str:
    return re.sub("[^a-z]+", "-", words)


def webhooks_heard(installation: Installation, caller: Caller) -> int:
    ids = installation.rows(
        "SELECT d.id::text FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id "
        "WHERE e.user_id = %s",
        caller.id,
    )
    return sum(installation.side.hooks[each] for (each,) in ids)


@pytest.mark.parametrize("point", WRITING)
def test_who_writes_dies(installation: Installation, caller: Caller, point: str) -> None:
    installation.arm(point)
    assert caller.convert(case_of(point)).status == 202
    installation.wait_for_death(point)
    installation.settle()
    assert end_of(installation, caller) == ("succeeded", "")
    assert installation.side.calls[case_of(point)] == (2 if point == ASKED_AGAIN else 1)
    assert webhooks_heard(installation, caller) == (2 if point == SENT_AGAIN else 1)


@pytest.mark.parametrize(
    ("point", "with_parent", "pages"),
    [
        ("article claimed", False, 1),
        ("article read, not kept", True, 2),
        ("article kept, writers not told", True, 1),
    ],
)
def test_who_reads_dies(installation: Installation, caller: Caller, point: str, with_parent: bool, pages: int) -> None:
    installation.arm(point, with_parent=with_parent)
    assert caller.convert(case_of(point), by_address=True).status == 202
    installation.wait_for_death(point)
    installation.settle()
    assert end_of(installation, caller) == ("succeeded", "")
    assert installation.side.pages[case_of(point)] == pages
    assert installation.side.calls[case_of(point)] == 1


def test_who_tells_of_a_failure_dies(installation: Installation, caller: Caller) -> None:
    point, case = "failed, unit not yet back", "told-late-refused"
    installation.arm(point)
    assert caller.convert(case).status == 202
    installation.wait_for_death(point)
    installation.settle()
    status, code = end_of(installation, caller)
    assert (status, code) == ("failed", "content-refused")
    assert installation.rows("SELECT api_quota_used FROM users WHERE id = %s", caller.id) == [(0,)]


def test_who_takes_a_dead_ones_work_back_dies_too(installation: Installation, caller: Caller) -> None:
    first, second = "conversion claimed", "taken back, no worker told"
    installation.arm(second)
    installation.arm(first)
    assert caller.convert("taken-back").status == 202
    installation.wait_for_death(first)
    installation.wait_for_death(second)
    installation.settle()
    assert end_of(installation, caller) == ("succeeded", "")
    assert installation.side.calls["taken-back"] == 1
