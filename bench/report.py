"""One run of measurements: bounded in time, told while it lasts, and summed up in one table."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsforge.embedded.home import ROOT


class OutOfTime(BaseException):
    """What ends a section that takes longer than it may; no library shall take it for a failure of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the summary: a figure of ours beside that of a peer, of the bare library, or what was agreed."""

    section: str
    what: str
    ours: float
    beside: float | None
    name: str
    """What stands beside."""
    unit: str
    cpu: float | None = None
    """Milliseconds all our programs work for one of it; None where nobody measured."""


@dataclass(slots=True)
class Report:
    """What was measured so far, and how long the rest may take."""

    seconds: float
    lines: list[Line] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    @property
    def elapsed(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self.began

    def measure(self, *, name: str, seconds: float, run: Callable[[], Iterable[Line]]) -> None:
        """Keep the lines of one section, those it had when its seconds, or those of the whole run, were over."""
        left = min(seconds, self.seconds - self.elapsed)
        load = os.getloadavg()[0]
        print(f"\n[{self.elapsed:5.0f} s] {name}, at most {max(0.0, left):.0f} s; load {load:.1f}", flush=True)
        try:
            with within(left):
                for line in run():
                    self.lines.append(line)
        except OutOfTime:
            self.late.append(name)
            whole = self.elapsed >= self.seconds - 1
            bound = f"the run's {self.seconds:.0f} s are over" if whole else f"its {seconds:.0f} s are over"
            print(
                f"\n{name} was stopped: {bound}. What it printed stands; the rest of it was not measured.", flush=True
            )

    def print_summary(self) -> None:
        """Print the table, and under which circumstances it came about."""
        print(f"\n{'Summary':<58}{'ours':>10}{'beside':>10}{'ratio':>7}{'CPU ms':>8}  unit; what stands beside")
        for line in self.lines:
            beside = "–" if line.beside is None else _figure(line.beside)
            ratio = f"{line.ours / line.beside:.2f}" if line.beside else "–"
            cpu = "–" if line.cpu is None else f"{line.cpu:.2f}"
            label = f"  {line.section:<11}{line.what}"
            print(f"{label:<58}{_figure(line.ours):>10}{beside:>10}{ratio:>7}{cpu:>8}  {line.unit}; {line.name}")
        if self.late:
            print(f"  Not whole, for want of time: {', '.join(self.late)}.")
        print(
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_commit()}, Python {platform.python_version()}, "
            f"{os.cpu_count()} processors, load {self.load:.1f} at the start and {os.getloadavg()[0]:.1f} at the end, "
            f"{self.elapsed:.0f} s"
        )


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise in the block when the time is over; whatever it has open is closed on the way out.

    :raises OutOfTime: if it is.
    """

    def stop(*_: object) -> None:
        raise OutOfTime

    if seconds <= 0:
        raise OutOfTime
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _figure(number: float) -> str:
    """Return it with as many digits as are worth reading."""
    return f"{number:,.{2 if number < 10 else 1 if number < 100 else 0}f}"


def _commit() -> str:
    """Return the commit that was measured, and whether the files are others."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    try:
        return f"commit {subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()}"
    except (OSError, subprocess.CalledProcessError):
        return "no commit"
