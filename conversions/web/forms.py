"""What people fill in."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.web.once import OnceForm
from conversions.enums import AUTO, Language, Platform, Tone
from conversions.selectors import LONGEST_DAYS
from conversions.services import Source, Wishes
from conversions.web.names import LANGUAGE_NAMES, PLATFORM_NAMES, PROVIDER_NAMES, TONE_NAMES

ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
BARE_ADDRESS = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
"""What people paste from an address bar that hides the scheme."""

USUAL = (Platform.X, Platform.LINKEDIN, Platform.INSTAGRAM)


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class ConvertForm(OnceForm):
    """One article and what is to be made of it."""

    source = forms.CharField(
        label=_("Article"),
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "https://", "autofocus": True}),
        help_text=_("The address of a news article, or its text."),
        error_messages={"required": _("Paste the address of an article, or its text.")},
    )
    platforms = forms.MultipleChoiceField(
        label=_("Platforms"),
        choices=[(each.value, _(name)) for each, name in PLATFORM_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[each.value for each in USUAL],
        error_messages={"required": _("Choose at least one platform.")},
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[(each.value, name) for each, name in LANGUAGE_NAMES.items()],
        initial=Language.SOURCE.value,
    )
    tone = forms.ChoiceField(
        label=_("Tone"), choices=[(each.value, name) for each, name in TONE_NAMES.items()], initial=Tone.NEUTRAL.value
    )
    provider = forms.ChoiceField(
        label=_("Writer"), choices=[(str(value), name) for value, name in PROVIDER_NAMES.items()], initial=AUTO
    )

    def source_given(self) -> Source:
        """Return the source as the service takes it."""
        given = str(self.cleaned_data["source"])
        if ADDRESS.fullmatch(given):
            return Source(url=given)
        if BARE_ADDRESS.fullmatch(given):
            return Source(url=f"https://{given}")
        return Source(text=given)

    def wishes_given(self) -> Wishes:
        """Return the wishes as the service takes them."""
        asked: dict[str, Any] = self.cleaned_data
        return Wishes(
            platforms=tuple(Platform(each) for each in asked["platforms"]),
            language=Language(asked["language"]),
            tone=Tone(asked["tone"]),
            provider=asked["provider"],
        )


class EditForm(forms.Form):
    """Another text for a post."""

    text = forms.CharField(label=_("Post"), required=False, strip=False, widget=forms.Textarea)
    title = forms.CharField(label=_("Title"), required=False, max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class HistoryForm(forms.Form):
    """What of the past to show."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)
    platform = forms.ChoiceField(
        label=_("Platform"),
        required=False,
        choices=[("", _("All platforms")), *((each.value, _(name)) for each, name in PLATFORM_NAMES.items())],
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("All")),
            ("succeeded", _("succeeded")),
            ("failed", _("failed")),
            ("cancelled", _("cancelled")),
            ("open", _("not finished")),
        ],
    )


class UsageForm(forms.Form):
    """From which day to which, both included; an empty one is the first of the month, or today."""

    start = forms.DateField(label=_("From"), required=False, widget=_day())
    end = forms.DateField(label=_("To"), required=False, widget=_day())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        """Know what day it is for the user."""
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Hold the span to a year.

        :raises ValidationError: if it is longer, or ends before it begins.
        """
        given = self.cleaned_data
        if not self.errors:
            given["end"] = given.get("end") or self.today
            given["start"] = given.get("start") or given["end"].replace(day=1)
            if not 0 <= (given["end"] - given["start"]).days < LONGEST_DAYS:
                raise ValidationError(_("Ask for one day to one year."))
        return given
