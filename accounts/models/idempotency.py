"""Answers kept to be given again."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class IdempotencyRecord(models.Model):
    """The answer a POST with an Idempotency-Key got, kept to be given again."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="idempotency_records", verbose_name=_("user"), db_index=False
    )
    key = models.CharField(_("key"), max_length=255)
    request_hash = models.CharField(max_length=64)
    """SHA-256 over method, path and body: the same key with another request is refused."""
    locked_until = models.DateTimeField(null=True)
    """While the first request runs; afterwards a dead one's key may be taken over."""
    status_code = models.PositiveSmallIntegerField(_("status"), null=True)
    headers = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    body = models.TextField(default="", db_default="", blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "idempotency_records"
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        indexes = [models.Index(fields=["created_at"], name="idx_idempotency_created_at")]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_records_one_per_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.status_code or 'running'}"
