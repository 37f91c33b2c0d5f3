"""What people fill in about access tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.services import LONGEST_NAME
from accounts.web.once import OnceForm


class TokenForm(OnceForm):
    """A token to make."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        help_text=_("Which program it is for, so that you know later what stops when you revoke it."),
    )
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("until it is revoked"))],
        initial="90",
    )

    def ends(self, *, now: datetime) -> datetime | None:
        """Return when the token shall end; None: never."""
        days: int | None = self.cleaned_data["days"]
        return None if days is None else now + timedelta(days=days)


class OverlapForm(OnceForm):
    """How long the token that is replaced stays good."""

    hours = forms.TypedChoiceField(
        label=_("The old one stays good for"),
        coerce=int,
        choices=[("0", _("not a moment")), ("1", _("an hour")), ("24", _("a day")), ("168", _("a week"))],
        initial="24",
    )
