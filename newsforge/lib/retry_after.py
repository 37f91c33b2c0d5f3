"""How long the far side asks us to wait; read the same way for pages, providers and webhooks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return the seconds the far side asked us to wait, or None when it named no readable wait.

    ``retry-after-ms`` (OpenAI and Azure send it, in milliseconds) is finer and wins; then ``retry-after`` as a whole
    or fractional number of seconds, or as an HTTP-date counted from ``now`` (RFC 9110, 10.2.3). A moment in the past
    is a wait of 0. The wait is never shortened here: a caller that cannot wait so long puts the job off.
    Header names are found in any case; ``now`` is an aware time.
    """
    lowered = {name.lower(): value.strip() for name, value in headers.items()}
    milliseconds = _number(lowered.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = lowered.get("retry-after", "")
    seconds = _number(value)
    return seconds if seconds is not None else _until(value, now=now)


def _number(value: str) -> float | None:
    try:
        number = float(value) if value.isascii() else math.nan
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _until(value: str, *, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)
