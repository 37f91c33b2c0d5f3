"""What a model's answer must look like, and how it is taken out of it. Nothing a provider sends is trusted."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from conversions.pipeline.providers.errors import (
    ContentRefused,
    ContextTooLong,
    EmptyReply,
    MalformedReply,
    NoAnswer,
    NotAnAnswer,
    ProviderFailure,
    Receipt,
    Truncated,
)
from conversions.pipeline.types import Reply, Usage

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "The title where the task asks for one, else empty"},
        "body": {"type": "string", "description": "The post, ready to publish, without hashtags and links"},
        "hashtags": {"type": "array", "items": {"type": "string"}, "description": "Without the # sign"},
    },
    "required": ["title", "body", "hashtags"],
    "additionalProperties": False,
}
SCHEMA_NAME = "post"

MAX_TOKENS = 2**31 - 1
"""What is stored of a number of tokens at most, whatever a provider claims."""

_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)


class Stop(Enum):
    """Why a model stopped writing, when that makes the answer worthless."""

    LENGTH = Truncated
    REFUSED = ContentRefused
    CONTEXT = ContextTooLong
    UNFINISHED = MalformedReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The model's text and why it ended there; ``stop`` is None when it ended by itself."""

    text: str
    stop: Stop | None = None


def read_envelope(*, body: bytes, receipt: Receipt) -> Mapping[str, Any]:
    """Return the JSON object of an answer with status 200.

    :raises NoAnswer: if there is no body.
    :raises NotAnAnswer: if it is anything else, for example a web page.
    """
    if not body.strip():
        raise NoAnswer(receipt=receipt)
    data = _object(body)
    if data is None:
        raise NotAnAnswer(receipt=receipt)
    return data


def read_reply(*, completion: Completion, receipt: Receipt) -> Reply:
    """Return the post in a completion; each failure carries the receipt, for the answer was paid.

    :raises ProviderFailure: if it was cut off, refused, empty, or is not the JSON asked for.
    """
    if completion.stop is not None:
        kind: type[ProviderFailure] = completion.stop.value
        raise kind(receipt=receipt)
    if not completion.text.strip():
        raise EmptyReply(receipt=receipt)
    fields = _fields(completion.text)
    if fields is None:
        raise MalformedReply(receipt=receipt)
    title, body, hashtags = fields
    if not body:
        raise EmptyReply(receipt=receipt)
    return Reply(
        title=" ".join(title.split()),
        body=body,
        hashtags=tuple(tag for tag in (tag.lstrip("#＃").strip() for tag in hashtags) if tag),
        provider=receipt.provider,
        model=receipt.model,
        usage=receipt.usage or Usage(),
        request_id=receipt.request_id,
        latency_ms=receipt.latency_ms,
    )


def tokens(value: object) -> int:
    """Return a reported number of tokens; missing, negative or no number at all is 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
        return 0
    return int(min(max(value, 0), MAX_TOKENS))


def pick(data: object, *path: str) -> Any:
    """Return what stands at a path of keys in parsed JSON, or None."""
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def rows(data: object, *path: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the list at a path of keys."""
    found = pick(data, *path)
    yield from (row for row in found if isinstance(row, Mapping)) if isinstance(found, list) else ()


def text_of(value: object) -> str:
    """Return a string as it is, and nothing for anything else."""
    return value if isinstance(value, str) else ""


def _fields(text: str) -> tuple[str, str, list[str]] | None:
    """Return title, body and hashtags, or None when the text is not the JSON asked for."""
    fenced = _FENCED.match(text)
    data = _object(fenced[1] if fenced else text)
    title, body, hashtags = (pick(data, key) for key in SCHEMA["required"])
    if not isinstance(title, str) or not isinstance(body, str) or not isinstance(hashtags, list):
        return None
    if not all(isinstance(tag, str) for tag in hashtags):
        return None
    return _storable(title), _storable(body), [_storable(tag) for tag in hashtags]


def _object(text: str | bytes) -> Mapping[str, Any] | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, Mapping) else None


def _storable(text: str) -> str:
    """Return the text in NFC without lone surrogates and control characters, which no database takes."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    lines = whole.replace("\r\n", "\n").replace("\r", "\n")
    kept = (char for char in lines if char in "\n\t" or unicodedata.category(char) != "Cc")
    return unicodedata.normalize("NFC", "".join(kept)).strip()
