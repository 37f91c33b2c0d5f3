"""Where people are logged in: noted as they use the site, shown to them, and ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, update_session_auth_hash
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import services
from accounts.models import LoginSession, User
from newsforge.lib import audit, client_address, rows
from newsforge.lib.sentences import stored

MARK = "noted"
"""In the session: under which key, and when, its row was written last."""

SESSION_ENDED = stored("a session ended: %(browser)s")

PRECISION = timedelta(minutes=5)
"""A busy browser writes its row once in this time, not once a request."""

SEEN_AGAIN = ("user", "user_agent", "address", "seen_at")

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Whale", "Whale"),
            ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
           ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip
"""What a user agent has in it, and what people call that; the first that fits."""


def noted(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that notes where people are logged in; an unchanged, fresh note costs nothing."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.session.session_key is not None and request.session.accessed and request.user.is_authenticated:
            _note(request, request.user, now=timezone.now())
        return response

    return answer


def sessions_of(*, user: User, now: datetime) -> list[LoginSession]:
    """Return the sessions that still open the account, the one used last first."""
    alive = LoginSession.objects.filter(user=user, session__expire_date__gt=now).select_related("session")
    valid = user.get_session_auth_hash()
    return [
        row
        for row in alive.order_by("-seen_at")
        if constant_time_compare(row.session.get_decoded().get(HASH_SESSION_KEY, ""), valid)
    ]


def end_session(*, user: User, number: int) -> bool:
    """End one of the user's sessions; tell whether there was one."""
    with transaction.atomic():
        row = LoginSession.objects.select_for_update().filter(user=user, pk=number).first()
        if row is None:
            return False
        audit.note(row=user, text=SESSION_ENDED % {"browser": row})
        Session.objects.filter(pk=row.session_id).delete()
    return True


def end_other_sessions(*, request: HttpRequest, user: User, now: datetime) -> None:
    """End every session of the user's but the one the request came with."""
    services.end_sessions(user=user, now=now)
    update_session_auth_hash(request, user)


def forget_expired(*, now: datetime) -> int:
    """Delete sessions whose time is over, and with them where they came from; return how many rows."""
    return rows.remove(doomed=Session.objects.filter(expire_date__lte=now))


def browser_of(user_agent: str) -> str:
    """Return what people call a browser and its system; empty when it says neither."""
    found = (
        next((name for sign, name in names if re.search(re.escape(sign), user_agent)), "")
        for names in (BROWSERS, SYSTEMS)
    )
    return " · ".join(name for name in found if name)


@receiver(user_logged_in, dispatch_uid="where people are logged in")
def _note_login(request: HttpRequest | None, user: User, **_: Any) -> None:
    if request is not None:
        _note(request, user, now=timezone.now())


def _note(request: HttpRequest, user: User, *, now: datetime) -> None:
    session = request.session
    if session.session_key is None:
        return
    key, at = session.get(MARK, ("", 0))
    if key == session.session_key and now.timestamp() - at < PRECISION.total_seconds():
        return
    session[MARK] = [session.session_key, now.timestamp()]
    row = LoginSession(
        session_id=session.session_key,
        user=user,
        user_agent=request.headers.get("User-Agent", "")[:300],
        address=client_address.of(request),
        created_at=now,
        seen_at=now,
    )
    try:
        with transaction.atomic():
            LoginSession.objects.bulk_create(
                [row], update_conflicts=True, unique_fields=["session"], update_fields=SEEN_AGAIN
            )
    except IntegrityError:  # the session, or the account, ended while this was answered
        del session[MARK]
