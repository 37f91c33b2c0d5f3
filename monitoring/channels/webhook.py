"""HTTP: Slack's incoming webhooks and what takes the same payload, and plain JSON for programs.

Through our one door out, so that a private address, a redirect or a slow far side is no way in and holds nobody up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from monitoring.channels.errors import ChannelRefused, ChannelSilent, ChannelUnreachable, UnusableChannel
from monitoring.channels.message import Look, Message
from monitoring.channels.rules import policy_for
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.http import parse_url, post
from newsforge.lib.http.errors import ConnectionFailed, FetchTimedOut
from newsforge.lib.http.guard import check_target, is_public
from newsforge.lib.http.url import Target
from newsforge.lib.retry_after import parse_retry_after

PORTS = frozenset({80, 443})

COLOURS = {Look.CRITICAL: "#a32020", Look.WARNING: "#d69e00", Look.RECOVERED: "#1a6b35", Look.PLAIN: "#555f6b"}
"""Of the bar beside a message in Slack; the same as the badges of the admin."""

SLACK = "hooks.slack.com"
LONGEST_VALUE = 500
LONGEST_REASON = 80
"""Characters of the far side's own words that are kept: Slack's are as short as ``no_service``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that takes a POST: ``slack`` says whose payload."""

    url: str
    slack: bool

    @property
    def shown(self) -> str:
        """Return what is no secret: everything after the host may be."""
        target = parse_url(url=self.url)
        return f"{'slack' if self.slack else 'json'} {target.scheme}://{target.host}:{target.port}/…"

    @classmethod
    def read(cls, *, url: str, slack: bool, is_trusted: bool) -> Self:
        """Return the webhook at an http(s) address.

        :raises UnusableChannel: if it is no address of the public web, nor allowed by name.
        """
        try:
            target = parse_url(url=url)
            policy = policy_for(pair=target.pair, is_trusted=is_trusted, ports=PORTS)
            check_target(target=target, policy=policy)
        except NewsforgeError as refusal:
            raise UnusableChannel(reason=_(refusal.title)) from refusal
        if target.pair not in policy.allow and not _is_fit(target):
            raise UnusableChannel(reason=_("only public https:// addresses without a port are possible"))
        return cls(url=target.url, slack=slack)

    def send(self, *, message: Message, is_trusted: bool) -> None:
        """Post the message.

        :raises SendingFailed: if the far side did not answer that it took it.
        """
        target = parse_url(url=self.url)
        policy = policy_for(pair=target.pair, is_trusted=is_trusted, ports=PORTS)
        payload = slack_payload(message) if self.slack else json_payload(message)
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "idempotency-key": message.key,
            "webhook-id": message.key,
        }
        try:
            response = post(url=self.url, body=body, headers=headers, policy=policy)
        except (FetchTimedOut, ConnectionFailed) as error:
            raise ChannelSilent(service=target.host, reason=error.title) from error
        except NewsforgeError as error:
            raise ChannelUnreachable(service=target.host, reason=error.title) from error
        if not 200 <= response.status < 300:
            wait = parse_retry_after(response.headers, now=response.received_at)
            reason = f"{response.status} {_first_line(response.body)}".strip()
            raise ChannelRefused(service=target.host, reason=reason, retry_after=wait)


def slack_payload(message: Message) -> dict[str, Any]:
    """Return the message as Slack's incoming webhooks take it: a line for the preview, and a coloured attachment."""
    attachment = {
        "color": COLOURS[message.look],
        "fallback": _escaped(message.title),
        "text": _escaped(message.text) + (f"\n<{message.link}>" if message.link else ""),
        "fields": [
            {"title": _escaped(label), "value": _escaped(value[:LONGEST_VALUE]), "short": len(value) < 40}
            for label, value in message.fields
        ],
        "footer": "NewsForge",
        "ts": int(message.at.timestamp()),
    }
    return {"text": f"*{_escaped(message.title)}*", "attachments": [attachment]}


def json_payload(message: Message) -> dict[str, Any]:
    """Return the message for a program: the same ``id`` means the same message."""
    facts: Mapping[str, Any] = message.facts
    return {
        "id": message.key,
        "timestamp": message.at.isoformat(),
        "look": message.look.value,
        "title": message.title,
        "text": message.plain,
        "link": message.link,
        **facts,
    }


def _is_fit(target: Target) -> bool:
    return target.scheme == "https" and target.port == 443 and (target.ip is None or is_public(target.ip))


def _escaped(text: str) -> str:
    """Escape as Slack asks: these three signs and no others."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _first_line(body: bytes) -> str:
    line = body.decode("utf-8", "replace").strip().partition("\n")[0][:LONGEST_REASON]
    return "".join(sign if sign.isprintable() else " " for sign in line)
