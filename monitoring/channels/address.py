"""From an address somebody wrote to what can be sent to."""

from __future__ import annotations

import re
from typing import Protocol

from django.utils.translation import gettext_lazy as _

from monitoring.channels import service
from monitoring.channels.errors import UnusableChannel
from monitoring.channels.message import Message
from monitoring.channels.webhook import SLACK, Webhook

LONGEST = 2000
_SLACK_WEBHOOK = re.compile(r"slack://(?P<path>T\w+/B\w+/\w+)/?", re.IGNORECASE)
"""Apprise's way to write an incoming webhook of Slack; its other forms are left to Apprise."""
_JSON = re.compile(r"json(?P<s>s?)://(?P<rest>.+)", re.IGNORECASE)
_PLAIN = re.compile(r"https?://", re.IGNORECASE)
_OTHER_HOMES = re.compile(r"https://[^/]*(discord(app)?\.com|office\.com|logic\.azure\.com|chat\.googleapis\.com)/")
"""Webhooks of services that take a payload of their own; Apprise knows them by these addresses."""


class Sendable(Protocol):
    """What a message can be sent to."""

    @property
    def shown(self) -> str:
        """Return the address without what is secret in it."""

    def send(self, *, message: Message, is_trusted: bool) -> None:
        """Send it.

        :raises SendingFailed: if nobody said that it was taken.
        """


def read(*, url: str, is_trusted: bool) -> Sendable:
    """Return what an address leads to; ``is_trusted`` says that it is the environment's.

    An ``http(s)://`` address is an incoming webhook that takes Slack's payload: Slack, Mattermost, Rocket.Chat and
    others. ``json(s)://`` takes our own. All others are read by Apprise.

    :raises UnusableChannel: if it leads nowhere alerts can be sent to.
    """
    text = url.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        raise UnusableChannel(reason=_("it is empty, too long, or holds what nobody can see"))
    slack, json = _SLACK_WEBHOOK.fullmatch(text), _JSON.fullmatch(text)
    if slack:
        text = f"https://{SLACK}/services/{slack['path']}"
    if json:
        return Webhook.read(url=f"http{json['s'].lower()}://{json['rest']}", slack=False, is_trusted=is_trusted)
    if _PLAIN.match(text) and not _OTHER_HOMES.match(text):
        return Webhook.read(url=text, slack=True, is_trusted=is_trusted)
    return service.read(url=text, is_trusted=is_trusted)
