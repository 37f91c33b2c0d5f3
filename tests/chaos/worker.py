"""The product's Celery application with shorter waits, for ``celery -A tests.chaos.worker``, and with points to die at.

A worker that comes to the point named by a file in ``$NEWSFORGE_HOME/armed`` takes the file away and ends by SIGKILL,
alone or, if the file says so, with the process that forked it. Nothing of this is in the product.
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from celery.schedules import schedule

from newsforge.celery import app
from tests.chaos import points

__all__ = ["app"]

ARMED = Path(os.environ["NEWSFORGE_HOME"]) / "armed"


def mortal(point: str, function: Callable[..., Any], when: str) -> Callable[..., Any]:
    """Return the function with a death before or after it."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            die_if_armed(point)
        result = function(*args, **kwargs)
        if when == "after":
            die_if_armed(point)
        return result

    return wrapped


def die_if_armed(point: str) -> None:
    order = ARMED / point
    try:
        said = order.read_text("utf-8")
        order.unlink()  # only one worker succeeds
    except FileNotFoundError:
        return
    if said == points.WITH_PARENT:
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def prepare() -> None:
    """Put the deaths and the shorter waits in."""
    for point, (path, when) in points.POINTS.items():
        owner, name = points.find(path)
        setattr(owner, name, mortal(point, getattr(owner, name), when))
    for path, wait in points.WAITS.items():
        setattr(*points.find(path), wait)
    for entry in app.conf.beat_schedule.values():
        if entry["schedule"].run_every <= timedelta(minutes=1):
            entry["schedule"] = schedule(1)


django.setup()
prepare()
