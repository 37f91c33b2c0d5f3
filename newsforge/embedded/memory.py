"""How much memory the running product takes, read from the kernel."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

import psutil

from newsforge.embedded.stopping import check_stopped
from newsforge.embedded.supervision import Supervision

MEGABYTE = 1_000_000
SERVERS = {"postgres": "PostgreSQL", "valkey-server": "Valkey"}


@dataclass(slots=True)
class Reading:
    """The processes of one program at one moment; bytes."""

    processes: int = 0
    pss: int = 0
    rss: int = 0


@dataclass(slots=True)
class Meter:
    """Reads the memory of our whole family now and then and keeps the reading with the highest sum.

    PSS counts a page shared by n processes 1/n times in each, so that sums are true; RSS counts it n times.
    """

    supervision: Supervision
    highest: dict[str, Reading] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    due: float = 0.0

    def read(self) -> None:
        """Take one reading, at most two in a second: each costs some milliseconds a process.

        :raises ProgramEndedError: if a program does not stay up.
        :raises StoppedError: if somebody asked for the end.
        """
        check_stopped()
        programs = self.supervision.programs()
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + 0.5
        reading: dict[str, Reading] = {}
        for process in _family():
            try:
                memory = process.memory_full_info()
                label = self._label(process, programs)
            except psutil.Error:  # it ended meanwhile
                continue
            self.seen.add(process.pid)
            row = reading.setdefault(label, Reading())
            row.processes += 1
            row.pss += getattr(memory, "pss", memory.uss)
            row.rss += memory.rss
        if _sum(reading) > _sum(self.highest):
            self.highest = reading

    def lines(self) -> list[str]:
        """Return the highest reading as a table."""
        rows = sorted(self.highest.items(), key=lambda item: -item[1].pss)
        return [
            f"Peak memory {_sum(self.highest) / MEGABYTE:.0f} MB (PSS, all processes at one moment)",
            *(
                f"  {label:<16}{row.pss / MEGABYTE:>5.0f} MB PSS {row.rss / MEGABYTE:>5.0f} MB RSS"
                f"  in {row.processes} process{'' if row.processes == 1 else 'es'}"
                for label, row in rows
            ),
        ]

    def _label(self, process: psutil.Process, programs: dict[int, str]) -> str:
        if process.pid == os.getpid():
            return "this command"
        if process.pid == self.supervision.process.pid:
            return "supervisord"
        lineage = [process.pid, *(parent.pid for parent in process.parents())]
        program = next((programs[pid] for pid in lineage if pid in programs), None)
        return program or SERVERS.get(process.name(), process.name())


def _family() -> list[psutil.Process]:
    us = psutil.Process()
    return [us, *us.children(recursive=True)]


def _sum(reading: dict[str, Reading]) -> int:
    return sum(row.pss for row in reading.values())
