"""Extra conversions for a while; they end by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts import quota
from accounts.admin.actions import staff_of
from accounts.admin.filters import GrantState
from accounts.admin.forms import QuotaGrantForm
from accounts.models import QuotaGrant
from newsforge.lib.admin import HouseAdmin, badge


@admin.register(QuotaGrant)
class QuotaGrantAdmin(HouseAdmin[QuotaGrant]):
    """Grants; one given may be ended earlier or later, and stays on the record."""

    form = QuotaGrantForm
    list_display = ("state", "user", "extra_daily", "starts_at", "ends_at", "granted_by", "reason")
    list_display_links = ("state", "user")
    list_filter = (GrantState,)
    list_select_related = ("user", "granted_by")
    search_fields = ("user__email", "reason", "granted_by__email")
    id_fields = ("pk", "user_id")
    ordering = ("-ends_at",)
    autocomplete_fields = ("user",)
    readonly_fields = ("user", "extra_daily", "starts_at", "granted_by", "created_at")
    add_fields = ("user", "extra_daily", "ends_at", "reason")
    fields = ("user", "extra_daily", "starts_at", "ends_at", "reason", "granted_by", "created_at")

    @admin.display(description=_("status"))
    def state(self, grant: QuotaGrant) -> SafeString:
        """Return whether the grant counts now."""
        now = timezone.now()
        if grant.starts_at > now:
            return badge(text=gettext_noop("to come"), state="busy")
        if grant.ends_at > now:
            return badge(text=gettext_noop("running"), state="good")
        return badge(text=gettext_noop("over"), state="idle")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the end of Friday: most are asked for until then."""
        now = timezone.localtime()
        friday = now.replace(hour=23, minute=59, second=0, microsecond=0) + timedelta(days=(4 - now.weekday()) % 7)
        return {"ends_at": friday, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request: HttpRequest, obj: QuotaGrant | None = None) -> bool:
        """Refuse: end the grant instead."""
        return False

    def save_model(
        self, request: HttpRequest, obj: QuotaGrant, form: forms.ModelForm[QuotaGrant], change: bool
    ) -> None:
        """Grant from now on, with a line in the ledger."""
        if change:
            super().save_model(request, obj, form, change)
            return
        given = quota.grant(
            user=obj.user,
            extra_daily=obj.extra_daily,
            ends_at=obj.ends_at,
            reason=obj.reason,
            by=staff_of(request),
            now=timezone.now(),
        )
        vars(obj).update(vars(given))
