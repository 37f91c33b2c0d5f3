"""What people fill in about provider keys and webhooks."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.enums import KeyProvider
from accounts.web.once import OnceForm
from conversions.enums import Provider
from conversions.subscriptions import LONGEST_URL
from conversions.web.names import PROVIDER_NAMES

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 200
LONGEST_TYPED = 2_000
"""Characters of a key that are read at all; what is too long for a key is told by the service."""


def visible(text: str) -> None:
    """See that people can read a text.

    :raises ValidationError: if it holds invisible characters.
    """
    if not text.isprintable():
        raise ValidationError(_("Use visible characters only."))


class KeyForm(OnceForm):
    """A provider key to store; it is not sent back with the form."""

    provider = forms.ChoiceField(
        label=_("Provider"), choices=[(each.value, PROVIDER_NAMES[Provider(each.value)]) for each in KeyProvider]
    )
    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, validators=[visible], help_text=_("For you, to tell your keys apart.")
    )
    key = forms.CharField(
        label=_("Key"),
        max_length=LONGEST_TYPED,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("As the provider shows it. It is stored encrypted and never shown again."),
    )
    store_anyway = forms.BooleanField(
        label=_("Store it although the provider refuses it, for example before it is paid for"), required=False
    )


class EndpointForm(OnceForm):
    """An address to tell when conversions end."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("Public and https, without a port."),
    )
    description = forms.CharField(
        label=_("What it is for"), max_length=LONGEST_DESCRIPTION, required=False, validators=[visible]
    )
