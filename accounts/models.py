"""Who may do what, and how much. Defaults and rules hold in the database, so that plain SQL obeys them."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import KeyProvider, QuotaKind, Tier
from newsforge.lib.database import choices, not_negative, one_of


class UserQuerySet(BaseUserManager["User"]):
    """Make users by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user; the username defaults to the address."""
        email = self.normalize_email(email).strip()
        fields.setdefault("username", email)
        user: User = self.model(email=email, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a user who may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, email_verified=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a user by e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person or a team that converts articles, and staff."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    username = models.CharField(
        _("username"), max_length=254, unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+\Z", _("Use letters, digits and @ . + - _ only."))],
    )  # fmt: skip
    password = models.CharField(_("password"), max_length=128, db_column="password_hash")
    subscription_tier = models.CharField(
        _("subscription tier"),
        max_length=20,
        choices=choices(Tier),
        default=Tier.FREE.value,
        db_default=Tier.FREE.value,
    )
    api_quota_daily = models.IntegerField(_("conversions a day"), default=5, db_default=5)
    api_quota_used = models.IntegerField(_("used today"), default=0, db_default=0)
    last_quota_reset = models.DateTimeField(_("last quota reset"), default=timezone.now, db_default=Now())
    monthly_budget_usd = models.DecimalField(
        _("monthly budget (USD)"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    """What the user's own keys may cost in a calendar month; empty for no bound."""
    time_zone = models.CharField(_("time zone"), max_length=50, default="Asia/Seoul", db_default="Asia/Seoul")
    email_verified = models.BooleanField(_("e-mail verified"), default=False, db_default=False)
    is_active = models.BooleanField(_("active"), default=True, db_default=True)
    is_staff = models.BooleanField(_("staff"), default=False, db_default=False)
    is_superuser = models.BooleanField(_("superuser"), default=False, db_default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_default=Now())

    objects: ClassVar[UserQuerySet] = UserQuerySet()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        indexes = [models.Index(fields=["email"], name="idx_users_email")]
        constraints = [
            one_of("subscription_tier", Tier, "users_subscription_tier_known"),
            not_negative("api_quota_daily", "api_quota_used", "monthly_budget_usd", name="users_quota_not_negative"),
            models.UniqueConstraint(models.functions.Lower("email"), name="users_email_any_case_unique"),
        ]

    def __str__(self) -> str:
        return self.email


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
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    last_used = models.DateTimeField(_("last used"), null=True, editable=False)
    usage_count = models.BigIntegerField(_("used"), default=0, db_default=0, editable=False)

    class Meta:
        db_table = "api_keys"
        verbose_name = _("provider key")
        verbose_name_plural = _("provider keys")
        indexes = [models.Index(fields=["user"], name="idx_api_keys_user_id")]
        constraints = [
            one_of("provider", KeyProvider, "api_keys_provider_known"),
            not_negative("usage_count", name="api_keys_usage_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.key_name} ({self.provider} {self.prefix}…{self.last_four})"


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
        indexes = [models.Index(fields=["user", "-created_at"], name="idx_access_tokens_user_id")]

    def __str__(self) -> str:
        return f"{self.name} (nf_{self.public_id}_…)"

    def is_valid(self, *, now: Any) -> bool:
        """Tell whether the token opens the door at this time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


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
        indexes = [models.Index(fields=["user", "ends_at"], name="idx_quota_grants_user_id")]
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
