"""How much: what was granted, every movement of the counter, and what a month has cost."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import QuotaKind
from accounts.models.user import User
from newsforge.lib.database import choices, not_negative, one_of


class QuotaGrant(models.Model):
    """Extra conversions a day until a moment; it ends by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="quota_grants", verbose_name=_("user"), db_index=False)
    extra_daily = models.PositiveIntegerField(_("extra a day"))
    starts_at = models.DateTimeField(_("starts"), default=timezone.now, db_default=Now())
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=300)
    granted_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("granted by"),
        db_index=False,
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "quota_grants"
        verbose_name = _("quota grant")
        verbose_name_plural = _("quota grants")
        indexes = [
            models.Index(fields=["user", "ends_at"], name="idx_quota_grants_user_id"),
            models.Index(fields=["-ends_at"], name="idx_quota_grants_ends_at"),
        ]
        constraints = [
            models.CheckConstraint(
                name="quota_grants_ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.extra_daily} until {self.ends_at:%Y-%m-%d}"


class QuotaEntry(models.Model):
    """One line of the ledger: how much the counter moved, why, and by whose doing. Never changed, only added."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="quota_entries", verbose_name=_("user"), db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=choices(QuotaKind))
    units = models.IntegerField(_("units"))
    """How much ``api_quota_used`` moved: positive takes, negative gives back, 0 only records."""
    conversion_id = models.UUIDField(_("conversion"), null=True)
    run = models.PositiveSmallIntegerField(_("run"), default=1, db_default=1)
    """Which run of the conversion: a retry from the door reserves anew and may end anew."""
    actor = models.CharField(_("actor"), max_length=254, default="system", db_default="system")
    reason = models.CharField(_("reason"), max_length=300, default="", db_default="", blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "quota_entries"
        verbose_name = _("quota entry")
        verbose_name_plural = _("quota entries")
        indexes = [
            models.Index(fields=["user", "-id"], name="idx_quota_entries_user_id"),
            models.Index(fields=["conversion_id"], name="idx_quota_entries_conversion"),
            models.Index(
                fields=["kind", "-id"],
                name="idx_quota_entries_seldom",
                condition=models.Q(kind__in=["release", "grant", "adjust"]),
            ),
        ]
        constraints = [
            one_of("kind", QuotaKind, "quota_entries_kind_known"),
            models.UniqueConstraint(
                fields=["conversion_id", "run"], name="quota_entries_one_end_per_run",
                condition=models.Q(kind__in=["release", "settle"]),
            ),
            models.CheckConstraint(
                name="quota_entries_units_match_kind",
                condition=(
                    models.Q(kind="reserve", units__gt=0)
                    | models.Q(kind="release", units__lte=0)
                    | models.Q(kind="settle", units=0)
                    | models.Q(kind__in=["reset", "grant", "adjust"])
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.units:+d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the line; a written line stays.

        :raises TypeError: if the line exists already.
        """
        if not self._state.adding:
            msg = "A ledger line is never changed; add another."
            raise TypeError(msg)
        super().save(*args, **kwargs)


class MonthlySpend(models.Model):
    """What one month's calls to providers have cost and what open calls set aside; no user: the operator's keys."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="monthly_spends", verbose_name=_("user"), db_index=False
    )
    month = models.DateField(_("month"))
    """Its first day, in the user's time zone (the operator's: TIME_ZONE)."""
    spent_usd = models.DecimalField(_("spent (USD)"), max_digits=14, decimal_places=6, default=0, db_default=0)
    held_usd = models.DecimalField(_("held (USD)"), max_digits=14, decimal_places=6, default=0, db_default=0)

    class Meta:
        db_table = "monthly_spends"
        verbose_name = _("monthly spend")
        verbose_name_plural = _("monthly spends")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "month"], name="monthly_spends_one_per_month", nulls_distinct=False
            ),
            not_negative("spent_usd", "held_usd", name="monthly_spends_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.spent_usd}"
