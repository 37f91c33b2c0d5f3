"""What a provider's error answer means. Status, code and words decide; both providers' envelopes are read alike.

Sources: platform.openai.com/docs/guides/error-codes, platform.claude.com/docs/en/api/errors, and the answers of
gateways in front of them.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from conversions.pipeline.providers import errors
from conversions.pipeline.providers.errors import ProviderFailure, Receipt
from newsforge.lib.errors import TransientError
from newsforge.lib.retry_after import parse_retry_after

REASON_CHARACTERS = 200
"""Kept of the provider's own words."""

_QUOTA = frozenset(
    {
        "insufficient_quota",
        "billing_error",
        "billing_not_active",
        "billing_hard_limit_reached",
        "contract_spend_limit_reached",
        "enforced_spend_limit_reached",
        "linked_organization_spend_limit_reached",
    }
)
_QUOTA_WORDS = re.compile(r"(?i)credit balance|exceeded your current quota|insufficient (?:credits|balance|funds)")
_CONTEXT = frozenset({"context_length_exceeded", "string_above_max_length", "request_too_large"})
_CONTEXT_WORDS = re.compile(
    r"(?i)prompt is too long|maximum context length|context (?:length|window|size)|request too large|too many tokens"
)
_REFUSED = frozenset(
    {"content_filter", "content_policy_violation", "invalid_prompt", "bio_policy", "misalignment_policy_violation"}
)
_OVERLOADED = frozenset({"overloaded_error", "slow_down", "server_overloaded"})
_OVERLOADED_WORDS = re.compile(r"(?i)overloaded|over capacity|at capacity")
_LIMITED = frozenset({"rate_limit_error", "rate_limit_exceeded"})

_BY_STATUS: dict[int, type[ProviderFailure]] = {
    401: errors.BadKey,
    403: errors.KeyForbidden,
    408: errors.ProviderTimedOut,
    409: errors.ProviderUnavailable,
    425: errors.ProviderUnavailable,
    429: errors.RateLimited,
    499: errors.ProviderUnavailable,
    504: errors.ProviderTimedOut,
}

_SECRETS = re.compile(r"(?i)\bbearer\s+\S+|\b(?:sk|pk|org|proj|key)[-_][\w*.\-]{4,}|\S*\*{3,}\S*|[\w+/=\-]{32,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The parts of an error answer that say something; ``is_api`` tells an API's answer from a web page's.

    The message may repeat the key, and error reports print what a function holds: it stays out of the repr.
    """

    status: int
    names: frozenset[str] = field(default=frozenset(), repr=False)
    message: str = field(default="", repr=False)
    is_api: bool = False


def read_refusal(*, status: int, body: bytes | Mapping[str, Any]) -> Refusal:
    """Return what an error answer says: its codes and types, and its sentence."""
    data = body if isinstance(body, Mapping) else _parsed(body)
    if not isinstance(data, Mapping):
        return Refusal(status=status)
    error = data.get("error", data)
    if not isinstance(error, Mapping):
        return Refusal(status=status, message=str(error), is_api=True)
    details = error.get("details")
    more = details.get("error_code") if isinstance(details, Mapping) else None
    names = {each for each in (error.get("code"), error.get("type"), more) if isinstance(each, str)}
    message = error.get("message") or error.get("detail")
    return Refusal(
        status=status, names=frozenset(names), message=message if isinstance(message, str) else "", is_api=True
    )


def failure_of(*, refusal: Refusal, receipt: Receipt, headers: Mapping[str, str], secret: str = "") -> ProviderFailure:
    """Return the failure an error answer stands for, with the wait it names and its words without secrets."""
    kind = _kind(refusal)
    if kind not in {errors.BadKey, errors.KeyForbidden}:
        receipt = replace(receipt, reason=redact(text=refusal.message, secret=secret))
    if issubclass(kind, TransientError):
        return kind(receipt=receipt, retry_after=parse_retry_after(headers, now=datetime.now(tz=UTC)))
    return kind(receipt=receipt)


def redact(*, text: str, secret: str = "") -> str:
    """Return a provider's words on one line, shortened, without the key or anything that looks like one."""
    for written in {secret, quote(secret, safe=""), html.escape(secret)} - {""}:
        text = text.replace(written, "…")
    text = _SECRETS.sub("…", text)
    plain = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    return " ".join(plain.split())[:REASON_CHARACTERS]


def _kind(refusal: Refusal) -> type[ProviderFailure]:
    status, names, words = refusal.status, refusal.names, refusal.message
    if status == 402 or names & _QUOTA or _QUOTA_WORDS.search(words):
        return errors.KeyQuotaExhausted
    if status == 413 or names & _CONTEXT or (status in {400, 422, 429} and _CONTEXT_WORDS.search(words)):
        return errors.ContextTooLong
    if names & _REFUSED:
        return errors.ContentRefused
    if status == 529 or names & _OVERLOADED or (status == 503 and _OVERLOADED_WORDS.search(words)):
        return errors.ProviderOverloaded
    if status == 403 and not refusal.is_api:
        return errors.BadProviderRequest  # a web page: something before the API, not the API about the key
    if names & _LIMITED:
        return errors.RateLimited
    if status >= 500 and status not in _BY_STATUS:
        return errors.ProviderUnavailable
    return _BY_STATUS.get(status, errors.BadProviderRequest)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
