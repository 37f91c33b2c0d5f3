"""One digest a day for each channel that is not told of warnings at once."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from monitoring import channels, outbox, wording
from monitoring.enums import NotificationKind, NotificationState, Severity
from monitoring.models import Channel, Notification


def write(*, now: datetime) -> int:
    """Write today's digests once it is time, and return how many have something to say.

    The row of a channel and a day is unique, so that there is one a day however many processes write it. A day on
    which nothing is to be told has its row too, swallowed: what comes later that day is tomorrow's.
    """
    day = timezone.localtime(now, timezone.get_default_timezone()).date()
    begun = wording.digest_time(day=day)
    if now < begun:
        return 0
    done = Notification.objects.filter(day=day).values_list("channel_id", flat=True)
    readers = [each for each in channels.listening(now=now) if _reads(each, begun)]
    return sum(_write(channel, day, now) for channel in readers if channel.pk not in set(done))


def _reads(channel: Channel, begun: datetime) -> bool:
    quiet = channel.minimum_severity == Severity.CRITICAL and not channel.is_last_resort
    return quiet and channel.created_at < begun


def _write(channel: Channel, day: date, now: datetime) -> bool:
    row = Notification(
        channel=channel,
        channel_name=channel.name,
        kind=NotificationKind.DIGEST,
        severity=Severity.WARNING,
        day=day,
        due_at=now,
        give_up_at=now + outbox.KEPT,
    )
    has_news = bool(wording.of_digest(notification=row))
    if not has_news:
        row.state, row.finished_at = NotificationState.SWALLOWED, now
    Notification.objects.bulk_create([row], ignore_conflicts=True)
    return has_news
