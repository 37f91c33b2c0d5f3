"""Telling of the one outage that cannot be written down while it lasts: PostgreSQL's own.

The channels of the environment need no row. Each is told once: a key in Redis keeps other hosts and a restarted sweep
from telling it again. When the database is back, the incident is written, and its alert to those channels counts as
sent, so that they hear of the end and not of the beginning once more.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import redis
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from monitoring import channels, incidents, outbox, wording
from monitoring.enums import IncidentKind, Severity
from monitoring.models import Incident
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.sentences import stored

AWAY = stored("PostgreSQL has not answered since %(since)s UTC")
WAS_AWAY = stored("PostgreSQL did not answer from %(since)s to %(until)s UTC")
BACK = stored("It answers again.")

PATIENCE = timedelta(seconds=60)
"""How long PostgreSQL may be away until somebody is told: a restart is over by then."""

KEPT = 24 * 3600
"""Seconds after which Redis forgets who was told, whatever became of us."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Outage:
    """What one sweep remembers of it; ``since`` is empty while the database answers."""

    since: datetime | None = None
    told: set[str] = field(default_factory=set)
    """Digests of the channels this sweep has told."""

    def goes_on(self, *, fingerprint: str, now: datetime) -> None:
        """Remember it, and tell the environment's channels once it has lasted; one that fails, at the next look."""
        since = self.since = self.since or now
        if now - since < PATIENCE:
            return
        incident = Incident(
            kind=IncidentKind.DATABASE,
            fingerprint=fingerprint,
            severity=Severity.CRITICAL,
            summary=AWAY % {"since": f"{since:%H:%M:%S}"},
            opened_at=since,
        )
        for url in settings.ALERT_URLS:
            digest = channels.digest_of(url=url)
            if digest not in self.told and _claim(digest):
                key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{digest}/{since.isoformat()}"))
                self._tell(url, wording.without_row(incident=incident, key=key, now=now))

    def is_over(self, *, fingerprint: str, now: datetime) -> None:
        """Write the incident from its real beginning to its end, and who has heard of it already; then forget."""
        since = self.since
        if since is None:
            return
        digests = {channels.digest_of(url=url) for url in settings.ALERT_URLS}
        told = self.told | {digest for digest in digests if _is_claimed(digest)}
        with transaction.atomic():
            incident = incidents.report(
                kind=IncidentKind.DATABASE,
                fingerprint=fingerprint,
                severity=Severity.CRITICAL,
                summary=WAS_AWAY % {"since": f"{since:%H:%M:%S}", "until": f"{now:%H:%M:%S}"},
                details={},
                now=since,
            )
            outbox.told_already(incident=incident, digests=told, now=now)
            incidents.resolve(fingerprint=fingerprint, now=now, how=BACK)
        _fade(digests)
        self.since = None
        self.told.clear()

    def _tell(self, url: str, message: channels.Message) -> None:
        digest = channels.digest_of(url=url)
        try:
            channels.send_directly(url=url, message=message)
        except NewsforgeError as failure:
            log.warning("nobody_told_of_outage", code=failure.code)
            _release({digest})
        else:
            self.told.add(digest)


def _claim(digest: str) -> bool:
    """Tell whether this sweep is the one that tells a channel; without Redis, each is."""
    try:
        return bool(cache.add(_key(digest), True, timeout=KEPT))
    except redis.RedisError:
        return True


def _is_claimed(digest: str) -> bool:
    try:
        return bool(cache.get(_key(digest)))
    except redis.RedisError:
        return False


def _release(digests: set[str]) -> None:
    try:
        cache.delete_many([_key(digest) for digest in digests])
    except redis.RedisError as error:
        log.warning("outage_not_forgotten", error=type(error).__name__)


def _fade(digests: set[str]) -> None:
    """Let other hosts, who see the end a moment later, still know who was told."""
    try:
        for digest in digests:
            cache.touch(_key(digest), PATIENCE.total_seconds())
    except redis.RedisError as error:
        log.warning("outage_not_forgotten", error=type(error).__name__)


def _key(digest: str) -> str:
    return f"monitoring.outage:{digest}"
