"""What went wrong, from when to when, and who was told."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring.enums import IncidentKind, NotificationKind, NotificationState, Severity
from monitoring.models.channel import Channel
from newsforge.lib.database import choices, not_negative, one_of
from newsforge.lib.retelling import retold


class Incident(models.Model):
    """One thing that is wrong, while it is; at most one is open for a fingerprint."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=choices(IncidentKind))
    fingerprint = models.CharField(_("fingerprint"), max_length=200)
    severity = models.CharField(_("severity"), max_length=10, choices=choices(Severity))
    summary = models.CharField(_("summary"), max_length=500)
    details = models.JSONField(_("details"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now, db_default=Now())
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now, db_default=Now())
    times_seen = models.IntegerField(_("times seen"), default=1, db_default=1)
    critical_since = models.DateTimeField(_("critical since"), null=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.CharField(_("acknowledged by"), max_length=254, default="", db_default="", blank=True)
    silenced_until = models.DateTimeField(_("silenced until"), null=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    resolution = models.CharField(_("how it was resolved"), max_length=300, default="", db_default="", blank=True)
    journal = models.JSONField(_("journal"), default=list, db_default=models.Value([], models.JSONField()), blank=True)
    """What people did: ``{"at": ISO 8601, "actor": …, "did": …, "text": …}``, oldest first."""

    class Meta:
        db_table = "incidents"
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        indexes = [
            models.Index(fields=["fingerprint", "-opened_at"], name="idx_incidents_fingerprint"),
            models.Index(fields=["-opened_at"], name="idx_incidents_opened"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=models.Q(resolved_at=None), name="incidents_one_open"
            ),
            one_of("kind", IncidentKind, "incidents_kind_known"),
            one_of("severity", Severity, "incidents_severity_known"),
            not_negative("times_seen", name="incidents_times_not_negative"),
            models.CheckConstraint(
                name="incidents_critical_since",
                condition=models.Q(severity="critical", critical_since__isnull=False)
                | models.Q(severity="warning", critical_since=None),
            ),
        ]

    def __str__(self) -> str:
        return retold(self.summary)

    def is_silenced(self, *, now: datetime) -> bool:
        """Return whether somebody asked not to hear of it yet."""
        return self.silenced_until is not None and self.silenced_until > now


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Whose time has come."""

    def waiting(self, *, now: datetime) -> Self:
        """Return those that are not at their end and that no living sender has."""
        unclaimed = models.Q(lease_until=None) | models.Q(lease_until__lte=now)
        return self.filter(unclaimed, state=NotificationState.PENDING)

    def about(self, *, fingerprint: str) -> Self:
        """Return the alerts of all incidents of a fingerprint, those that people were told of as it began or rose."""
        kinds = (NotificationKind.ALERT, NotificationKind.RAISED)
        return self.filter(incident__fingerprint=fingerprint, kind__in=kinds)


class Notification(models.Model):
    """One message to one channel, until it is sent, given up, or swallowed on purpose."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    """Also its Message-ID and idempotency key: a message sent again is the same message."""
    incident = models.ForeignKey(
        Incident, models.CASCADE, null=True, related_name="notifications", verbose_name=_("incident"), db_index=False
    )
    """Empty for a digest."""
    channel = models.ForeignKey(
        Channel, models.SET_NULL, null=True, related_name="notifications", verbose_name=_("channel")
    )
    channel_name = models.CharField(_("channel's name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=choices(NotificationKind))
    severity = models.CharField(_("severity"), max_length=10, choices=choices(Severity))
    day = models.DateField(_("day"), null=True)
    """Of a digest."""
    state = models.CharField(
        _("state"), max_length=10, choices=choices(NotificationState),
        default=NotificationState.PENDING.value, db_default=NotificationState.PENDING.value,
    )  # fmt: skip
    tries = models.IntegerField(_("tries"), default=0, db_default=0)
    claim = models.IntegerField(_("claim"), default=0, db_default=0, editable=False)
    """The fencing token: only the sender who holds the newest may send and mark."""
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    handed_over_at = models.DateTimeField(_("handed over"), null=True, editable=False)
    """When it last went to the far side without an answer; empty again once there was one."""
    due_at = models.DateTimeField(_("next try"))
    give_up_at = models.DateTimeField(_("given up"))
    last_error = models.CharField(_("last error"), max_length=300, default="", db_default="", blank=True)
    message = models.JSONField(_("message"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    """As it was sent last; empty before."""
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "notifications"
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["due_at"], name="idx_notifications_due", condition=models.Q(state="pending")),
            models.Index(fields=["-created_at"], name="idx_notifications_created"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "channel", "kind"], name="notifications_once_each"),
            models.UniqueConstraint(fields=["channel", "day"], name="notifications_one_digest_a_day"),
            models.CheckConstraint(
                name="notifications_digest_or_incident",
                condition=models.Q(kind="digest", incident=None, day__isnull=False)
                | (models.Q(incident__isnull=False, day=None) & ~models.Q(kind="digest")),
            ),
            one_of("kind", NotificationKind, "notifications_kind_known"),
            one_of("state", NotificationState, "notifications_state_known"),
            one_of("severity", Severity, "notifications_severity_known"),
            not_negative("tries", "claim", name="notifications_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
