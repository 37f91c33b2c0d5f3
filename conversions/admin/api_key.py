"""Users' keys at the providers: entered once, recognised by their ends, never shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import keys
from accounts.admin.forms import ApiKeyAddForm
from accounts.models import ApiKey
from newsforge.lib.admin import HouseAdmin


@admin.register(ApiKey)
class ApiKeyAdmin(HouseAdmin[ApiKey]):
    """Provider keys; owner and provider stay, for the ciphertext is bound to them."""

    list_display = ("is_active", "key_name", "provider", "user", "shown", "usage_count", "last_used")
    list_display_links = ("key_name",)
    list_filter = ("is_active", "provider")
    list_select_related = ("user",)
    search_fields = ("key_name", "user__email", "prefix", "last_four", "fingerprint")
    ordering = ("-created_at",)
    autocomplete_fields = ("user",)
    id_fields = ("pk", "user_id")
    add_fields = ("user", "key_name", "provider", "secret")
    fields = (
        "key_name",
        "is_active",
        "user",
        "provider",
        "shown",
        "fingerprint",
        "usage_count",
        "last_used",
        "created_at",
    )
    readonly_fields = ("user", "provider", "shown", "fingerprint", "usage_count", "last_used", "created_at")

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
        """Seal a new key into its row."""
        if not change:
            keys.seal(key=obj, plaintext=form.cleaned_data["secret"])
        super().save_model(request, obj, form, change)
