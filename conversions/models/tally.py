"""What each hour came to, counted once it is over, so that nobody has to read a month's rows to sum them up."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from newsforge.lib.database import not_negative


class HourlyTally(models.Model):
    """How many of the conversions asked for within one hour stand how."""

    id = models.BigAutoField(primary_key=True)
    hour = models.DateTimeField(_("hour"))
    platform = models.CharField(_("platform"), max_length=20)
    provider = models.CharField(_("provider"), max_length=20, default="", db_default="", blank=True)
    """Who wrote; else who was asked for, empty when that was nobody in particular."""
    status = models.CharField(_("status"), max_length=10)
    failure_code = models.CharField(_("failure"), max_length=40, default="", db_default="", blank=True)
    count = models.IntegerField(_("conversions"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        db_table = "hourly_tallies"
        verbose_name = _("hour's conversions")
        verbose_name_plural = _("conversions by hour")
        indexes = [models.Index(fields=["counted_at"], name="idx_hourly_tallies_counted")]
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "platform", "provider", "status", "failure_code"], name="hourly_tallies_one_each"
            ),
            not_negative("count", name="hourly_tallies_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.platform} {self.status} {self.count}"


class HourlySpend(models.Model):
    """What the calls to one model that left within one hour came to."""

    id = models.BigAutoField(primary_key=True)
    hour = models.DateTimeField(_("hour"))
    provider = models.CharField(_("provider"), max_length=20)
    model = models.CharField(_("model"), max_length=100, default="", db_default="", blank=True)
    payer = models.CharField(_("paid by"), max_length=10)
    calls = models.IntegerField(_("calls"))
    failed = models.IntegerField(_("failed"))
    input_tokens = models.BigIntegerField(_("tokens in"))
    output_tokens = models.BigIntegerField(_("tokens out"))
    cost_usd = models.DecimalField(_("cost (USD)"), max_digits=14, decimal_places=6)
    unpriced = models.IntegerField(_("calls of unknown cost"))
    """They are not in the cost."""
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        db_table = "hourly_spends"
        verbose_name = _("hour's spend")
        verbose_name_plural = _("spend by hour")
        indexes = [models.Index(fields=["counted_at"], name="idx_hourly_spends_counted")]
        constraints = [
            models.UniqueConstraint(fields=["hour", "provider", "model", "payer"], name="hourly_spends_one_each"),
            not_negative(
                "calls", "failed", "input_tokens", "output_tokens", "cost_usd", "unpriced",
                name="hourly_spends_not_negative",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.provider} {self.model} {self.cost_usd}"
