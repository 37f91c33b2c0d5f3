"""Users' keys at the providers: entered once, recognised by their ends, never shown."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.debug import sensitive_post_parameters

from accounts import keys
from accounts.enums import KeyStatus
from accounts.models import ApiKey
from conversions import provider_keys
from conversions.admin.api_key_form import ApiKeyAddForm
from conversions.enums import KeyVerdict
from conversions.provider_keys import Check
from newsforge.lib.admin import HouseAdmin, badge
from newsforge.lib.problem import title_of, told

MOST_AT_ONCE = 50
"""Keys one action tests, a page of them: ten at a time, each for up to five seconds."""


@admin.action(description=_("Test now: ask the provider, for free"), permissions=["change"])
def test_now(page: admin.ModelAdmin[ApiKey], request: HttpRequest, chosen: QuerySet[ApiKey, Any]) -> None:
    """Test the chosen keys and say what each provider said."""
    tested = list(chosen[:MOST_AT_ONCE])
    findings = provider_keys.check_stored(chosen=tested, now=timezone.now())
    for key in tested:
        page.log_change(request, key, "tested")
    count = sum(found.verdict == KeyVerdict.ACCEPTED for found in findings)
    text = ngettext("%(count)s key was accepted.", "%(count)s keys were accepted.", count) % {"count": count}
    page.message_user(request, text, messages.SUCCESS if count else messages.WARNING)
    refused = Counter((found.verdict, told(found.failure)) for found in findings if found.failure is not None)
    for (verdict, sentence), times in refused.items():
        level = messages.ERROR if verdict == KeyVerdict.REFUSED else messages.WARNING
        page.message_user(request, f"{times} × {sentence}", level)
    left = chosen.count() - len(tested)
    if left > 0:
        rest = ngettext("%(count)s key was not tested.", "%(count)s keys were not tested.", left) % {"count": left}
        page.message_user(request, rest, messages.WARNING)


@admin.register(ApiKey)
class ApiKeyAdmin(HouseAdmin[ApiKey]):
    """Provider keys; owner and provider stay, for the ciphertext is bound to them."""

    list_display = ("state", "key_name", "provider", "user", "shown", "usage_count", "last_used")
    list_display_links = ("key_name",)
    list_filter = ("status", "is_active", "provider")
    list_select_related = ("user",)
    search_fields = ("key_name", "user__email", "prefix", "last_four", "fingerprint")
    ordering = ("-created_at",)
    autocomplete_fields = ("user",)
    id_fields = ("pk", "user_id")
    actions = (test_now,)
    add_fields = ("user", "key_name", "provider", "secret", "store_anyway")
    fields = (
        "key_name",
        "is_active",
        "state",
        "wrong",
        "status_since",
        "accepted_at",
        "user",
        "provider",
        "shown",
        "fingerprint",
        "usage_count",
        "last_used",
        "created_at",
    )
    readonly_fields = fields[2:]

    @admin.display(description=_("status"), ordering="status")
    def state(self, key: ApiKey) -> SafeString:
        """Return whether the key is used, and whether anything is known about it."""
        if not key.is_active:
            return badge(text=gettext_noop("disabled"), state="idle")
        if key.status == KeyStatus.NEEDS_ATTENTION:
            return badge(text=gettext_noop("needs attention"), state="bad")
        if key.accepted_at is None:
            return badge(text=gettext_noop("not tested"), state="busy")
        return badge(text=gettext_noop("ok"), state="good")

    @admin.display(description=_("what is wrong"))
    def wrong(self, key: ApiKey) -> str:
        """Return the failure's title and code."""
        return f"{title_of(code=key.status_reason)} ({key.status_reason})" if key.status_reason else ""

    @admin.display(description=_("key"))
    def shown(self, key: ApiKey) -> str:
        """Return the ends of the key."""
        return f"{key.prefix}…{key.last_four}"

    def get_form(
        self,
        request: HttpRequest,
        obj: ApiKey | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[forms.ModelForm[ApiKey]]:
        """Use the form with the write-only field for a new key."""
        if obj is None:
            kwargs["form"] = ApiKeyAddForm
        return super().get_form(request, obj, change=change, **kwargs)

    @method_decorator(sensitive_post_parameters("secret"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the key out of error reports."""
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Seal a new key into its row, and mark it by what its provider said."""
        if not change:
            keys.seal(key=obj, plaintext=form.cleaned_data["secret"])
        super().save_model(request, obj, form, change)
        if not change:
            self._note(request, obj, form.found)

    def _note(self, request: HttpRequest, key: ApiKey, found: Check) -> None:
        provider_keys.note(key=key, found=found, now=timezone.now())
        if found.failure is not None:
            stored = _("The key is stored. It was not accepted: %(sentence)s")
            if found.verdict == KeyVerdict.UNTESTED:
                stored = _("The key is stored. It could not be tested: %(sentence)s")
            self.message_user(request, stored % {"sentence": told(found.failure)}, messages.WARNING)
