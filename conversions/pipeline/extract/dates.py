"""When a story was published, always with a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Final

KST: Final = timezone(timedelta(hours=9), "KST")
_ZONES: Final[dict[str, tzinfo]] = {"ko": KST, "ja": timezone(timedelta(hours=9), "JST")}
"""Where a language has one zone, a time without one is in it; otherwise it is taken for UTC."""

_DATE = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s?[-./년年]\s?(?P<month>\d{1,2})\s?[-./월月]\s?(?P<day>\d{1,2})\s?[일日.]?"
    r"(?:[\sT(|:,]{0,4}(?:[월화수목금토일]요일)?[\s)]{0,2}(?P<half>오전|오후|AM|PM)?\s?(?P<hour>\d{1,2})\s?[:시時]\s?(?P<minute>\d{1,2})"
    r"(?:\s?[:분分]\s?(?P<second>\d{1,2}))?)?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?)?$")
_LABEL = re.compile(
    r"(?:기사\s?)?(?:최초\s?)?(?:입력|등록|승인|송고|발행|게재|작성|출고|보도)(?:\s?(?:일시|시간|시각|일))?[\s:：\[(|]{0,6}(?=(?:19|20)\d{2})"
)


def parse_date(text: str, *, language: str | None) -> datetime | None:
    """Return the moment a text names, or None.

    Reads ISO 8601, RFC 2822 and the way Korean, Japanese and Chinese pages write dates. A date without a time is
    midnight; a time without a zone is KST on Korean pages, JST on Japanese ones and UTC elsewhere.
    """
    text = text.strip()[:100]
    for read in (_iso, _mail, _written):
        when = read(text)
        if when is not None and 1990 <= when.year <= 2100:
            return when if when.tzinfo else when.replace(tzinfo=_ZONES.get(language or "", UTC))
    return None


def labelled_date(lines: list[str], *, language: str | None) -> datetime | None:
    """Return the date behind a Korean label such as "입력" or "승인" among a page's lines; "수정" is a later edit."""
    for line in lines:
        found = _LABEL.search(line) if len(line) <= 300 else None
        if found and (when := parse_date(line[found.end() : found.end() + 40], language=language or "ko")):
            return when
    return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    found = _COMPACT.match(text)
    return _build(*(int(part or 0) for part in found.groups())) if found else None


def _mail(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if re.match(r"[A-Za-z]{3},? ", text) else None
    except (ValueError, TypeError):
        return None


def _written(text: str) -> datetime | None:
    found = _DATE.search(text)
    if not found:
        return None
    part = {name: int(value) for name, value in found.groupdict().items() if value and value.isdigit()}
    hour, half = part.get("hour", 0), (found["half"] or "").upper()
    if half in ("오후", "PM") and hour < 12:
        hour += 12
    elif half in ("오전", "AM") and hour == 12:
        hour = 0
    return _build(part["year"], part["month"], part["day"], hour, part.get("minute", 0), part.get("second", 0))


def _build(*parts: int) -> datetime | None:
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the caller gives it its zone
    except ValueError:
        return None
