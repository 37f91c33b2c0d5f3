"""What is wrong, from the first report to the end; one open incident for each fingerprint, however many report it.

Every change locks the incident's row and writes what people are told in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from monitoring import outbox
from monitoring.enums import IncidentKind, Severity
from monitoring.models import Incident, Notification
from newsforge.lib.errors import Fault, PermanentError
from newsforge.lib.sentences import BECAUSE, stored

ACKNOWLEDGED = stored("acknowledged")
SILENCED = stored("silenced until %(until)s")
NOTE = stored("note")
RESOLVED = stored("resolved")

log = structlog.get_logger(__name__)

ONE_OPEN = "incidents_one_open"
LONGEST_SUMMARY = 500
LONGEST_NOTE = 1000
MOST_TRIES = 5
"""Of opening, when others open and resolve the same thing at the same moment."""


class IncidentResolved(PermanentError):
    """The incident is over."""

    code = "incident-resolved"
    status_code = 409
    title = "The incident is resolved"
    sentence = "This incident is resolved already. Look at the open ones."
    fault = Fault.REQUEST


class AlreadyAcknowledged(PermanentError):
    """Somebody was faster."""

    code = "already-acknowledged"
    status_code = 409
    title = "Somebody has acknowledged the incident already"
    sentence = "%(who)s has acknowledged this incident already. Ask them before you start."
    fault = Fault.REQUEST


class SilenceInThePast(PermanentError):
    """A silence that ends before it starts."""

    code = "silence-in-the-past"
    status_code = 422
    title = "The silence would be over already"
    sentence = "The silence would end before it starts. Give a time that is still to come."
    fault = Fault.REQUEST


class EmptyNote(PermanentError):
    """A note that says nothing."""

    code = "empty-note"
    status_code = 422
    title = "The note is empty"
    sentence = "The note is empty. Write what you found or did."
    fault = Fault.REQUEST


def report(
    *,
    kind: IncidentKind,
    fingerprint: str,
    severity: Severity,
    summary: str,
    details: Mapping[str, Any],
    now: datetime,
) -> Incident:
    """Open the fingerprint's incident, or note that it is still there; severity only rises while it is open.

    ``details`` hold no secret: they are shown and sent. What is no JSON in them is kept as text.
    """
    plain: dict[str, Any] = json.loads(_storable(json.dumps(dict(details), ensure_ascii=False, default=str)))
    seen = {"summary": _storable(summary)[:LONGEST_SUMMARY], "details": plain}
    for _ in range(MOST_TRIES):
        with transaction.atomic():
            incident = _open_one(fingerprint)
            if incident is not None:
                return _touch(incident, severity, seen, now)
            try:
                with transaction.atomic():
                    incident = Incident.objects.create(
                        kind=kind,
                        fingerprint=fingerprint,
                        severity=severity,
                        critical_since=now if severity == Severity.CRITICAL else None,
                        silenced_until=_silence_of(fingerprint, now),
                        opened_at=now,
                        last_seen_at=now,
                        **seen,
                    )
            except IntegrityError as error:
                if ONE_OPEN not in str(error):
                    raise
                continue  # somebody else opened it at the same moment
            outbox.tell_beginning(incident=incident, now=now)
        log.warning("incident_opened", incident_id=str(incident.pk), fingerprint=fingerprint, severity=severity)
        return incident
    raise RuntimeError(f"{fingerprint} is opened and resolved faster than it can be reported")


def resolve(*, fingerprint: str, now: datetime, how: str = "") -> bool:
    """Resolve the fingerprint's incident if one is open, and tell whoever was told or is about to be; tell whether.

    An alert held back by a cool-down or a silence is swallowed instead; one that is only late goes out first.
    """
    with transaction.atomic():
        incident = _open_one(fingerprint)
        if incident is not None:
            _end(incident, how, now)
    return incident is not None


def acknowledge(*, incident: Incident, actor: str, now: datetime, reason: str = "") -> None:
    """Say that somebody looks after it, so that it is not escalated.

    :raises IncidentResolved: if it is over.
    :raises AlreadyAcknowledged: if somebody does already.
    """
    with transaction.atomic():
        locked = _locked(incident)
        if locked.acknowledged_at is not None:
            raise AlreadyAcknowledged(who=locked.acknowledged_by)
        locked.acknowledged_at, locked.acknowledged_by = now, actor
        _keep(locked, actor, ACKNOWLEDGED, reason, now)
        outbox.stop_escalation(incident=locked, now=now)


def silence(*, incident: Incident, until: datetime, actor: str, now: datetime, reason: str = "") -> None:
    """Send nothing more about it, nor about what opens under its fingerprint, until a time; but its end is told.

    :raises IncidentResolved: if it is over.
    :raises SilenceInThePast: if the time has come already.
    """
    if until <= now:
        raise SilenceInThePast
    with transaction.atomic():
        locked = _locked(incident)
        locked.silenced_until = until
        _keep(locked, actor, SILENCED % {"until": until.isoformat(timespec="minutes")}, reason, now)
        outbox.hold(incident=locked, until=until)


def annotate(*, incident: Incident, actor: str, reason: str, now: datetime) -> None:
    """Write a note into the incident's journal, also after its end.

    :raises EmptyNote: if it says nothing.
    """
    if not reason.strip():
        raise EmptyNote
    with transaction.atomic():
        _keep(Incident.objects.select_for_update().get(pk=incident.pk), actor, NOTE, reason, now)


def resolve_by_hand(*, incident: Incident, actor: str, reason: str, now: datetime) -> None:
    """Resolve it because a person says so; what is still wrong is reported again, as a new incident.

    :raises IncidentResolved: if it is over.
    """
    with transaction.atomic():
        locked = _locked(incident)
        _keep(locked, actor, RESOLVED, reason, now)
        _end(locked, BECAUSE % {"what": actor, "why": reason} if reason else actor, now)


def remove_old(*, before: datetime) -> int:
    """Remove incidents resolved before a moment, with what was told about them, and digests; return how many rows."""
    old = Incident.objects.filter(resolved_at__lt=before).delete()[0]
    return old + Notification.objects.filter(incident=None, finished_at__lt=before).delete()[0]


def _storable(text: str) -> str:
    """Return a text as PostgreSQL takes it: a far side's words may hold NUL, or half a character."""
    return text.replace("\x00", "").replace("\\u0000", "").encode("utf-8", "replace").decode()


