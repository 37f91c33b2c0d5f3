"""What processes know together, in Redis; and what each goes by alone while Redis is away."""

from __future__ import annotations

import functools
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

T = TypeVar("T")

PATIENCE = 0.25
"""Seconds for a connection and for an answer: the question is asked before every call to a provider."""

PAUSE = 5.0
"""Seconds for which Redis is not asked again after it failed: a frozen one costs one wait, not one for each call."""

LOSSES: Counter[str] = Counter()
"""How often this process went on without Redis, by the error's name; the metrics read it."""

log = structlog.get_logger(__name__)


class SharedState:
    """A short question to Redis, and the answer to go by when there is none."""

    def __init__(self, *, url: str) -> None:
        """Connect with the first question."""
        self._url = url
        self._away_until = 0.0

    def ask(self, question: Callable[[redis.Redis], T], *, otherwise: Callable[[], T]) -> T:
        """Return what Redis says, or what ``otherwise`` says while it is away; never wait long, never fail."""
        if time.monotonic() >= self._away_until:
            try:
                return question(_client(self._url))
            except redis.RedisError as error:
                self._away_until = time.monotonic() + PAUSE
                LOSSES[type(error).__name__] += 1
                log.warning("shared state is away, this process goes on alone", error=type(error).__name__)
        return otherwise()


@functools.cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=PATIENCE,
        socket_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),  # its own would try for seconds
        decode_responses=True,
    )
