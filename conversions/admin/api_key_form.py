"""How staff enter a provider key: once, tested on the way in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import keys
from accounts.keys import AddressUnproven, UnusableKey
from accounts.models import ApiKey
from conversions import provider_keys
from conversions.enums import KeyVerdict
from conversions.provider_keys import Check, TooManyChecks
from newsforge.lib.problem import told


class _TestedForm(forms.ModelForm[ApiKey]):
    """Take a provider key once and ask its provider about it; it is never sent back to the browser."""

    secret = forms.CharField(
        label=_("key"),
        max_length=600,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "size": 60}),
        help_text=_("As the provider shows it. Stored encrypted; nobody can read it here again."),
    )
    store_anyway = forms.BooleanField(
        label=_("store anyway"),
        required=False,
        help_text=_("Store the key although its provider refuses it, for example before it is paid for."),
    )
    found: Check | None = None
    """What the provider said about the key."""

    class Meta:
        model = ApiKey
        fields: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any] | None:
        """Test the key once everything else is right.

        :raises ValidationError: if it is no key, or its provider refuses it and nobody insists.
        """
        given = super().clean() or self.cleaned_data
        if not self.errors and given.get("secret"):
            self.found = self._tested(given)
            refused = self.found.verdict == KeyVerdict.REFUSED and self.found.failure is not None
            if refused and not given["store_anyway"] and self.found.failure is not None:
                self.add_error("secret", told(self.found.failure))
        return given

    def _tested(self, given: dict[str, Any]) -> Check:
        user = given.get("user") or self.instance.user
        provider = given.get("provider") or self.instance.provider
        try:
            keys.require_proven(user=user)
            return provider_keys.check(user=user, provider=provider, plaintext=given["secret"])
        except (AddressUnproven, UnusableKey, TooManyChecks) as refusal:
            raise ValidationError({"secret": told(refusal)}) from None


class ApiKeyAddForm(_TestedForm):
    """Ask for a key and whose it is."""

    class Meta(_TestedForm.Meta):
        fields = ("user", "key_name", "provider")


class ApiKeyReplaceForm(_TestedForm):
    """Rename a key or switch it, and put another secret in the place of the stored one."""

    secret = forms.CharField(
        label=_("new key"),
        required=False,
        max_length=600,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "size": 60}),
        help_text=_("Empty: the stored one stays. A new one is tested, and replaces it for good."),
    )

    class Meta(_TestedForm.Meta):
        fields = ("key_name", "is_active")
