"""Rest for one key: what was said about it by whoever refused it holds for a while, in every process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import redis

from newsforge.lib.shared_state import SharedState

MOST_LOCAL = 10_000
"""Keys one process remembers while Redis is away."""

_LONGEST_WINS = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a key rests and for how many seconds more."""

    code: str
    seconds: float


class Cooldowns:
    """Keys that rest, by a name that is no secret."""

    def __init__(self, *, url: str) -> None:
        """Keep them in the Redis at this address."""
        self._state = SharedState(url=url)
        self._local: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def put(self, *, subject: str, code: str, seconds: float) -> None:
        """Let a key rest; a longer rest it has already stays."""
        if seconds > 0:
            self._state.ask(
                lambda client: client.eval(_LONGEST_WINS, 1, _name(subject), code, str(round(seconds * 1000) or 1)),
                otherwise=lambda: self._put_here(subject, code, seconds),
            )

    def left(self, *, subject: str) -> Rest | None:
        """Return what is left of a key's rest, None when it may be used."""
        return self._state.ask(lambda client: _left(client, subject), otherwise=lambda: self._left_here(subject))

    def end(self, *, subject: str) -> None:
        """Let the key be used again."""
        self._state.ask(lambda client: client.delete(_name(subject)), otherwise=lambda: 0)
        with self._lock:
            self._local.pop(subject, None)

    def _put_here(self, subject: str, code: str, seconds: float) -> None:
        with self._lock:
            if len(self._local) >= MOST_LOCAL:
                self._local.clear()
            until = time.monotonic() + seconds
            if self._local.get(subject, ("", 0.0))[1] < until:
                self._local[subject] = (code, until)

    def _left_here(self, subject: str) -> Rest | None:
        with self._lock:
            code, until = self._local.get(subject, ("", 0.0))
        seconds = until - time.monotonic()
        return Rest(code, seconds) if seconds > 0 else None


def _left(client: redis.Redis, subject: str) -> Rest | None:
    code = client.get(_name(subject))
    if not isinstance(code, str):
        return None  # as almost always: one question
    left = client.pttl(_name(subject))
    return Rest(code, left / 1000) if left > 0 else None


def _name(subject: str) -> str:
    return f"rest:{subject}"
