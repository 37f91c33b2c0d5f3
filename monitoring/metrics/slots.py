"""Where a process keeps what it counts: files that outlive it, and that the next process goes on with.

A process holds a numbered slot as long as it lives, by a lock the kernel takes back however it ends. Whoever starts
next takes the lowest free one and counts on where the dead one stopped: nothing is lost, files do not add up, and it
does not matter which process ids are given out again.
"""

from __future__ import annotations

import fcntl
import os
import threading
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from django.conf import settings

SIZES = {"counter": 1 << 20, "histogram": 2 << 20}
"""Bytes taken from the disk at once: a mapped file that finds it full when it grows would kill its process (SIGBUS)."""


@dataclass(slots=True)
class Slot:
    """The slot of whichever process asks; a forked child has one of its own."""

    folder: Path
    _pid: int = 0
    _name: str = ""
    _held: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def name(self) -> str:
        """Return the slot's number, three digits at least; take it at the first question.

        :raises OSError: if the files cannot be made.
        """
        if self._pid != os.getpid():
            with self._lock:
                if self._pid != os.getpid():
                    self._name = self._take()
                    self._pid = os.getpid()
        return self._name

    def _take(self) -> str:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = next(name for number in count() if self._hold(name := f"{number:03}"))
        for kind, size in SIZES.items():
            descriptor = os.open(self.folder / f"{kind}_{name}.db", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, size)
            finally:
                os.close(descriptor)
        return name

    def _hold(self, name: str) -> bool:
        descriptor = os.open(self.folder / f"slot_{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # A record lock: a child does not inherit it, so that it dies with the process and not with its children.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            return False
        self._held = [descriptor]
        return True


def place() -> Path:
    """Return where the processes of this host keep what they count; ``newsforge.embedded.entry`` empties it."""
    return Path(settings.HOME) / "run/metrics"


def files() -> list[str]:
    """Return the files of all slots, always in the same order: sums of floats depend on it."""
    found = [path for path in place().glob("*_*.db") if path.stat().st_size]
    return sorted(str(path) for path in found)
