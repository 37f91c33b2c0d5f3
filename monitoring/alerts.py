"""Sending what the outbox holds: claim, hand over, send with no transaction open, mark.

A claim is a test-and-set that raises the row's fencing token; only the holder of the newest may hand over and mark.
Handing over is the last look before the wire: a sender whose lease ran out while it slept sends nothing.

A sender killed before it handed over leaves a lease that runs out, and nothing is lost. One killed after, or cut off
before the far side answered, leaves it unknown whether the message arrived. A lost alert is worse than one that comes
twice, so it is sent again: as the same message (Message-ID of a mail, ``idempotency-key`` and ``webhook-id`` of a
POST), which a mailbox or program that looks at them takes for one, and with a line that says so. What cannot be
excluded: a far side that knows no such thing, Slack among them, shows a message twice when its sender was killed in
the milliseconds between the far side's answer and our mark.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from monitoring import channels, digests, incidents, outbox, wording
from monitoring.channels import Message, SendingFailed
from monitoring.channels.store import LONGEST_ERROR
from monitoring.enums import IncidentKind, NotificationKind, NotificationState, Severity
from monitoring.models import Channel, Incident, Notification
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.sentences import stored

UNREACHED = stored("Alerts do not reach the channel %(name)s.")
TAKEN = stored("A message was taken.")
DELETED = stored("The channel was deleted.")
SWITCHED_OFF = stored("Nobody sent it within a day: the channel is switched off.")

LEASE = timedelta(seconds=60)
"""How long a notification is out of reach: the slowest send (30 s: a look-up and Apprise) twice over."""

BUDGET = 20.0
"""Seconds after which one call takes no further notification: whoever calls has other work."""

BACK_OFF = tuple(timedelta(seconds=each) for each in (30, 60, 120, 300, 600, 900, 1800))
"""Waits between tries; the last stays: some fifty tries in the day a message is kept."""

PATIENCE = timedelta(minutes=30)
"""How long a channel may fail until the others are told of it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Clock:
    """Time as the caller gave it, and what has passed since."""

    given: datetime
    started: float = field(default_factory=time.monotonic)

    @property
    def passed(self) -> float:
        return time.monotonic() - self.started

    @property
    def now(self) -> datetime:
        return self.given + timedelta(seconds=self.passed)


def send_due(*, now: datetime) -> int:
    """Write escalations and digests whose time has come, send what is due, and return how many were sent.

    May run in several processes at once. A channel that fails is left alone until the next call, so that one that
    never answers does not hold up the others. Ends within ``BUDGET`` and one send.
    """
    escalate(now=now)
    digests.write(now=now)
    _give_up(now)
    clock, sent = _Clock(now), 0
    resting: set[UUID] = set()
    while clock.passed < BUDGET:
        claimed = _claim(clock.now, resting)
        if claimed is None:
            break
        notification, message = claimed
        if _send(notification, message, clock):
            sent += 1
        elif notification.channel_id:
            resting.add(notification.channel_id)
    return sent


def send_test(*, channel: Channel, now: datetime) -> None:
    """Send a channel a message that means nothing, at once, and keep what came of it in its row.

    :raises NewsforgeError: if nobody said that it was taken.
    """
    channels.send(channel=channel, message=wording.test_message(key=str(uuid.uuid4()), now=now), now=now)


def escalate(*, now: datetime) -> int:
    """Write the escalations of critical incidents nobody acknowledged in time; return of how many, each once."""
    if not settings.ALERT_ESCALATE_SECONDS:
        return 0
    held = Notification.objects.filter(
        incident=OuterRef("pk"), kind__in=outbox.BEGINNINGS, state=NotificationState.PENDING, claim=0, due_at__gt=now
    )
    since = now - timedelta(seconds=settings.ALERT_ESCALATE_SECONDS)
    open_ones = Incident.objects.filter(resolved_at=None, acknowledged_at=None, escalated_at=None)
    late = open_ones.filter(~Exists(held), critical_since__lte=since).exclude(silenced_until__gt=now)
    count = 0
    for incident in late:
        with transaction.atomic():
            if open_ones.filter(pk=incident.pk).update(escalated_at=now):
                outbox.tell_nobody_answers(incident=incident, now=now)
                count += 1
    return count


