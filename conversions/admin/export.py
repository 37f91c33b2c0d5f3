"""The conversions of a filter as a CSV file: the facts and the post, never an article's text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from conversions.models import Conversion

COLUMNS = {
    "id": "id", "created_at": "created_at", "finished_at": "finished_at", "status": "status",
    "failure_code": "failure_code", "fault": "fault", "error_message": "error_message", "error_id": "error_id",
    "user": "user__email", "batch_id": "batch_id", "platform": "target_platform", "language": "language",
    "tone": "tone", "requested_provider": "requested_provider", "provider": "provider", "model": "model",
    "tokens_used": "tokens_used", "cost_usd": "cost_usd", "processing_time_ms": "processing_time_ms", "run": "run",
    "source_url": "source_url", "article": "article__title", "length": "length", "limit": "limit",
    "title": "title", "post": "content_generated", "hashtags": "hashtags", "flagged_at": "flagged_at",
    "flag_note": "flag_note",
}  # fmt: skip
"""Each column's name, which never changes, and where its value stands."""

BATCH = 1000


def facts(*, rows: QuerySet[Conversion]) -> Iterator[list[object]]:
    """Yield a line for each of the rows, newest first.

    They are read by position, a batch at a time: no transaction stays open while somebody downloads, and what arrives
    meanwhile shifts nothing.
    """
    ordered = rows.order_by("-created_at", "-id").values_list(*COLUMNS.values())
    after = Q()
    while batch := list(ordered.filter(after)[:BATCH]):
        yield from ([_shown(value) for value in row] for row in batch)
        pk, created_at = batch[-1][0], batch[-1][1]
        after = Q(created_at__lte=created_at) & (Q(created_at__lt=created_at) | Q(pk__lt=pk))


def _shown(value: Any) -> object:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    return " ".join(value) if isinstance(value, list) else value
