"""Where a customer is told, and each telling."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversions.enums import DeliveryState
from conversions.models.conversion import Conversion
from newsforge.lib.database import choices, not_negative, one_of


class WebhookEndpoint(models.Model):
    """An address of the customer's that is told when conversions end (Standard Webhooks 1.0)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhook_endpoints", verbose_name=_("user"),
        db_index=False,
    )  # fmt: skip
    url = models.TextField(_("address"))
    description = models.CharField(_("description"), max_length=200, default="", db_default="", blank=True)
    encrypted_secret = models.TextField(editable=False)
    previous_secret = models.TextField(default="", db_default="", blank=True, editable=False)
    """The encrypted secret before the last rotation; signs too until ``previous_until``."""
    previous_until = models.DateTimeField(_("old secret until"), null=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    disabled_reason = models.CharField(
        _("why disabled"), max_length=300, default="", db_default="", blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)

    sealed_columns: ClassVar = ("encrypted_secret", "previous_secret")

    class Meta:
        db_table = "webhook_endpoints"
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        indexes = [models.Index(fields=["user"], name="idx_webhook_endpoints_user_id")]

    def __str__(self) -> str:
        return self.url

    @property
    def sealed_for(self) -> str:
        """Return the one place its secrets open in: this row, while it is the same owner's."""
        return f"{self._meta.db_table}:{self.pk}:{self.user_id}"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Who has a delivery, and whose time has come."""

    def waiting(self, *, now: datetime) -> Self:
        """Return those that are not at their end and that no living worker has."""
        unclaimed = models.Q(lease_until=None) | models.Q(lease_until__lte=now)
        return self.filter(unclaimed, state=DeliveryState.PENDING)

    def due(self, *, now: datetime) -> Self:
        """Return those that may be sent now."""
        return self.waiting(now=now).filter(next_try_at__lte=now)


class WebhookDelivery(models.Model):
    """One message to one endpoint, until it is delivered or given up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", verbose_name=_("endpoint"), db_index=False
    )
    conversion = models.ForeignKey(
        Conversion, models.SET_NULL, null=True, related_name="deliveries", verbose_name=_("conversion")
    )
    event = models.CharField(_("event"), max_length=60)
    payload = models.JSONField(_("payload"))
    state = models.CharField(
        _("state"), max_length=10, choices=choices(DeliveryState),
        default=DeliveryState.PENDING.value, db_default=DeliveryState.PENDING.value,
    )  # fmt: skip
    tries = models.IntegerField(_("tries"), default=0, db_default=0)
    claim = models.IntegerField(_("claim"), default=0, db_default=0, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now, db_default=Now())
    last_status = models.IntegerField(_("last answer"), null=True)
    last_error = models.TextField(_("last error"), default="", db_default="", blank=True)
    last_ms = models.IntegerField(_("last time (ms)"), null=True)
    replay_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="replays", verbose_name=_("replay of"), db_index=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        db_table = "webhook_deliveries"
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            models.Index(fields=["endpoint", "-created_at"], name="idx_webhook_deliveries_endp"),
            models.Index(fields=["-created_at"], name="idx_webhook_deliveries_when"),
            models.Index(fields=["event", "-created_at"], name="idx_webhook_deliveries_event"),
            models.Index(
                fields=["next_try_at"], name="idx_webhook_deliveries_due", condition=models.Q(state="pending")
            ),
        ]
        constraints = [
            one_of("state", DeliveryState, "webhook_deliveries_state_known"),
            not_negative("tries", "claim", "last_ms", "last_status", name="webhook_deliveries_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.state}"

    @property
    def message_id(self) -> str:
        """Return the ``webhook-id``: a replay has that of what it replays, so that receivers see the same event."""
        return str(self.replay_of_id or self.pk)
