"""Users' keys at the providers: entered once, recognised by their ends, never shown."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_post_parameters

from accounts import keys
from accounts.enums import KeyStatus
from accounts.models import ApiKey
from accounts.selectors import pasted_keys
from conversions import provider_keys
from conversions.admin.api_key_actions import KeyReasonForm, disable, enable, test_now
from conversions.admin.api_key_form import ApiKeyAddForm, ApiKeyReplaceForm
from conversions.enums import KeyVerdict
from conversions.provider_keys import Check
from newsforge.lib.admin import HouseAdmin, actions_below, badge
from newsforge.lib.problem import title_of, told

WHOLE = re.compile(r"sk-[\w-]{20,}", re.ASCII)
"""A key at OpenAI or Anthropic, wherever it stands in the pasted text."""

PASTED = re.compile(r"sk-[\w-]*(…\w{0,4})?|[0-9a-f]{64}", re.ASCII)
"""Its beginning, its ends as the list shows them, or its fingerprint."""


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
    actions = (test_now, disable, enable)
    action_form = KeyReasonForm
    change_form_template = "admin/actions_below.html"
    search_help_text = _("Name, owner, or the key as it was pasted somewhere, whole or its beginning.")
    add_fields = ("user", "key_name", "provider", "secret", "store_anyway")
    fields = (
        "key_name",
        "secret",
        "store_anyway",
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
    readonly_fields = fields[4:]

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
        """Use the forms with the write-only field."""
        kwargs["form"] = ApiKeyAddForm if obj is None else ApiKeyReplaceForm
        return super().get_form(request, obj, change=change, **kwargs)

    @method_decorator(sensitive_post_parameters("secret"))
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the key out of error reports."""
        return super().changeform_view(request, *args, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Put the actions under the key as well."""
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **actions_below(self, request)}
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for a pasted key by its fingerprint: the key shall not stay in the address and on the page."""
        pasted = WHOLE.search(request.GET.get("q", ""))
        if pasted:
            return HttpResponseRedirect(f"{request.path}?q={hashlib.sha256(pasted[0].encode()).hexdigest()}")
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiKey], search_term: str
    ) -> tuple[QuerySet[ApiKey], bool]:
        """Find a key by what somebody pasted of it."""
        if PASTED.fullmatch(search_term.strip()):
            return queryset.filter(pasted_keys(term=search_term)), False
        return super().get_search_results(request, queryset, search_term)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Let staff with the right to change keys take one out of use."""
        return request.user.has_perm("accounts.change_apikey")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Seal a new key into its row, and mark it by what its provider said."""
        secret, found = form.cleaned_data.get("secret"), form.found
        if not change:
            keys.seal(key=obj, plaintext=secret)
        super().save_model(request, obj, form, change)
        if change and secret:
            provider_keys.replace_secret(key=obj, plaintext=secret)
        if found is not None:
            self._note(request, obj, found)

    def _note(self, request: HttpRequest, key: ApiKey, found: Check) -> None:
        provider_keys.note(key=key, found=found, now=timezone.now())
        if found.failure is not None:
            stored = _("The key is stored. It was not accepted: %(sentence)s")
            if found.verdict == KeyVerdict.UNTESTED:
                stored = _("The key is stored. It could not be tested: %(sentence)s")
            self.message_user(request, stored % {"sentence": told(found.failure)}, messages.WARNING)
