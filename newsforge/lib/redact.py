"""Take secrets out of what leaves the process to be read by people: log lines and reports of errors.

A secret is known by its shape (a provider's key, our tokens, a webhook's secret, a sealed text), or by the name before
it (a header, a parameter, a field). This is the last net, not the first: errors and log calls hold no secret to begin
with. Every pattern is linear in the length of the text: what repeats without a bound begins at a fixed word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

MARK = "[redacted]"

DEEPEST = 20
"""Levels of nested values that are looked through; what lies deeper is not shown at all."""

_ENDS = (
    "authorization", "cookie", "sessionid", "csrftoken", "csrfmiddlewaretoken", "passwd", "password", "passphrase",
    "secret", "token", "credential", "credentials", "signature", "dsn", "encryption_keys", "apikey", "_key", "-key",
)  # fmt: skip
"""What names of fields end with whose values nobody needs to read; ``key_id`` and ``tokens`` are no such names."""

_SHAPE = re.compile(
    r"\b(?:sk|rk|pk)-[\w\-+/=.%]{8,}"  # OpenAI, Anthropic and those who imitate them, also as an address writes them
    r"|\bnf_[0-9a-f]{1,16}_\w{6,}"  # our access tokens
    r"|\bwhsec_[\w+/=%\-]{6,}"  # webhooks' secrets (Standard Webhooks 1.0)
    r"|\bv1\.[\w-]{1,32}\.[\w=-]{32,}"  # texts sealed by the key ring
)
_SCHEME = re.compile(r"(?i)\b(bearer|basic)(\s{1,8})[\w\-.~+/=%]{6,}")
"""What follows the scheme in an Authorization header (RFC 9110, 11.4)."""

_USERINFO = re.compile(r"://[^\s/@\"'<>]*@")
"""User name and password in an address (RFC 3986, 3.2.1)."""

_NAMED = re.compile(
    rf"(?i)((?:{'|'.join(_ENDS)}|\bkey)(?:[\"']?\s{{0,4}}(?:=|:|%3d)\s{{0,4}}|[\"'],\s{{0,4}}(?=b?[\"'])))"
    r"(?:b?\"[^\"\n]*|b?'[^'\n]*|[^\s\"'\\,;&<>(){}\[\]]+)"
)
"""``name=value``, ``"name": "value"`` and ``("name", "value")``."""

_PLAIN = (bool, int, float, Decimal, date, timedelta, UUID, type(None))


_HINTS = (
    "key", "token", "secret", "auth", "passw", "passphrase", "cookie", "sessionid", "credential", "signature", "dsn",
    "://", "sk-", "rk-", "pk-", "nf_", "whsec_", "v1.", "bearer", "basic",
)  # fmt: skip
"""Every match of a pattern holds one of these in lower case, and most texts hold none."""


def text(value: str) -> str:
    """Return a text with a mark in the place of each secret."""
    lower = value.lower()
    for hint in _HINTS:
        if hint in lower:
            break
    else:
        return value
    value = _USERINFO.sub(f"://{MARK}@", value)
    value = _SHAPE.sub(MARK, value)
    value = _SCHEME.sub(rf"\1\2{MARK}", value)
    return _NAMED.sub(rf"\1{MARK}", value)


def scrub(value: Any, *, depth: int = 0) -> Any:
    """Return a copy of a nested value with its texts redacted, and what secret names hold taken out whole.

    An object of any other kind is shown by its redacted ``repr``.
    """
    if isinstance(value, str):
        return text(value)
    if isinstance(value, _PLAIN):
        return value
    if depth >= DEEPEST:
        return MARK
    if isinstance(value, Mapping):
        return {scrub(name, depth=depth + 1): _field(name, each, depth) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [scrub(each, depth=depth + 1) for each in value]
    return text(repr(value))


def log_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return a log event without secrets; the signature is structlog's."""
    scrubbed: dict[str, Any] = scrub(event)
    return scrubbed


def _field(name: Any, value: Any, depth: int) -> Any:
    if isinstance(name, str) and not isinstance(value, _PLAIN) and _is_secret(name.lower()):
        return MARK
    return scrub(value, depth=depth + 1)


def _is_secret(name: str) -> bool:
    return name.endswith(_ENDS) or name == "key"