def _open_one(fingerprint: str) -> Incident | None:
    return Incident.objects.select_for_update().filter(fingerprint=fingerprint, resolved_at=None).first()


def _locked(incident: Incident) -> Incident:
    locked = Incident.objects.select_for_update().get(pk=incident.pk)
    if locked.resolved_at is not None:
        raise IncidentResolved
    return locked


def _touch(incident: Incident, severity: Severity, seen: Mapping[str, Any], now: datetime) -> Incident:
    is_raised = severity == Severity.CRITICAL != incident.severity
    if is_raised:
        incident.severity, incident.critical_since = severity, now
    incident.summary, incident.details = seen["summary"], seen["details"]
    incident.last_seen_at = max(now, incident.last_seen_at)
    incident.times_seen += 1
    incident.save(update_fields=["severity", "critical_since", "summary", "details", "last_seen_at", "times_seen"])
    if is_raised:
        outbox.tell_raised(incident=incident, now=now)
    return incident


def _silence_of(fingerprint: str, now: datetime) -> datetime | None:
    """Return the end of the silence that somebody asked for before it opened again."""
    silences = Incident.objects.filter(fingerprint=fingerprint, silenced_until__gt=now).order_by("-silenced_until")
    return silences.values_list("silenced_until", flat=True).first()


def _end(incident: Incident, how: str, now: datetime) -> None:
    incident.resolved_at, incident.resolution = max(now, incident.opened_at), how[:300]
    incident.save(update_fields=["resolved_at", "resolution"])
    outbox.tell_end(incident=incident, now=now)
    log.info("incident_resolved", incident_id=str(incident.pk), fingerprint=incident.fingerprint)


def _keep(incident: Incident, actor: str, did: str, text: str, now: datetime) -> None:
    entry = {"at": now.isoformat(timespec="seconds"), "actor": actor, "did": did, "text": text.strip()[:LONGEST_NOTE]}
    incident.journal = [*incident.journal, entry]
    incident.save(update_fields=["journal", "acknowledged_at", "acknowledged_by", "silenced_until"])
