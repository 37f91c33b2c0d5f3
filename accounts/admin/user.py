"""People and staff, by e-mail address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import quota
from accounts.admin.actions import give_day_back
from accounts.admin.forms import OwnPasswordForm, PasswordForm, UserAddForm, UserChangeForm
from accounts.models import User
from newsforge.lib.admin import HouseAdmin

admin.site.password_change_form = OwnPasswordForm

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
"""What only a superuser may change, or staff who may edit users could make themselves superusers."""


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], HouseAdmin[User]):
    """People: who they are, what they may do, what is left of their day."""

    form = UserChangeForm
    add_form = UserAddForm
    change_password_form = PasswordForm
    actions = (give_day_back,)
    list_display = ("is_active", "email", "subscription_tier", "quota", "email_verified", "is_staff", "created_at")
    list_display_links = ("email",)
    list_filter = ("is_active", "subscription_tier", "is_staff", "email_verified")
    search_fields = ("email", "username")
    ordering = ("-created_at",)
    readonly_fields = ("id", "api_quota_used", "last_quota_reset", "last_login", "created_at", "updated_at")
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "username", "password", "id")}),
        (
            _("Conversions"),
            {
                "fields": (
                    "subscription_tier",
                    "api_quota_daily",
                    "api_quota_used",
                    "last_quota_reset",
                    "time_zone",
                    "monthly_budget_usd",
                )
            },
        ),
        (_("Rights"), {"fields": ("is_active", "email_verified", *RIGHTS)}),
        (_("When"), {"fields": ("created_at", "updated_at", "last_login")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "username", "subscription_tier", "usable_password", "password1", "password2"),
            },
        ),
    )

    @admin.display(description=_("used today"), ordering="api_quota_used")
    def quota(self, user: User) -> str:
        """Return how much of the day is used."""
        return f"{user.api_quota_used} / {user.api_quota_daily}"

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Lock the rights for staff who are no superusers."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let only superusers change a superuser, or a password reset would take the account over."""
        return super().has_change_permission(request, obj) and _is_within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let only superusers delete a superuser."""
        return super().has_delete_permission(request, obj) and _is_within_reach(request, obj)

    def get_deleted_objects(
        self, objs: QuerySet[User] | Sequence[User], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """List what goes with a user; keys, tokens, grants and the ledger go without a right of their own."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, perms_needed & {str(self.opts.verbose_name)}, protected

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:
        """Change the daily quota through its service, which writes it into the ledger."""
        wanted = obj.api_quota_daily
        if change and "api_quota_daily" in form.changed_data:
            obj.api_quota_daily = form.initial["api_quota_daily"]
            quota.set_daily(
                user=obj, limit=wanted, actor=str(request.user), reason="changed in the admin", now=timezone.now()
            )
        super().save_model(request, obj, form, change)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer deletion of many to superusers only: among many there may be one of them."""
        actions = super().get_actions(request)
        if not request.user.is_superuser:
            actions.pop("delete_selected", None)
        return actions


def _is_within_reach(request: HttpRequest, user: User | None) -> bool:
    return bool(request.user.is_superuser) or user is None or not user.is_superuser
