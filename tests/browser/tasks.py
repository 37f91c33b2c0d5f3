"""What staff do every day, where each task starts, and the clicks it may cost: no more than the best tool needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.browser.hand import Hand

Walk = Callable[[Hand], None]


class Task(NamedTuple):
    """One task and the way through it; a walk starts where the task does, and asserts what it came for."""

    name: str
    start: str
    allowed: int
    walk: Walk

    def row(self, clicks: int) -> str:
        """The task's line in docs/admin-tasks.md."""
        return f"| {self.name} | {self.start} | {clicks} | {self.allowed} |"


DASHBOARD = "the dashboard"

TASKS: list[Task] = []
"""In the order of the table."""


def task(name: str, *, start: str, allowed: int) -> Callable[[Walk], Walk]:
    """Take a walk into the table."""

    def take(walk: Walk) -> Walk:
        TASKS.append(Task(name, start, allowed, walk))
        return walk

    return take
