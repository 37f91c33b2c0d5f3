"""People and staff, by e-mail address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts import quota, services
from accounts.admin import user_facts
from accounts.admin.actions import ReasonForm, end_sessions, export, give_day_back, set_tier, suspend, unsuspend
from accounts.admin.forms import OwnPasswordForm, PasswordForm, UserAddForm, UserChangeForm
from accounts.models import User
from newsforge.lib import audit
from newsforge.lib.admin import HouseAdmin, actions_below, badge, bar
from newsforge.lib.sentences import BECAUSE, stored

CHANGED_IN_ADMIN = stored("changed in the admin")

admin.site.password_change_form = OwnPasswordForm

ROLES = ("is_staff", "groups")
"""What only those who may change groups may change: who is staff, and in which role."""

RIGHTS = ("is_superuser", "user_permissions")
"""What only a superuser may change, or staff who may edit users could make themselves superusers."""

ACCOUNT = ("email", "username", "email_verified", "subscription_tier", "api_quota_daily", "monthly_budget_usd")
"""What only those who may make accounts may change: who somebody is, and what it may cost."""


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], HouseAdmin[User]):
    """People: who they are, what they may do, what is left of their day."""

    form = UserChangeForm
    add_form = UserAddForm
    change_password_form = PasswordForm
    actions = (give_day_back, set_tier, suspend, unsuspend, end_sessions, export)
    action_form = ReasonForm
    change_form_template = "admin/actions_below.html"
    list_display = ("state", "email", "subscription_tier", "quota", "spent", "created_at", "levers")
    list_display_links = ("email",)
    list_filter = ("is_active", "subscription_tier", "is_staff", "email_verified")
    search_fields = ("email", "username")
    ordering = ("-created_at",)
    readonly_fields = (
        "id", "api_quota_used", "last_quota_reset", "last_login", "created_at", "updated_at",
        "quota", "spent", "grants", "ledger", "tokens", "provider_keys", "elsewhere",
    )  # fmt: skip
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "username", "password", "id")}),
        (
            _("Now"),
            {
                "fields": (
                    "quota",
                    "spent",
                    "grants",
                    "tokens",
                    "provider_keys",
                    "elsewhere",
                )
            },
        ),
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
                    "reason",
                )
            },
        ),
        (_("Rights"), {"fields": ("is_active", "email_verified", *ROLES, *RIGHTS)}),
        (_("When"), {"fields": ("created_at", "updated_at", "last_login")}),
        (_("Ledger"), {"fields": ("ledger",)}),
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

    grants = staticmethod(user_facts.grants)
    tokens = staticmethod(user_facts.tokens)
    provider_keys = staticmethod(user_facts.provider_keys)
    ledger = staticmethod(user_facts.ledger)
    elsewhere = staticmethod(user_facts.elsewhere)

    @admin.display(description=_("status"), ordering="is_active")
    def state(self, user: User) -> SafeString:
        """Return whether the user gets in."""
        if user.is_active:
            return badge(text=gettext_noop("active"), state="good")
        return badge(text=gettext_noop("suspended"), state="bad")

    @admin.display(description=_("used today"), ordering="api_quota_used")
    def quota(self, user: User) -> SafeString:
        """Return how much of the day is used, running grants included."""
        used = quota.used_today(user=user, now=timezone.now())
        return bar(used=used, limit=user.api_quota_daily + vars(user).get("granted", 0))

    @admin.display(description=_("this month (USD)"))
    def spent(self, user: User) -> str:
        """Return what the user's own keys have cost in the operator's calendar month."""
        spent = vars(user).get("spent_usd")
        return "-" if spent is None else f"{spent:.2f}"

    @admin.display(description=_("actions"))
    def levers(self, user: User) -> SafeString:
        """Return the way to a grant."""
        return format_html(
            '<a href="{}?user={}">{}</a>', reverse("admin:accounts_quotagrant_add"), user.pk, gettext("Grant")
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the users with what is summed up beside them."""
        return user_facts.with_sums(super().get_queryset(request), now=timezone.now())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Put the actions under the user as well."""
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **actions_below(self, request)}
        )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Ask those alone for a reason who may change something."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return [
            (name, {**options, "fields": [each for each in options["fields"] if each != "reason"]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Lock what the reader's role may not change."""
        locked = list(super().get_readonly_fields(request, obj))
        if not request.user.is_superuser:
            locked += RIGHTS
        if not _may_assign(request):
            locked += ROLES
        if not self.has_add_permission(request):
            locked += ACCOUNT
        return locked

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody change who may do more, or a password reset would take the account over."""
        return super().has_change_permission(request, obj) and _is_within_reach(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's name
        """Let only those who may make accounts give one another password."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody delete who may do more."""
        return super().has_delete_permission(request, obj) and _is_within_reach(request, obj)

    def get_deleted_objects(
        self, objs: QuerySet[User] | Sequence[User], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """List what goes with a user; keys, tokens, grants and the ledger go without a right of their own."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, perms_needed & {str(self.opts.verbose_name)}, protected

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool) -> None:
        """Change the daily quota and the day through their service; log out who is suspended."""
        wanted = obj.api_quota_daily
        if change and "api_quota_daily" in form.changed_data:
            obj.api_quota_daily = form.initial["api_quota_daily"]
            quota.set_daily(
                user=obj,
                limit=wanted,
                actor=str(request.user),
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        if change and "time_zone" in form.changed_data:
            quota.move(user=obj, time_zone=obj.time_zone)
        super().save_model(request, obj, form, change)
        if change and form.cleaned_data["reason"]:
            text = BECAUSE % {"what": CHANGED_IN_ADMIN, "why": form.cleaned_data["reason"]}
            audit.note(row=obj, text=text)
        if change and "is_active" in form.changed_data and not obj.is_active:
            services.end_sessions(user=obj, now=timezone.now())

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer deletion of many to superusers only: among many there may be one of them."""
        actions = super().get_actions(request)
        if not request.user.is_superuser:
            actions.pop("delete_selected", None)
        return actions


def _may_assign(request: HttpRequest) -> bool:
    return request.user.has_perm("auth.change_group")


def _is_within_reach(request: HttpRequest, user: User | None) -> bool:
    """Tell whether the account is no superuser's, and no colleague's unless the reader hands out the roles."""
    if request.user.is_superuser or user is None:
        return True
    return not user.is_superuser and (not user.is_staff or _may_assign(request))
