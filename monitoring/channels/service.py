"""What Apprise knows and we do not: some 170 services, sent to by Apprise itself.

What its source (2.2) does, and what is done about it here. ``notify()`` returns an object whose truth is its status,
and a service with ``optional=yes`` in its address counts as a success when it failed: the attempts are asked instead.
No plugin's exception leaves it. It waits 60 s for a service in a thread and leaves the thread running: here 20 s, and
each of its sockets gives up after 4 s. Redirects are followed: switched off. Its log lines name addresses, with the
secrets in them below WARNING: nothing of its log reaches ours, and what it says of a failure is kept without any part
of the address. It gives a message no id and does not say whether a failed one may have arrived: it is sent again.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from monitoring.channels import mail
from monitoring.channels.errors import ChannelSilent, ChannelUnreachable, UnusableChannel
from monitoring.channels.message import Look, Message
from monitoring.channels.rules import TIMEOUT, policy_for
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.http.guard import check_target, is_public, vetted_addresses
from newsforge.lib.http.url import Target

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

PATIENCE = 20.0
"""Seconds for a service, all its requests together."""

OF_THIS_MACHINE = frozenset({"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "vapid", "windows"})
"""What shows messages on the machine itself, or keeps files there."""

SHORTEST_SECRET = 5

_log = logging.getLogger("apprise")
_log.propagate = False
_log.setLevel(logging.WARNING)  # nor does anything that listens to all loggers hear what is below
_log.addHandler(logging.NullHandler())
logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)  # below it says whole paths

_loading = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An address Apprise sends to."""

    url: str
    shown: str

    def send(self, *, message: Message, is_trusted: bool) -> None:
        """Let Apprise send it.

        :raises SendingFailed: if Apprise does not say that it was taken.
        """
        from apprise import Apprise, AppriseResultStatus

        service = _instantiate(self.url)
        name = str(service.service_name)
        _vet(service, name, is_trusted)
        sender = Apprise(asset=_asset())
        sender.add(service)
        kinds = {Look.CRITICAL: "failure", Look.WARNING: "warning", Look.RECOVERED: "success"}
        with sender.notify(
            body=message.plain,
            title=message.title,
            notify_type=kinds.get(message.look, "info"),
            body_format="text",
            timeout=PATIENCE,
        ) as result:
            attempts = [attempt for each in result.results for attempt in each.attempts]
            if attempts and all(attempt.status == AppriseResultStatus.SUCCESS for attempt in attempts):
                return
            said = "; ".join(str(entry.message) for entry in result.logs()) or result.status.name.lower()
        raise ChannelSilent(service=name, reason=without_secrets(text=said, url=self.url)[:200])


def read(*, url: str, is_trusted: bool) -> mail.Mailbox | Service:
    """Return what Apprise makes of an address: a mailbox we write to ourselves, or a service it sends to.

    :raises UnusableChannel: if Apprise cannot read it, or it is one of this machine or a private network.
    """
    service = _instantiate(url)
    if "mailto" in _schemas(service):
        mailbox = mail.read(service=service)
        mailbox.check(is_trusted=is_trusted)
        return mailbox
    if OF_THIS_MACHINE & _schemas(service):
        raise UnusableChannel(reason=_("it would reach nobody but this machine"))
    target = _target(service)
    if target is not None:
        policy = policy_for(pair=target.pair, is_trusted=is_trusted, ports=frozenset({target.port}))
        try:
            check_target(target=target, policy=policy)
        except NewsforgeError as refusal:
            raise UnusableChannel(reason=_(refusal.title)) from refusal
        if target.ip is not None and target.pair not in policy.allow and not is_public(target.ip):
            raise UnusableChannel(reason=_("it is not on the public internet"))
    shown = str(service.url(privacy=True))  # type: ignore[no-untyped-call] # half of Apprise has no types
    return Service(url=url, shown=shown.partition("?")[0])


def without_secrets(*, text: str, url: str) -> str:
    """Return a text of Apprise's without any part of the address that could be a token."""
    parts = {part for piece in re.split(r"[/:@?&=,;#\s]+", url) for part in (piece, unquote(piece))}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= SHORTEST_SECRET:
            text = text.replace(part, "…")
    return " ".join(text.split())


def _instantiate(url: str) -> NotifyBase:
    """Return Apprise's object; the first call loads all its plugins, 2 s and 40 MB."""
    from apprise import Apprise

    with _loading, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports imghdr, which Python 3.13 drops
        service = Apprise.instantiate(url, asset=_asset())
    if service is None:
        raise UnusableChannel(reason=_("it is not complete, or Apprise does not know it"))
    service.redirects = False
    return service


def _asset() -> AppriseAsset:
    from apprise import AppriseAsset

    return AppriseAsset(
        app_id="NewsForge",
        app_desc="NewsForge",
        app_url=settings.SITE_URL,
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
        service_timeout=PATIENCE,
        language="en",
        pgp_autogen=False,
        pem_autogen=False,
    )


def _schemas(service: NotifyBase) -> set[str]:
    names: list[object] = [service.schema, service.protocol, service.secure_protocol]
    return {str(name) for each in names for name in (each if isinstance(each, list | tuple | set) else [each])}


def _target(service: NotifyBase) -> Target | None:
    """Return where the service is when its address says so; a service with one home of its own has none."""
    if "host" not in service.template_tokens or not service.host:
        return None
    port = service.port if isinstance(service.port, int) else 443 if service.secure else 80
    return Target(scheme="https", host=str(service.host).lower(), port=port, path="/")


def _vet(service: NotifyBase, name: str, is_trusted: bool) -> None:
    """Look the service's own host up before Apprise does; a name that changes in between is not excluded."""
    target = _target(service)
    if target is None:
        return
    policy = policy_for(pair=target.pair, is_trusted=is_trusted, ports=frozenset({target.port}))
    try:
        vetted_addresses(target=target, policy=policy, deadline=time.monotonic() + TIMEOUT)
    except NewsforgeError as error:
        raise ChannelUnreachable(service=name, reason=error.title) from error
