"""What a notification says, in the installation's language; written anew for each try, so that it is true when sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from monitoring.channels import Look, Message
from monitoring.enums import NotificationKind, NotificationState, Severity
from monitoring.models import Incident, Notification
from newsforge.lib.retelling import retold

TITLES = {
    NotificationKind.ALERT: gettext_noop("[%(severity)s] %(summary)s"),
    NotificationKind.RAISED: gettext_noop("[now %(severity)s] %(summary)s"),
    NotificationKind.ESCALATION: gettext_noop("[nobody answers] %(summary)s"),
    NotificationKind.RECOVERY: gettext_noop("[resolved] %(summary)s"),
}

MOST_LINES = 50
"""Of a digest; the admin has all."""

LONGEST_VALUE = 200
NOT_TOLD = frozenset({"channel_id"})
"""Details that say nothing to a person."""


def render(*, notification: Notification, may_be_repeat: bool, now: datetime) -> Message:
    """Return the message; ``may_be_repeat`` says that an earlier try may have arrived."""
    with translation.override(settings.LANGUAGE_CODE):
        incident = notification.incident
        message = _digest(notification, now) if incident is None else _about(notification, incident, now)
        if not may_be_repeat:
            return message
        note = _("This may be a repeat: an earlier try was cut off, and may have arrived.")
        return replace(message, text=f"{message.text}\n{note}")


def without_row(*, incident: Incident, key: str, now: datetime) -> Message:
    """Return the alert of an incident that cannot be written yet; nothing is read for it."""
    with translation.override(settings.LANGUAGE_CODE):
        text = _("It cannot be looked at in the admin before the database is back.")
        message = _message(NotificationKind.ALERT, incident, key, f"{retold(incident.summary)}\n{text}", now)
        return replace(message, link=settings.SITE_URL)


def test_message(*, key: str, now: datetime) -> Message:
    """Return a message that means nothing."""
    title = _("A test from NewsForge")
    text = _("This is a test. Nothing is wrong, and nothing is to be done.")
    return Message(key=key, thread=key, look=Look.PLAIN, title=title, text=text, at=now, facts={"type": "test"})


def duration(*, span: timedelta) -> str:
    """Return a span in words of the active language, from seconds to days; two units at most."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = seconds // 60
    if minutes < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if minutes < 48 * 60:
        return _("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    return _("%(days)d d %(hours)d h") % {"days": minutes // 1440, "hours": minutes % 1440 // 60}


def _about(notification: Notification, incident: Incident, now: datetime) -> Message:
    lines = _lines(notification, incident)
    return _message(NotificationKind(notification.kind), incident, str(notification.pk), "\n".join(lines), now)


def _message(kind: NotificationKind, incident: Incident, key: str, text: str, now: datetime) -> Message:
    title = _(TITLES[kind]) % {"severity": _(incident.severity), "summary": retold(incident.summary)}
    return Message(
        key=key,
        thread=str(incident.pk),
        look=_look(kind, incident),
        title=title,
        text=text,
        fields=_fields(incident),
        link=settings.SITE_URL + reverse("admin:monitoring_incident_change", args=[incident.pk]),
        at=now,
        facts={
            "type": kind.value,
            "incident": {
                "id": str(incident.pk),
                "kind": incident.kind,
                "fingerprint": incident.fingerprint,
                "severity": incident.severity,
                "summary": incident.summary,
                "opened_at": incident.opened_at.isoformat(),
                "resolved_at": incident.resolved_at.isoformat() if incident.resolved_at else None,
                "details": incident.details,
            },
        },
    )


def _look(kind: NotificationKind, incident: Incident) -> Look:
    if kind == NotificationKind.RECOVERY:
        return Look.RECOVERED
    return Look.CRITICAL if incident.severity == Severity.CRITICAL else Look.WARNING


def _lines(notification: Notification, incident: Incident) -> list[str]:
    lines = [retold(incident.summary)]
    if notification.kind == NotificationKind.RECOVERY and incident.resolved_at:
        span = duration(span=incident.resolved_at - incident.opened_at)
        lines.append(_("Resolved after %(span)s.") % {"span": span})
        return [*lines, *([retold(incident.resolution)] if incident.resolution else [])]
    if incident.resolved_at:
        lines.append(_("It is resolved by now; this message is late, and the next one says when."))
    if notification.kind == NotificationKind.ESCALATION:
        lines.append(_("Nobody has acknowledged it. Open the page below and say that you look after it."))
    swallowed = _swallowed(notification, incident)
    if swallowed:
        text = ngettext(
            "It came and went %(count)d time since the last message, which was not told.",
            "It came and went %(count)d times since the last message, which was not told.",
            swallowed,
        )
        lines.append(text % {"count": swallowed})
    return lines


def _fields(incident: Incident) -> tuple[tuple[str, str], ...]:
    details = {name: value for name, value in incident.details.items() if name not in NOT_TOLD}
    told = [(name.replace("_", " "), _value(value)) for name, value in details.items()]
    opened = (_("opened"), _time(incident.opened_at))
    resolved = [(_("resolved"), _time(incident.resolved_at))] if incident.resolved_at else []
    return ((_("kind"), _(incident.kind)), opened, *resolved, *told)


def _swallowed(notification: Notification, incident: Incident) -> int:
    """Count what was swallowed on this channel since it was told of the fingerprint last."""
    others = Notification.objects.about(fingerprint=incident.fingerprint).filter(
        channel=notification.channel, created_at__lt=notification.created_at
    )
    told = others.filter(state=NotificationState.SENT).order_by("-created_at").values_list("created_at", flat=True)
    swallowed = others.filter(state=NotificationState.SWALLOWED, kind=NotificationKind.ALERT)
    last = told.first()
    return (swallowed if last is None else swallowed.filter(created_at__gt=last)).count()


def of_digest(*, notification: Notification) -> list[Incident]:
    """Return what a digest tells: warnings of the span between the digest before and this one, and those still open."""
    if notification.day is None or notification.channel is None:
        return []
    end = digest_time(day=notification.day)
    before = notification.channel.notifications.filter(day__lt=notification.day, day__gte=notification.day - _LONGEST)
    last = before.order_by("-day").values_list("day", flat=True).first()
    begin = digest_time(day=last or notification.day - timedelta(days=1))
    swallowed = Notification.objects.filter(
        channel=notification.channel,
        state=NotificationState.SWALLOWED,
        kind=NotificationKind.ALERT,
        created_at__gte=begin,
        created_at__lt=end,
    )
    lasting = Q(resolved_at=None) | Q(resolved_at__gte=begin)
    quiet = Q(severity=Severity.WARNING, opened_at__lt=end) & lasting
    return list(Incident.objects.filter(quiet | Q(pk__in=swallowed.values("incident"))).order_by("opened_at"))


_LONGEST = timedelta(days=7)
"""How far a digest looks back when none was made for a while."""


def digest_time(*, day: date) -> datetime:
    """Return when the digest of a day is due."""
    zone = timezone.get_default_timezone()
    return datetime(day.year, day.month, day.day, settings.ALERT_DIGEST_HOUR, tzinfo=zone)


def _digest(notification: Notification, now: datetime) -> Message:
    incidents = of_digest(notification=notification)
    count = len(incidents)
    title = ngettext("[digest] %(count)d warning", "[digest] %(count)d warnings", count) % {"count": count}
    lines = [_line(incident) for incident in incidents[:MOST_LINES]]
    if count > MOST_LINES:
        lines.append(_("… and %(count)d more") % {"count": count - MOST_LINES})
    key = str(notification.pk)
    return Message(
        key=key,
        thread=key,
        look=Look.PLAIN,
        title=title,
        text="\n".join(lines),
        link=settings.SITE_URL + reverse("admin:monitoring_incident_changelist"),
        at=now,
        facts={"type": NotificationKind.DIGEST.value, "day": str(notification.day), "incidents": count},
    )


def _line(incident: Incident) -> str:
    if incident.resolved_at is None:
        state = _("still open")
    else:
        state = _("lasted %(span)s") % {"span": duration(span=incident.resolved_at - incident.opened_at)}
    return f"{_time(incident.opened_at)}  {retold(incident.summary)} ({state})"


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:LONGEST_VALUE]


def _time(moment: datetime) -> str:
    return f"{timezone.localtime(moment, timezone.get_default_timezone()):%Y-%m-%d %H:%M:%S %Z}"
