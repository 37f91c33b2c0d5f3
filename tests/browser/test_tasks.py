"""Staff's daily tasks, each walked by hand; docs/admin-tasks.md says what they cost, and is held to it."""

from __future__ import annotations

import pytest

from accounts.models import User
from newsforge.embedded.home import ROOT
from tests.browser.conftest import Open
from tests.browser.hand import Hand
from tests.browser.tasks import Task
from tests.browser.walks import TASKS

DOCUMENT = ROOT / "docs/admin-tasks.md"


def rows() -> list[str]:
    """The lines of the document's table, without its head."""
    return [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.walk.__name__)
def test_a_task_costs_what_the_table_says_and_no_more_than_it_may(open_context: Open, staff: User, task: Task) -> None:
    hand = Hand(open_context(staff).new_page())
    task.walk(hand)
    assert hand.clicks <= task.allowed
    assert task.row(hand.clicks) in rows()


def test_the_table_has_every_task_once_and_in_order() -> None:
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows()] == [task.name for task in TASKS]
