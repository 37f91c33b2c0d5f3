"""Keys to our own door."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class AccessToken(models.Model):
    """A client's token ``nf_<public id>_<secret>``; only the SHA-256 of the secret is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="access_tokens", verbose_name=_("user"), db_index=False)
    name = models.CharField(_("name"), max_length=100)
    public_id = models.CharField(_("public id"), max_length=16, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        db_table = "access_tokens"
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        indexes = [
            models.Index(fields=["user", "-created_at"], name="idx_access_tokens_user_id"),
            models.Index(fields=["-created_at"], name="idx_access_tokens_created_at"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (nf_{self.public_id}_…)"

    def is_valid(self, *, now: Any) -> bool:
        """Tell whether the token opens the door at this time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
