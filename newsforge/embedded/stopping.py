"""Ctrl-C, SIGTERM and a closed terminal: one orderly way down."""

from __future__ import annotations

import signal
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_asked: list[int] = []


class StoppedError(SystemExit):
    """Unwind everything because a person or the machine asked for it."""


def stop_on_signals() -> None:
    """Raise StoppedError from now on when one of the signals comes."""
    for number in SIGNALS:
        signal.signal(number, _stop)


def check_stopped() -> None:
    """Raise StoppedError if a signal has come whose exception was lost.

    Python drops what is raised while it runs a destructor or a fork hook, so loops and steps ask here.

    :raises StoppedError: if one has.
    """
    if _asked:
        raise StoppedError(128 + _asked[0])


def _stop(number: int, _frame: object) -> NoReturn:
    for other in SIGNALS:  # the way down is bounded; a second Ctrl-C must not cut it
        signal.signal(other, signal.SIG_IGN)
    _asked.append(number)
    raise StoppedError(128 + number)
