"""Keys at the providers."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import KeyProvider, KeyStatus
from accounts.models.user import User
from newsforge.lib.database import choices, not_negative, one_of


class ApiKey(models.Model):
    """A user's own key at a provider; only its ciphertext is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys", verbose_name=_("user"), db_index=False)
    key_name = models.CharField(_("name"), max_length=100)
    provider = models.CharField(_("provider"), max_length=20, choices=choices(KeyProvider))
    encrypted_key = models.TextField(_("encrypted key"), editable=False)
    prefix = models.CharField(_("prefix"), max_length=12, default="", db_default="", editable=False)
    last_four = models.CharField(_("last four"), max_length=4, default="", db_default="", editable=False)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, default="", db_default="", editable=False)
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    status = models.CharField(
        _("status"), max_length=20, choices=choices(KeyStatus),
        default=KeyStatus.OK.value, db_default=KeyStatus.OK.value, editable=False,
    )  # fmt: skip
    status_reason = models.CharField(
        _("what is wrong"), max_length=40, default="", db_default="", blank=True, editable=False
    )
    """The code of the failure, as ``bad-key`` or ``key-unreadable``; empty while nothing is known to be wrong."""
    status_since = models.DateTimeField(_("wrong since"), null=True, editable=False)
    accepted_at = models.DateTimeField(_("last accepted"), null=True, editable=False)
    """When the provider last took the key, in a test or a call; empty for one never tried."""
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    last_used = models.DateTimeField(_("last used"), null=True, editable=False)
    usage_count = models.BigIntegerField(_("used"), default=0, db_default=0, editable=False)

    sealed_columns: ClassVar = ("encrypted_key",)

    class Meta:
        db_table = "api_keys"
        verbose_name = _("provider key")
        verbose_name_plural = _("provider keys")
        indexes = [
            models.Index(fields=["user"], name="idx_api_keys_user_id"),
            models.Index(
                fields=["status_since"], name="idx_api_keys_attention", condition=models.Q(status="needs_attention")
            ),
        ]
        constraints = [
            one_of("status", KeyStatus, "api_keys_status_known"),
            models.CheckConstraint(
                name="api_keys_reason_matches_status",
                condition=(
                    models.Q(status="ok", status_reason="", status_since=None)
                    | (models.Q(status="needs_attention", status_since__isnull=False) & ~models.Q(status_reason=""))
                ),
            ),
            one_of("provider", KeyProvider, "api_keys_provider_known"),
            not_negative("usage_count", name="api_keys_usage_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.key_name} ({self.provider} {self.prefix}…{self.last_four})"

    @property
    def sealed_for(self) -> str:
        """Return the one place its ciphertext opens in: this row, while it is the same owner's at the same provider."""
        return f"{self._meta.db_table}:{self.pk}:{self.user_id}:{self.provider}"
