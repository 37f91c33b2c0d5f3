"""Clients' tokens: shown once when issued, found by what a client pasted, revoked rather than deleted."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.admin.filters import TokenState
from accounts.admin.forms import AccessTokenForm
from accounts.admin.token_actions import OverlapForm, issued, revoke, rotate
from accounts.models import AccessToken
from newsforge.lib.admin import HouseAdmin, badge, row_button

PASTED = re.compile(r"nf_([0-9a-f]{1,16})")
"""A token, or the beginning of one, wherever it stands in the pasted text."""

WHOLE = re.compile(r"nf_([0-9a-f]{16})_\w")


@admin.register(AccessToken)
class AccessTokenAdmin(HouseAdmin[AccessToken]):
    """Access tokens; the owner stays, and what ended stays on the record."""

    form = AccessTokenForm
    list_display = ("state", "name", "user", "shown", "expires_at", "last_used", "levers")
    list_display_links = ("name",)
    list_filter = (TokenState,)
    list_select_related = ("user",)
    search_fields = ("name", "user__email", "public_id")
    search_help_text = _("Name, owner, or the token as it was pasted somewhere.")
    id_fields = ("pk", "user_id")
    ordering = ("-created_at",)
    action_form = OverlapForm
    autocomplete_fields = ("user",)
    actions = (rotate, revoke)
    add_fields = ("user", "name", "expires_at")
    fields = ("name", "user", "shown", "expires_at", "revoked_at", "last_used", "created_at")
    readonly_fields = ("user", "shown", "revoked_at", "last_used", "created_at")

    @admin.display(description=_("status"))
    def state(self, token: AccessToken) -> SafeString:
        """Return whether the token opens the door now."""
        if token.revoked_at is not None:
            return badge(text=gettext_noop("revoked"), state="bad")
        if not token.is_valid(now=timezone.now()):
            return badge(text=gettext_noop("expired"), state="idle")
        return badge(text=gettext_noop("valid"), state="good")

    @admin.display(description=_("token"), ordering="public_id")
    def shown(self, token: AccessToken) -> str:
        """Return the public part of the token."""
        return f"nf_{token.public_id}_…"

    @admin.display(description=_("actions"))
    def levers(self, token: AccessToken) -> SafeString | str:
        """Return the button that revokes the token."""
        return row_button(action="revoke", row=token, text=gettext("Revoke")) if token.revoked_at is None else "-"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for a pasted token by its public part: the secret shall not stay in the address and on the page."""
        pasted = WHOLE.search(request.GET.get("q", ""))
        if pasted:
            return HttpResponseRedirect(f"{request.path}?q=nf_{pasted[1]}")
        return super().changelist_view(request, extra_context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AccessToken], search_term: str
    ) -> tuple[QuerySet[AccessToken], bool]:
        """Find a leaked token by any beginning of it."""
        pasted = PASTED.search(search_term)
        if pasted:
            return queryset.filter(public_id__startswith=pasted[1]), False
        return super().get_search_results(request, queryset, search_term)

    def has_delete_permission(self, request: HttpRequest, obj: AccessToken | None = None) -> bool:
        """Refuse: revoke it instead."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Let those who may change tokens revoke them."""
        return self.has_change_permission(request)

    def save_model(
        self, request: HttpRequest, obj: AccessToken, form: forms.ModelForm[AccessToken], change: bool
    ) -> None:
        """Issue a new token; its plaintext lives on this object until the answer is written, and nowhere else."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made, plaintext = services.issue_token(user=obj.user, name=obj.name, expires_at=obj.expires_at)
        vars(obj).update(vars(made) | {"plaintext": plaintext})

    def response_add(
        self, request: HttpRequest, obj: AccessToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token, this once; a message would leave it in a cookie or a session."""
        return issued(self, request, obj, vars(obj).pop("plaintext"))
