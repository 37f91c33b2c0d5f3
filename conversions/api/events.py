"""What a client that listens to one request is told, as server-sent events (WHATWG HTML, 9.2).

There is no log of events: each look at the rows tells how they stand otherwise than the client knows, and the event's
id is what it then knows. Whoever comes back with that id is told the rest, at whatever server and however long after.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from accounts.models import User
from conversions.api.serializers import batch_status
from conversions.enums import FINAL
from conversions.models import Conversion
from conversions.selectors import NotFound, answered, batch_of, stage_of

EVERY = 0.5
"""Seconds between two looks at the rows."""
BEAT = 10.0
"""Seconds of silence after which a comment keeps proxies from closing the connection."""
LONGEST = 20.0
"""Seconds one answer lasts: it holds a thread of the web's. The client comes back by itself and misses nothing."""
RETRY_MS = 1000
MOST_HELD, MOST_OF_ONE = 3, 2
"""Streams one process keeps open, of its eight threads, and of one user; one more is told what is new, and ends."""

_ID = re.compile(r"(\d{1,9})\.((?:[0-9a-f]{12}[a-z]{2}\d{1,5},?)*)(!?)")
_PLACE = 12
"""Digits of a conversion's id that tell it from the others of its request."""


@dataclass(slots=True)
class Told:
    """What a client knows: how each conversion stood in the last event it has, and whether that was the end."""

    number: int = 0
    marks: dict[str, str] = field(default_factory=dict)
    is_over: bool = False

    @classmethod
    def from_id(cls, text: str) -> Told:
        """Read ``Last-Event-ID``; who sends none of ours knows nothing."""
        found = _ID.fullmatch(text)
        if found is None:
            return cls()
        marks = {mark[:_PLACE]: mark[_PLACE:] for mark in found[2].split(",") if mark}
        return cls(number=int(found[1]), marks=marks, is_over=bool(found[3]))

    @property
    def id(self) -> str:
        """Return what the client sends when it comes back; the number at its front only grows."""
        marks = ",".join(place + mark for place, mark in self.marks.items())
        return f"{self.number}.{marks}{'!' if self.is_over else ''}"

    def knows(self, rows: list[Conversion]) -> bool:
        """Tell whether the client was told of the end, and that still stands."""
        return self.is_over and all(self.marks.get(_place(row)) == _mark(row, row.status) for row in rows)

    def news(self, rows: list[Conversion]) -> Iterator[bytes]:
        """Yield an event for each conversion that stands otherwise than the client knows, and one at the end."""
        ready = answered(conversions=rows)
        for row in rows:
            stage = stage_of(conversion=row, is_answered=row.pk in ready)
            if self.marks.get(_place(row)) != _mark(row, stage):
                self.marks[_place(row)] = _mark(row, stage)
                self.is_over = False
                yield self._event("stage", _facts(row, stage))
        if is_over(rows):
            self.is_over = True
            stands = batch_status([row.status for row in rows])
            yield self._event("done", {"batch_id": str(rows[0].batch_id), "status": stands})

    def _event(self, name: str, data: Mapping[str, object]) -> bytes:
        self.number += 1
        return f"id: {self.id}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode()


def is_over(rows: list[Conversion]) -> bool:
    """Tell whether all conversions are at an end."""
    return all(row.status in FINAL for row in rows)


def stream(*, user: User, batch_id: UUID, told: Told) -> Generator[bytes]:
    """Yield what is new to the client until the end of the request, or of the time one answer may last."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    with _SEATS.taken(user.pk) as is_held:
        end = time.monotonic() + (LONGEST if is_held else 0)
        spoke = time.monotonic()
        while True:
            rows, news = _look(user, batch_id, told)
            if not rows:
                return
            for event in news:
                yield event
                spoke = time.monotonic()
            if is_over(rows) or time.monotonic() >= end:
                return
            if time.monotonic() - spoke >= BEAT:
                yield b": still here\n\n"
                spoke = time.monotonic()
            time.sleep(EVERY)


def _look(user: User, batch_id: UUID, told: Told) -> tuple[list[Conversion], list[bytes]]:
    """Return the rows as they are now, and what is new; the connection to the database is given back until the next."""
    try:
        rows = batch_of(user=user, batch_id=batch_id)
        return rows, list(told.news(rows))
    except NotFound:  # removed meanwhile
        return [], []
    finally:
        connection.close()


def _place(row: Conversion) -> str:
    return row.pk.hex[:_PLACE]


def _mark(row: Conversion, stage: str) -> str:
    return f"{stage[:2]}{row.run}"


def _facts(row: Conversion, stage: str) -> dict[str, object]:
    return {
        "conversion_id": str(row.pk),
        "target_platform": row.target_platform,
        "stage": stage,
        "status": row.status,
        "failure_code": row.failure_code or None,
    }


class _Seats:
    """Who is listening to this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Counter[UUID] = Counter()

    @contextmanager
    def taken(self, user_id: UUID) -> Iterator[bool]:
        """Hold a seat for the block, and tell whether there was one."""
        with self._lock:
            is_free = self._held.total() < MOST_HELD and self._held[user_id] < MOST_OF_ONE
            self._held[user_id] += is_free
        try:
            yield is_free
        finally:
            with self._lock:
                self._held[user_id] -= is_free
                self._held += Counter()  # forgets who holds none


_SEATS = _Seats()
