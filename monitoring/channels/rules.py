"""Where alerts may go: what operators named in the environment, and what is on the public internet."""

from __future__ import annotations

from django.conf import settings

from newsforge.lib.http import HttpPolicy, parse_allow

TIMEOUT = 10.0
"""Seconds for one message, look-up and connecting included; a sender's lease is longer than several of them."""


def policy_for(*, pair: tuple[str, int], is_trusted: bool, ports: frozenset[int]) -> HttpPolicy:
    """Return the limits of sending to a host and port.

    An address of the environment may be private: who sets that owns the machine. One entered in the admin may not,
    unless NEWSFORGE_ALERT_ALLOW names it.
    """
    allow = parse_allow(text=settings.ALERT_ALLOW) | (frozenset({pair}) if is_trusted else frozenset())
    return HttpPolicy(timeout=TIMEOUT, user_agent=settings.FETCH_USER_AGENT, allow=allow, ports=ports)
