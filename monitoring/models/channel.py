"""Where alerts go."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring.enums import ChannelSource, Severity
from newsforge.lib.database import choices, one_of


class Channel(models.Model):
    """One place people read: its address is a secret, sealed to this row, or kept in the environment alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    name = models.CharField(_("name"), max_length=100)
    source = models.CharField(
        _("source"), max_length=12, choices=choices(ChannelSource),
        default=ChannelSource.ADMIN.value, db_default=ChannelSource.ADMIN.value, editable=False,
    )  # fmt: skip
    sealed_url = models.TextField(_("sealed address"), default="", db_default="", editable=False)
    """The address under the key ring; empty for one of the environment."""
    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    """HMAC-SHA-256 of the address under SECRET_KEY: the same address is not told twice."""
    shown = models.CharField(_("address"), max_length=300, default="", db_default="", editable=False)
    """The address without what is secret in it."""
    minimum_severity = models.CharField(
        _("told at once from"), max_length=10, choices=choices(Severity),
        default=Severity.CRITICAL.value, db_default=Severity.CRITICAL.value,
    )  # fmt: skip
    is_last_resort = models.BooleanField(_("last resort"), default=False, db_default=False)
    """Told only of what nobody acknowledged in time, and of its end."""
    is_enabled = models.BooleanField(_("enabled"), default=True, db_default=True)
    last_error = models.CharField(
        _("last error"), max_length=300, default="", db_default="", blank=True, editable=False
    )
    last_error_at = models.DateTimeField(_("last error at"), null=True, editable=False)
    last_sent_at = models.DateTimeField(_("last sent"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)

    sealed_columns: ClassVar = ("sealed_url",)

    class Meta:
        db_table = "alert_channels"
        verbose_name = _("alert channel")
        verbose_name_plural = _("alert channels")
        constraints = [
            one_of("source", ChannelSource, "alert_channels_source_known"),
            one_of("minimum_severity", Severity, "alert_channels_severity_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sealed_for(self) -> str:
        """Return the one place its address opens in: this row."""
        return f"{self._meta.db_table}:{self.pk}"
