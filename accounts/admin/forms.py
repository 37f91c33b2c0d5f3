"""The forms of the user and key pages: what they must never show, they cannot show."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth_forms
from django.contrib.auth.hashers import is_password_usable
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessToken, QuotaGrant, User
from accounts.services import LONGEST_NAME, InvalidTokenName, username_from

OF_WORTH = frozenset({"subscription_tier", "api_quota_daily", "monthly_budget_usd", "is_active"})
"""Columns of a user that nobody changes without saying why."""

SAY_WHY = _("Say why: whoever looks at the user later reads it.")


class HiddenHash(auth_forms.ReadOnlyPasswordHashWidget):
    """Say whether a password is set and offer to change it; Django's own shows pieces of salt and hash."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return Django's context without the summary of the hash."""
        context = super().get_context(name, value, attrs)
        usable = bool(value) and is_password_usable(value)
        context["summary"] = [{"label": _("A password is set.") if usable else _("No password set.")}]
        return context


class CleanEmail(forms.ModelForm[User]):
    """Read an e-mail address the way logging in does: surrounding space and case do not make another."""

    def clean_email(self) -> str:
        """Return the address.

        :raises ValidationError: if somebody has it, in whatever case.
        """
        email = User.objects.normalize_email(self.cleaned_data["email"]).strip()
        if User.objects.at(email=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Somebody with this e-mail address exists already."))
        return email


class UserAddForm(CleanEmail, auth_forms.AdminUserCreationForm[User]):
    """Ask for an address and a password; the username defaults to the address, the quota to the tier's."""

    username = forms.CharField(
        label=_("username"), max_length=254, required=False, help_text=_("Empty: the e-mail address.")
    )

    class Meta:
        model = User
        fields = ("email", "username", "subscription_tier")

    def clean_username(self) -> str:
        """Return the username, or the address in its place."""
        address = username_from(self.cleaned_data.get("email", ""))
        self.cleaned_data["username"] = self.cleaned_data.get("username") or address
        return super().clean_username() or ""

    def save(self, commit: bool = True) -> User:
        """Give the user the tier's daily quota."""
        tier = self.cleaned_data["subscription_tier"]
        self.instance.api_quota_daily = settings.TIER_DAILY_QUOTA[tier]
        return super().save(commit=commit)


class PasswordForm(auth_forms.AdminPasswordChangeForm):  # type: ignore[type-arg] # not generic at run time
    """Set a password and touch nothing else: Django's own form writes the whole row, counters included."""

    def save(self, commit: bool = True) -> User:
        """Write the hash alone."""
        return _save_hash(super().save(commit=False), commit=commit)


class OwnPasswordForm(auth_forms.PasswordChangeForm):
    """Set one's own password and touch nothing else."""

    def save(self, commit: bool = True) -> User:
        """Write the hash alone."""
        return _save_hash(super().save(commit=False), commit=commit)


def _save_hash(user: User, *, commit: bool) -> User:
    if commit:
        user.save(update_fields=["password", "updated_at"])
    return user


class UserChangeForm(CleanEmail, auth_forms.UserChangeForm[User]):
    """Edit a user; the password only by its own page."""

    password = auth_forms.ReadOnlyPasswordHashField(label=_("Password"), widget=HiddenHash)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200,
        help_text=_("Needed to change the tier, the quota, the budget, or whether the user gets in."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask why the user loses something, or gets what others pay for."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if OF_WORTH.intersection(self.changed_data) and not cleaned.get("reason"):
            self.add_error("reason", SAY_WHY)
        return cleaned

    def clean_time_zone(self) -> str:
        """Return the time zone; the user's day, and with it the quota, is reckoned in it.

        :raises ValidationError: if there is none of that name.
        """
        name = str(self.cleaned_data["time_zone"])
        if name not in available_timezones():
            raise ValidationError(_("This is not the name of a time zone, such as Asia/Seoul."))
        return name

    class Meta:
        model = User
        fields = (
            "email",
            "username",
            "password",
            "subscription_tier",
            "api_quota_daily",
            "monthly_budget_usd",
            "time_zone",
        )


class AccessTokenForm(forms.ModelForm[AccessToken]):
    """Name a token and say when it ends."""

    class Meta:
        model = AccessToken
        fields = ("user", "name", "expires_at")

    def clean_name(self) -> str:
        """Return the name; the field has taken surrounding space off and checked its length.

        :raises ValidationError: if it holds what nobody can see.
        """
        name = str(self.cleaned_data["name"])
        if not name.isprintable():
            raise ValidationError(_(InvalidTokenName.sentence), params={"longest": LONGEST_NAME})
        return name


class QuotaGrantForm(forms.ModelForm[QuotaGrant]):
    """Say how much more, until when, and why."""

    class Meta:
        model = QuotaGrant
        fields = ("user", "extra_daily", "ends_at", "reason")

    def clean_ends_at(self) -> datetime:
        """Return the end.

        :raises ValidationError: if it lies before the start.
        """
        ends_at: datetime = self.cleaned_data["ends_at"]
        starts_at = timezone.now() if self.instance._state.adding else self.instance.starts_at
        if ends_at <= starts_at:
            raise ValidationError(_("A grant ends after it starts."))
        return ends_at
