"""What lies in the queues and what workers have in hand, asked of the broker and of them; who is silent is left out.

Nobody waits for long: a worker that is gone costs the page a second, a broker that hangs costs it two.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

T = TypeVar("T")

log = structlog.get_logger(__name__)

WITHIN = 1.0
"""Seconds the workers have to answer; all are asked at once."""
PATIENCE = 2.0
"""Seconds for everything, the way to the broker included."""
MOST = 100
"""Tasks of one worker that are shown."""

_threads = ThreadPoolExecutor(max_workers=6, thread_name_prefix="workers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One task in a worker's hands."""

    id: str
    task: str
    worker: str
    is_active: bool
    """Whether it runs; otherwise it waits there for its turn or its time."""
    since: datetime | None
    ids: Mapping[str, str]
    """What it works on: its arguments are ids alone."""

    @property
    def conversion_id(self) -> str:
        """Return the conversion it works on, empty if it is another kind of task."""
        return self.ids.get("conversion_id", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What workers say they have; ``silent`` are those that did not answer."""

    jobs: Sequence[Job]
    silent: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen in time; ``depths`` is None if the broker did not answer."""

    depths: Mapping[str, int] | None
    hands: Hands


def look(*, names: Iterable[str]) -> Sight:
    """Ask the broker how many messages lie in each queue, and the workers of these names what they have in hand."""
    asked = sorted(names)
    until = time.monotonic() + PATIENCE
    depths = _threads.submit(_depths)
    active, reserved = (_threads.submit(_inspect, asked, question) for question in ("active", "reserved"))
    running, waiting = _result(active, until) or {}, _result(reserved, until) or {}
    jobs = [
        _job(worker, facts, is_active)
        for answers, is_active in ((running, True), (waiting, False))
        for worker, held in sorted(answers.items())
        for facts in held[:MOST]
    ]
    started = {job.id for job in jobs if job.is_active}
    jobs = [job for job in jobs if job.is_active or job.id not in started]  # it began between the two questions
    silent = [name for name in asked if name not in running and name not in waiting]
    return Sight(depths=_result(depths, until), hands=Hands(jobs=jobs, silent=silent))


def _depths() -> dict[str, int]:
    with current_app.connection_for_read(connect_timeout=WITHIN) as broker:
        broker.transport_options = {
            **(broker.transport_options or {}), "socket_timeout": WITHIN, "socket_connect_timeout": WITHIN
        }  # fmt: skip
        return {queue.name: _depth(broker, queue.name) for queue in settings.CELERY_TASK_QUEUES}


def _depth(broker: Any, name: str) -> int:
    """Return how many messages nobody has taken; for the broker a queue that is empty may not exist."""
    try:
        with broker.channel() as channel:
            return int(channel.queue_declare(queue=name, passive=True).message_count)
    except broker.channel_errors:
        return 0


def _inspect(names: list[str], question: str) -> dict[str, list[dict[str, Any]]]:
    if not names:
        return {}
    asking = current_app.control.inspect(destination=names, timeout=WITHIN, limit=len(names))
    return getattr(asking, question)() or {}


def _result(future: Future[T], until: float) -> T | None:
    """Return the answer, or nothing if it does not come in time or the broker is not there."""
    try:
        return future.result(timeout=max(0.0, until - time.monotonic()))
    except (TookTooLong, OSError, KombuError, RedisError) as error:
        log.warning("the broker or its workers were not heard", error=type(error).__name__)
        return None


def _job(worker: str, facts: Mapping[str, Any], is_active: bool) -> Job:
    given = facts.get("kwargs")
    ids = {name: str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    since = facts.get("time_start") if is_active else None
    return Job(
        id=str(facts.get("id", "")), task=str(facts.get("name", "")), worker=worker, is_active=is_active,
        since=datetime.fromtimestamp(since, UTC) if since else None, ids=ids,
    )  # fmt: skip