def _claim(now: datetime, resting: set[UUID]) -> tuple[Notification, Message] | None:
    """Take the notification that is due longest; a recovery waits for the messages of its incident before it."""
    before = Notification.objects.filter(
        incident=OuterRef("incident"), channel=OuterRef("channel"), state=NotificationState.PENDING
    ).exclude(kind=NotificationKind.RECOVERY)
    too_early = Q(kind=NotificationKind.RECOVERY) & Exists(before)
    due = Notification.objects.waiting(now=now).filter(due_at__lte=now, channel__is_enabled=True)
    with transaction.atomic():
        notification = (
            due.exclude(too_early)
            .exclude(channel__in=resting)
            .select_related("channel", "incident")
            .select_for_update(skip_locked=True, no_key=True, of=("self",))
            .order_by("due_at", "created_at")
            .first()
        )
        if notification is None:
            return None
        may_be_repeat = notification.handed_over_at is not None
        message = wording.render(notification=notification, may_be_repeat=may_be_repeat, now=now)
        said = {"title": message.title, "text": message.plain}
        mine = Notification.objects.filter(pk=notification.pk)
        mine.update(claim=F("claim") + 1, tries=F("tries") + 1, lease_until=now + LEASE, message=said)
    notification.claim, notification.tries = notification.claim + 1, notification.tries + 1
    return notification, message


def _send(notification: Notification, message: Message, clock: _Clock) -> bool:
    """Send it once and mark what came of it; tell whether it was taken."""
    held = Notification.objects.filter(
        pk=notification.pk, claim=notification.claim, state=NotificationState.PENDING, lease_until__gt=clock.now
    )
    channel = notification.channel
    if channel is None or not held.update(handed_over_at=clock.now):
        return False
    try:
        channels.send(channel=channel, message=message, now=clock.now)
    except NewsforgeError as failure:
        log.warning("alert_not_sent", notification_id=str(notification.pk), channel=channel.name, code=failure.code)
        _mark_failed(notification, channel, failure, clock.now)
        return False
    ours = Notification.objects.filter(pk=notification.pk, claim=notification.claim, state=NotificationState.PENDING)
    ours.update(
        state=NotificationState.SENT, finished_at=clock.now, lease_until=None, handed_over_at=None, last_error=""
    )
    if channel.last_error:
        incidents.resolve(fingerprint=f"{outbox.OF_CHANNEL}{channel.pk}", now=clock.now, how=TAKEN)
    return True


def _mark_failed(notification: Notification, channel: Channel, failure: NewsforgeError, now: datetime) -> None:
    """Put it off; tell the other channels of one that fails for long."""
    ours = Notification.objects.filter(pk=notification.pk, claim=notification.claim, state=NotificationState.PENDING)
    is_unsure = isinstance(failure, SendingFailed) and failure.is_unsure
    asked = timedelta(seconds=getattr(failure, "retry_after", None) or 0)
    again = now + max(BACK_OFF[min(notification.tries, len(BACK_OFF)) - 1], asked)
    ours.update(
        due_at=again,
        lease_until=None,
        handed_over_at=now if is_unsure else None,
        last_error=failure.detail[:LONGEST_ERROR],
    )
    if now >= notification.give_up_at - outbox.KEPT + PATIENCE:
        incidents.report(
            kind=IncidentKind.ALERTS,
            fingerprint=f"{outbox.OF_CHANNEL}{channel.pk}",
            severity=Severity.CRITICAL,
            summary=UNREACHED % {"name": channel.name},
            details={"error": failure.title},
            now=now,
        )


def _give_up(now: datetime) -> None:
    """End what was kept for a day, and what has no channel any more; the end of what nobody heard of is not told."""
    waiting = Notification.objects.waiting(now=now)
    over = {"state": NotificationState.FAILED, "finished_at": now, "lease_until": None}
    waiting.filter(channel=None).update(**over, last_error=DELETED)
    late = waiting.filter(give_up_at__lte=now)
    late.filter(last_error="").update(**over, last_error=SWITCHED_OFF)
    late.update(**over)
    unheard = Notification.objects.filter(
        incident=OuterRef("incident"), channel=OuterRef("channel"), state=NotificationState.FAILED
    ).exclude(kind=NotificationKind.RECOVERY)
    heard = Notification.objects.filter(
        incident=OuterRef("incident"),
        channel=OuterRef("channel"),
        state__in=(NotificationState.SENT, NotificationState.PENDING),
    ).exclude(kind=NotificationKind.RECOVERY)
    recoveries = waiting.filter(Exists(unheard), ~Exists(heard), kind=NotificationKind.RECOVERY)
    recoveries.update(state=NotificationState.SWALLOWED, finished_at=now)
