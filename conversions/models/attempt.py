"""What a provider was asked and what it cost."""

from __future__ import annotations

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversions.enums import AttemptState, Payer, Provider
from conversions.models.conversion import Conversion
from newsforge.lib.database import choices, not_negative, one_of


class Attempt(models.Model):
    """One call to a provider: a row before it leaves, and what came of it before anybody judges it."""

    id = models.BigAutoField(primary_key=True)
    conversion = models.ForeignKey(
        Conversion, models.CASCADE, related_name="attempts", verbose_name=_("conversion"), db_index=False
    )
    prompt_hash = models.CharField(_("SHA-256 of the prompt"), max_length=64)
    prompt_version = models.CharField(_("prompt"), max_length=60, default="", db_default="", blank=True)
    provider = models.CharField(_("provider"), max_length=20, choices=choices(Provider))
    model = models.CharField(_("model"), max_length=100, default="", db_default="", blank=True)
    payer = models.CharField(_("paid by"), max_length=10, choices=choices(Payer))
    state = models.CharField(
        _("state"), max_length=10, choices=choices(AttemptState),
        default=AttemptState.OPEN.value, db_default=AttemptState.OPEN.value,
    )  # fmt: skip
    held_usd = models.DecimalField(_("held (USD)"), max_digits=10, decimal_places=6, default=0, db_default=0)
    """What the month's budget sets aside while the call is open."""
    failure_code = models.CharField(_("failure"), max_length=40, default="", db_default="", blank=True)
    error_message = models.TextField(_("what went wrong"), default="", db_default="", blank=True)
    reply = models.JSONField(_("reply"), null=True)
    request_id = models.CharField(_("request id"), max_length=200, default="", db_default="", blank=True)
    input_tokens = models.IntegerField(_("tokens in"), default=0, db_default=0)
    output_tokens = models.IntegerField(_("tokens out"), default=0, db_default=0)
    cache_read_tokens = models.IntegerField(_("tokens from cache"), default=0, db_default=0)
    cache_write_tokens = models.IntegerField(_("tokens to cache"), default=0, db_default=0)
    cost_usd = models.DecimalField(_("cost (USD)"), max_digits=10, decimal_places=6, null=True)
    price_version = models.CharField(_("price list"), max_length=60, default="", db_default="", blank=True)
    latency_ms = models.IntegerField(_("time (ms)"), default=0, db_default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "attempts"
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [
            models.Index(fields=["conversion", "prompt_hash"], name="idx_attempts_conversion_id"),
            models.Index(fields=["-created_at"], name="idx_attempts_created_at"),
            models.Index(fields=["provider", "-created_at"], name="idx_attempts_provider"),
            models.Index(fields=["created_at"], name="idx_attempts_open", condition=models.Q(state="open")),
            models.Index(
                fields=["failure_code", "-created_at"],
                name="idx_attempts_failure",
                condition=~models.Q(failure_code=""),
            ),
            HashIndex(fields=["request_id"], name="idx_attempts_request_id", condition=~models.Q(request_id="")),
            models.Index(
                fields=["provider", "-created_at"], name="idx_attempts_failed", condition=models.Q(state="failed")
            ),
        ]
        constraints = [
            one_of("provider", Provider, "attempts_provider_known"),
            one_of("payer", Payer, "attempts_payer_known"),
            one_of("state", AttemptState, "attempts_state_known"),
            not_negative(
                "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "latency_ms",
                "held_usd", "cost_usd",
                name="attempts_not_negative",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.provider} {self.model} {self.failure_code or 'ok'}"
