"""Long lists, newest first, a page at a time: a page begins where the one before it ended, whatever came meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

Row = TypeVar("Row", bound=Model)

AT_ONCE = 25
"""Rows of one page."""


def page_of(*, rows: QuerySet[Row], request: HttpRequest) -> tuple[list[Row], str]:
    """Return the page the request asks for, and the query of the one after it, empty for the last.

    The rows have ``created_at``; a mark (``before``) that is none shows the first page.
    """
    found: list[Any] = list(_before(rows, request.GET.get("before", ""))[: AT_ONCE + 1])
    if len(found) <= AT_ONCE:
        return found, ""
    last, more = found[AT_ONCE - 1], request.GET.copy()
    more["before"] = f"{last.created_at.isoformat()} {last.pk}"
    return found[:AT_ONCE], more.urlencode()


def _before(rows: QuerySet[Row], mark: str) -> QuerySet[Row]:
    ordered, place = rows.order_by("-created_at", "-pk"), _place(mark)
    if place is None:
        return ordered
    at, pk = place
    return ordered.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))


def _place(mark: str) -> tuple[datetime, UUID] | None:
    at, _, pk = mark.rpartition(" ")
    try:
        moment = parse_datetime(at)
        return None if moment is None or moment.tzinfo is None else (moment, UUID(pk))
    except ValueError:
        return None
