"""A value many ask for and few change: read at most every few seconds by each process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Fresh(Generic[T]):
    """What ``read`` returned last, read anew once it is older than so many seconds."""

    def __init__(self, read: Callable[[], T], *, seconds: float) -> None:
        """Read nothing yet."""
        self._read = read
        self._seconds = seconds
        self._kept: tuple[float, T] | None = None
        self._lock = threading.Lock()

    def value(self) -> T:
        """Return the value."""
        with self._lock:
            if self._kept is None or time.monotonic() - self._kept[0] > self._seconds:
                self._kept = (time.monotonic(), self._read())
            return self._kept[1]

    def forget(self) -> None:
        """Read anew with the next question: it was changed in this process."""
        self._kept = None
