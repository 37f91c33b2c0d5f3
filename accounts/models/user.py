"""Who converts articles, and staff."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.enums import Tier
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
        return self.at(email=username or "").get()

    def at(self, *, email: str) -> models.QuerySet[User]:
        """Return the user with an address, in small letters or large: one at most, by the index that sees to it.

        ``iexact`` compares capitals and takes "ı" for an "i" and "ſ" for an "s": others may have those addresses.
        """
        return self.alias(small=Lower("email")).filter(small=Lower(models.Value(email)))


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
    sessions_ended_at = models.DateTimeField(_("sessions ended"), null=True, editable=False)
    """Whoever logged in before this moment is logged out."""
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
        indexes = [
            models.Index(fields=["email"], name="idx_users_email"),
            models.Index(fields=["-created_at"], name="idx_users_created_at"),
        ]
        constraints = [
            one_of("subscription_tier", Tier, "users_subscription_tier_known"),
            not_negative("api_quota_daily", "api_quota_used", "monthly_budget_usd", name="users_quota_not_negative"),
            models.UniqueConstraint(Lower("email"), name="users_email_any_case_unique"),
        ]

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what every session of the user must hold; it changes with the password, and to end them."""
        held: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc] # Django's, without a type
        ended = self.sessions_ended_at
        return held if ended is None else salted_hmac(held, ended.isoformat(), algorithm="sha256").hexdigest()
