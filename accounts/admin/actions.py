"""What staff do to many rows at once: each a call of a service, with a count at the end."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import quota, services
from accounts.models import AccessToken, User
from newsforge.lib import audit
from newsforge.lib.admin import each, say


@admin.action(description=_("Revoke: the client is locked out at once"), permissions=["revoke"])
def revoke(page: admin.ModelAdmin[AccessToken], request: HttpRequest, chosen: QuerySet[AccessToken, Any]) -> None:
    """Revoke the chosen tokens that were not revoked before."""
    now = timezone.now()
    count = 0
    for token in chosen.filter(revoked_at=None):
        services.revoke_token(token=token, now=now)
        page.log_change(request, token, "revoked")
        count += 1
    text = ngettext("%(count)s token is revoked.", "%(count)s tokens are revoked.", count) % {"count": count}
    page.message_user(request, text, messages.SUCCESS if count else messages.WARNING)


@admin.action(description=_("Give the day back: what is used today counts no more"), permissions=["change"])
def give_day_back(page: admin.ModelAdmin[User], request: HttpRequest, chosen: QuerySet[User, Any]) -> None:
    """Reset the counters of the chosen users now."""
    now = timezone.now()
    for user in chosen:
        audit.remember(user)
        quota.reset_now(user=user, actor=str(request.user), reason="reset in the admin", now=now)
        page.log_change(request, user, "quota reset")
    count = len(chosen)
    text = ngettext("%(count)s user has the whole day again.", "%(count)s users have the whole day again.", count)
    page.message_user(request, text % {"count": count}, messages.SUCCESS)


@admin.action(description=_("End all sessions: logged out everywhere, at once"), permissions=["change"])
def end_sessions(page: admin.ModelAdmin[User], request: HttpRequest, chosen: QuerySet[User, Any]) -> None:
    """Log the chosen users out, but for those the reader may not change."""
    now = timezone.now()
    reached = [user for user in chosen if page.has_change_permission(request, user)]
    count = each(page, request, reached, lambda user: services.end_sessions(user=user, now=now), "sessions ended")
    text = ngettext("%(count)s user is logged out everywhere.", "%(count)s users are logged out everywhere.", count)
    say(page, request, count, text)


def staff_of(request: HttpRequest) -> User:
    """Return who is logged in.

    :raises PermissionDenied: if nobody is.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
