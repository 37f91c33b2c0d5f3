"""Who is told what, written in the transaction in which it becomes true; sending comes later.

A fingerprint that was told of is quiet for the cool-down: what opens then is told at its end, if it is still open, and
swallowed otherwise; the next message to the channel counts what was swallowed. A critical incident is not kept quiet
by the alert of a warning.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, QuerySet

from monitoring import channels
from monitoring.enums import NotificationKind, NotificationState, Severity
from monitoring.models import Channel, Incident, Notification

KEPT = timedelta(hours=24)
"""How long a message is tried."""

OF_CHANNEL = "channel:"
"""The beginning of the fingerprint of a channel that fails: it is not told of itself."""

BEGINNINGS = (NotificationKind.ALERT, NotificationKind.RAISED)


def tell_beginning(*, incident: Incident, now: datetime) -> None:
    """Write the alerts of an incident that was opened; none for a warning nobody wants at once."""
    wanted = [each for each in _listening(incident, now) if not each.is_last_resort and _wants(each, incident)]
    _write(NotificationKind.ALERT, incident, wanted, max(now, _quiet_until(incident, now)))


def tell_raised(*, incident: Incident, now: datetime) -> None:
    """Write who is told that a warning became critical; an alert nobody has tried to send yet says it itself."""
    due = max(now, _quiet_until(incident, now))
    held = _untried(incident, NotificationKind.ALERT)
    held.update(severity=incident.severity, due_at=due, give_up_at=due + KEPT)
    told = set(incident.notifications.values_list("channel_id", flat=True))
    listening = [each for each in _listening(incident, now) if not each.is_last_resort]
    _write(NotificationKind.ALERT, incident, [each for each in listening if each.pk not in told], due)
    waiting = set(held.values_list("channel_id", flat=True))
    _write(NotificationKind.RAISED, incident, [each for each in listening if each.pk in told - waiting], due)


def tell_nobody_answers(*, incident: Incident, now: datetime) -> None:
    """Write the escalation of an incident nobody acknowledged: to every channel, the last resorts among them."""
    _write(NotificationKind.ESCALATION, incident, _listening(incident, now), now)


def tell_end(*, incident: Incident, now: datetime) -> None:
    """Write the recovery notices of an incident that was resolved.

    An alert that was held back and nobody has tried to send is swallowed: there is nothing to hear of any more. One
    that is only late still goes out, and the recovery after it. So whoever got the alert or will get it gets this.
    """
    _swallow(_untried(incident, NotificationKind.ALERT).filter(due_at__gt=now), now)
    _swallow(_untried(incident, NotificationKind.RAISED, NotificationKind.ESCALATION), now)
    heard = incident.notifications.filter(state__in=(NotificationState.PENDING, NotificationState.SENT))
    told = Channel.objects.filter(pk__in=heard.values("channel_id"))
    _write(NotificationKind.RECOVERY, incident, told, now)


def told_already(*, incident: Incident, digests: Collection[str], now: datetime) -> None:
    """Count the alerts to some channels as sent: they heard of it when it could not be written."""
    heard = _untried(incident, NotificationKind.ALERT).filter(channel__digest__in=digests)
    heard.update(state=NotificationState.SENT, claim=1, tries=1, finished_at=now)


def stop_escalation(*, incident: Incident, now: datetime) -> None:
    """Swallow an escalation nobody has tried to send yet: somebody answered."""
    _swallow(_untried(incident, NotificationKind.ESCALATION), now)


def hold(*, incident: Incident, until: datetime) -> None:
    """Put off what nobody has tried to send yet; a recovery is good news and not put off."""
    kinds = (*BEGINNINGS, NotificationKind.ESCALATION)
    _untried(incident, *kinds).filter(due_at__lt=until).update(due_at=until, give_up_at=until + KEPT)


def _listening(incident: Incident, now: datetime) -> list[Channel]:
    return [each for each in channels.listening(now=now) if incident.fingerprint != f"{OF_CHANNEL}{each.pk}"]


def _wants(channel: Channel, incident: Incident) -> bool:
    return incident.severity == Severity.CRITICAL or channel.minimum_severity == Severity.WARNING


def _quiet_until(incident: Incident, now: datetime) -> datetime:
    """Return when the fingerprint may be told of: after its silence, and the cool-down since it was told of last."""
    others = Notification.objects.about(fingerprint=incident.fingerprint).exclude(incident=incident)
    if incident.severity == Severity.CRITICAL:
        others = others.filter(severity=Severity.CRITICAL)
    last = others.exclude(state=NotificationState.SWALLOWED).aggregate(last=Max("give_up_at"))["last"]
    cool = now if last is None else last - KEPT + timedelta(seconds=settings.ALERT_COOLDOWN_SECONDS)
    return max(cool, incident.silenced_until or now)


def _untried(incident: Incident, *kinds: NotificationKind) -> QuerySet[Notification]:
    return incident.notifications.filter(kind__in=kinds, state=NotificationState.PENDING, claim=0)


def _swallow(notifications: QuerySet[Notification], now: datetime) -> None:
    notifications.update(state=NotificationState.SWALLOWED, finished_at=now)


def _write(kind: NotificationKind, incident: Incident, told: Iterable[Channel], due: datetime) -> None:
    rows = [
        Notification(
            incident=incident,
            channel=channel,
            channel_name=channel.name,
            kind=kind,
            severity=incident.severity,
            due_at=due,
            give_up_at=due + KEPT,
        )
        for channel in told
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
