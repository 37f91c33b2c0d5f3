"""What people fill in about their account."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignupForm(AllauthSignupForm):  # type: ignore[misc] # the package has no types
    """Take as long for an address that has an account as for one that has none."""

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """Make the account, or write to whoever has it; hash the password in either case."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        user, answer = super().try_save(request)
        return user, answer


class SettingsForm(forms.Form):
    """What people set themselves."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name],
        help_text=_("Your day, and with it the number of conversions, begins anew at midnight there."),
    )
    monthly_budget_usd = forms.DecimalField(
        label=_("Monthly budget (USD)"),
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        help_text=_("What your own provider keys may cost in a month. Empty: no limit of ours."),
    )

    @staticmethod
    def stands(user: User) -> dict[str, Any]:
        """Return what the user has set."""
        return {"time_zone": user.time_zone, "monthly_budget_usd": user.monthly_budget_usd}
