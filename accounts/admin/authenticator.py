"""Second factors: seen that they are there, removed for who has lost theirs, never shown."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from newsforge.lib.admin import HouseAdmin

admin.site.unregister([Authenticator, EmailAddress])  # the user's page says whether the address is proven

Authenticator._meta.verbose_name = _("authenticator")
Authenticator._meta.verbose_name_plural = _("authenticators")  # allauth's own is English in every language
for _name, _label in {
    "user": _("user"),
    "type": _("kind"),
    "created_at": _("created at"),
    "last_used_at": _("last used at"),
}.items():
    Authenticator._meta.get_field(_name).verbose_name = _label


@admin.register(Authenticator)
class AuthenticatorAdmin(HouseAdmin[Authenticator]):
    """Second factors; whoever's is removed sets up another with the next login."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    id_fields = ("user_id",)
    ordering = ("-pk",)
    fields = list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: each makes their own."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Let only superusers remove a superuser's."""
        within = request.user.is_superuser or obj is None or not obj.user.is_superuser
        return within and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many: among them there may be one of those."""
        return {}
