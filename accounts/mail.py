"""Mails about an account: where their links lead, and what a dead mail server costs, which is never the account."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import structlog
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

UNSENT = "mail_unsent"
"""In the session while the last mail of this browser's did not leave."""

HEADERS = {"Auto-Submitted": "auto-generated"}
"""RFC 3834: no out-of-office answers, please."""

log = structlog.get_logger(__name__)


class Site(NamedTuple):
    """What mails call us."""

    name: str
    domain: str


def placed(context: dict[str, Any]) -> dict[str, Any]:
    """Return what a mail is told, its links at ``SITE_URL`` whatever host name the request was sent to."""
    site = Site(name=settings.MFA_TOTP_ISSUER, domain=urlsplit(settings.SITE_URL).netloc)
    links = {name: _at_site(str(value)) for name, value in context.items() if name.endswith("_url")}
    return {**context, **links, "current_site": site, "signup_open": settings.SIGNUP_OPEN}


def note_sent(*, request: HttpRequest) -> None:
    """Note that a mail left."""
    request.session.pop(UNSENT, None)


def note_unsent(*, request: HttpRequest, email: str, error: OSError) -> None:
    """Say on the next page that a mail did not leave, and let it be asked for again at once."""
    log.error("mail_not_sent", error=type(error).__name__)
    request.session[UNSENT] = True
    ratelimit.clear(request, app="allauth.account", action="confirm_email", key=email.lower())
    messages.error(
        request, _("The mail could not be sent: our mail server does not answer. Send it again in a few minutes.")
    )


def is_unsent(*, request: HttpRequest) -> bool:
    """Tell whether the last mail of this browser's did not leave."""
    return bool(request.session.get(UNSENT))


def _at_site(url: str) -> str:
    site, parts = urlsplit(settings.SITE_URL), urlsplit(url)
    return urlunsplit((site.scheme, site.netloc, parts.path, parts.query, parts.fragment))
