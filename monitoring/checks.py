"""What is looked at, each within a second: two servers and two measures of this machine, on django-health-check."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cache, partial

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from health_check.base import HealthCheck
from health_check.contrib.psutil import Disk, Memory
from health_check.contrib.redis import Redis
from health_check.exceptions import ServiceUnavailable
from redis.asyncio import Redis as RedisClient

from conversions.selectors import Backlog, backlog
from monitoring.measuring import place_of_state
from monitoring.models import Dependency, Heartbeat
from newsforge.lib.sentences import stored

WITHIN = datetime.timedelta(seconds=1)
"""What a check may take by itself; django-health-check gives up a second later."""

NOT_OURS = (
    stored("Unable to connect to Redis: Connection was refused."),
    stored("Unable to connect to Redis: Timeout."),
    stored("Unable to connect to Redis: Connection Error"),
    stored("Timed out after %(seconds)s seconds"),
    stored("%(percent)s\u202f%% disk usage"),
    stored("RAM %(free)s/%(all)sGiB (%(percent)s\u202f%%)"),
    stored("unknown error"),
)
"""What django-health-check says of a dependency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What one visit to the database found."""

    heartbeats: tuple[Heartbeat, ...]
    backlog: Backlog
    looked_at: tuple[Dependency, ...]
    """What the sweep found last."""
    missing_migrations: tuple[str, ...]


@dataclass
class Database(HealthCheck):  # type: ignore[misc]  # the library has no types
    """Read what the other answers need; that it can be read is the check."""

    found: Snapshot | None = field(default=None, init=False, repr=False)

    def run(self) -> None:
        """Read.

        :raises ServiceUnavailable: if PostgreSQL does not answer.
        """
        try:
            self.found = read_snapshot(now=timezone.now())
        except Error as error:
            raise ServiceUnavailable(type(error).__name__) from error
        finally:
            connection.close()


def checks(*, within: datetime.timedelta = WITHIN) -> dict[str, HealthCheck]:
    """Return new checks, each with so much time, under the names the answer has for them."""
    made = {
        "database": Database(),
        "redis": Redis(client_factory=partial(_client, settings.REDIS_URL, within.total_seconds())),
        "memory_usage": Memory(max_memory_usage_percent=settings.MEMORY_WARNING_PERCENT),
        "disk_space": Disk(path=place_of_state(), max_disk_usage_percent=settings.DISK_WARNING_PERCENT),
    }
    for check in made.values():
        check.timeout = within
    return made


def read_snapshot(*, now: datetime.datetime) -> Snapshot:
    """Return what the database knows of the rest.

    :raises django.db.Error: if it does not answer.
    """
    applied = set(MigrationRecorder.Migration.objects.values_list("app", "name"))
    return Snapshot(
        heartbeats=tuple(Heartbeat.objects.all()),
        backlog=backlog(now=now),
        looked_at=tuple(Dependency.objects.all()),
        missing_migrations=tuple(sorted(f"{app}.{name}" for app, name in _shipped() - applied)),
    )


@cache
def _shipped() -> frozenset[tuple[str, str]]:
    """Return the migrations this release brings, the parts of a squashed one instead of it."""
    loader = MigrationLoader(None)
    return frozenset(key for key, migration in loader.disk_migrations.items() if not migration.replaces)


def _client(url: str, seconds: float) -> RedisClient:
    return RedisClient.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds)
