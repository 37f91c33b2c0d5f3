"""The points at which workers die, in the order of the staircase, and the waits that are shorter here.

Both name the product's code. What they name is looked up when a worker starts, and when it is gone the worker says so.
"""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

WITH_PARENT = "with its parent"
"""What stands in an order to die together with the process that forked one."""

POINTS = {
    "article claimed": ("conversions.reading:_claim", "after"),
    "article read, not kept": ("conversions.reading:_keep", "before"),
    "article kept, writers not told": ("conversions.reading:_keep", "after"),
    "conversion claimed": ("conversions.execution:_claim", "after"),
    "budget held, call not made": ("conversions.route:Route._open", "after"),
    "answer there, not kept": ("conversions.pipeline.providers.asking:SdkWriter.complete", "after"),
    "answer kept, not judged": ("conversions.route:Route._close", "after"),
    "post written, not kept": ("conversions.execution:keep", "before"),
    "unit settled, not committed": ("conversions.outbox:enqueue", "before"),
    "committed, webhook's worker not told": ("conversions.outbox:_send", "before"),
    "failed, unit not yet back": ("conversions.execution:end", "before"),
    "webhook claimed": ("conversions.delivery:_claim", "after"),
    "webhook sent, not marked": ("conversions.delivery:_mark", "before"),
    "taken back, no worker told": ("conversions.execution:recover", "after"),
}
"""Which function, and whether one dies before or after it has run."""

READING = tuple(POINTS)[:3]
"""Points in the worker that reads; all others are in those that write and sweep."""

WAITS = {
    "conversions.lease:LENGTH": timedelta(seconds=12),
    "conversions.lease:EVERY": 0.5,
    "conversions.delivery:LEASE": timedelta(seconds=5),
    "conversions.delivery:TIMEOUT": 3.0,
    "conversions.tasks:UNHEARD": timedelta(seconds=2),
    "conversions.execution:GRACE": timedelta(seconds=1.5),
}
"""Shorter than the product's; a lease no shorter than a busy machine may keep a living worker from renewing it."""


class GoneError(ImportError):
    """The product has changed, and the table above has not."""


def find(path: str) -> tuple[Any, str]:
    """Return who has what ``module:name`` or ``module:Class.name`` stands for, and its name there.

    :raises GoneError: if there is no such thing any more.
    """
    module, _, name = path.partition(":")
    try:
        owner: Any = importlib.import_module(module)
        *above, last = name.split(".")
        for each in above:
            owner = getattr(owner, each)
        getattr(owner, last)
    except (ImportError, AttributeError) as error:
        sentence = f"tests/chaos/points.py names {path}, which is gone ({error}): name there what does its work now."
        raise GoneError(sentence) from error
    return owner, last
