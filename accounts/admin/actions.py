"""What staff do to users: each a call of a service with a reason, and a count at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import quota, services
from accounts.admin.forms import SAY_WHY
from accounts.enums import Tier
from accounts.models import User
from newsforge.lib.admin import each, say
from newsforge.lib.database import choices
from newsforge.lib.export import csv_response
from newsforge.lib.sentences import BECAUSE, stored

QUOTA_RESET = stored("quota reset")
SUSPENDED = stored("suspended")
SUSPENSION_LIFTED = stored("suspension lifted")
SESSIONS_ENDED = stored("sessions ended")

Page = admin.ModelAdmin[User]
Chosen = QuerySet[User, Any]


class ReasonForm(ActionForm):
    """Why, and for a change of tier which."""

    tier = forms.ChoiceField(label=_("Tier"), required=False, choices=choices(Tier))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)


@admin.action(description=_("Give the day back: what is used today counts no more"), permissions=["change"])
def give_day_back(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Reset the counters of the chosen users now."""
    if not _says_why(page, request):
        return

    def service(user: User, reason: str) -> None:
        quota.reset_now(user=user, actor=str(request.user), reason=reason, now=timezone.now())

    count = _each(page, request, chosen, service, QUOTA_RESET)
    text = ngettext("%(count)s user has the whole day again.", "%(count)s users have the whole day again.", count)
    say(page, request, count, text)


@admin.action(description=_("Set the tier, and its conversions a day"), permissions=["add"])
def set_tier(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Move the chosen users to a tier."""
    if not _says_why(page, request):
        return
    tier = Tier(request.POST.get("tier") or Tier.FREE)  # the form has looked at it by now

    def service(user: User, reason: str) -> None:
        quota.set_tier(user=user, tier=tier, actor=str(request.user), reason=reason, now=timezone.now())

    count = _each(page, request, chosen, service, quota.TIER_SET % {"tier": tier.value})
    say(page, request, count, ngettext("%(count)s user is moved.", "%(count)s users are moved.", count))


@admin.action(description=_("Suspend: tokens and sessions are refused at once"), permissions=["change"])
def suspend(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Lock the chosen users out; whoever does it stays."""
    if not _says_why(page, request):
        return

    def service(user: User, _reason: str) -> None:
        services.set_active(user=user, is_active=False)

    others = chosen.filter(is_active=True).exclude(pk=staff_of(request).pk)
    count = _each(page, request, others, service, SUSPENDED)
    say(page, request, count, ngettext("%(count)s user is suspended.", "%(count)s users are suspended.", count))


@admin.action(description=_("Lift the suspension"), permissions=["change"])
def unsuspend(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Let the chosen users in again."""

    def service(user: User, _reason: str) -> None:
        services.set_active(user=user, is_active=True)

    count = _each(page, request, chosen.filter(is_active=False), service, SUSPENSION_LIFTED)
    say(page, request, count, ngettext("%(count)s user is let in again.", "%(count)s users are let in again.", count))


@admin.action(description=_("Export as CSV"), permissions=["view"])
def export(_page: Page, _request: HttpRequest, chosen: Chosen) -> HttpResponseBase:
    """Send the chosen users as a file."""
    columns = ("id", "email", "subscription_tier", "api_quota_daily", "api_quota_used", "is_active", "email_verified",
               "time_zone", "monthly_budget_usd", "created_at", "last_login")  # fmt: skip
    rows = chosen.values_list(*columns).iterator(chunk_size=2000)
    return csv_response(name="users", header=columns, rows=rows)


@admin.action(description=_("End all sessions: logged out everywhere, at once"), permissions=["change"])
def end_sessions(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Log the chosen users out."""

    def service(user: User, _reason: str) -> None:
        services.end_sessions(user=user, now=timezone.now())

    count = _each(page, request, chosen, service, SESSIONS_ENDED)
    text = ngettext("%(count)s user is logged out everywhere.", "%(count)s users are logged out everywhere.", count)
    say(page, request, count, text)


def staff_of(request: HttpRequest) -> User:
    """Return who is logged in.

    :raises PermissionDenied: if nobody is.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _reason(request: HttpRequest) -> str:
    return " ".join(request.POST.get("reason", "").split())


def _says_why(page: Page, request: HttpRequest) -> bool:
    """Tell whether a reason is given, and ask for one if not: the user loses something, or gets what others pay for."""
    if _reason(request):
        return True
    page.message_user(request, SAY_WHY, messages.ERROR)
    return False


def _each(page: Page, request: HttpRequest, chosen: Chosen, service: Callable[[User, str], None], done: str) -> int:
    """Call the service with each user who is within reach of whoever asks, and write it down; return how many."""
    reason = _reason(request)
    reached = [user for user in chosen if page.has_change_permission(request, user)]
    said = BECAUSE % {"what": done, "why": reason} if reason else done
    return each(page, request, reached, lambda user: service(user, reason), said)
