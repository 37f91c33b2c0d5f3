"""Pages of a list, newest first, by position and not by number: rows that arrive meanwhile shift nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from conversions.models import Conversion

DEFAULT_SIZE = 50
LARGEST_SIZE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """A row, and which of its neighbours come: the older ones, or the newer ones.

    Conversions of one request share their moment, so the id decides between them.
    """

    newer: bool
    created_at: datetime
    id: UUID

    def __str__(self) -> str:
        plain = f"{'newer' if self.newer else 'older'} {self.created_at.isoformat()} {self.id.hex}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Return the cursor written as ``text``.

        :raises ValueError: if it is none of ours.
        """
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        direction, moment, row = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").split(" ")
        created_at = datetime.fromisoformat(moment)
        if direction not in {"newer", "older"} or created_at.tzinfo is None:
            raise ValueError(direction)
        return cls(newer=direction == "newer", created_at=created_at, id=UUID(hex=row))

    def neighbours(self) -> Q:
        """Return the condition on the rows it leads to; the first part alone is what the index can use."""
        if self.newer:
            beyond = Q(created_at__gt=self.created_at) | Q(created_at=self.created_at, id__gt=self.id)
            return Q(created_at__gte=self.created_at) & beyond
        beyond = Q(created_at__lt=self.created_at) | Q(created_at=self.created_at, id__lt=self.id)
        return Q(created_at__lte=self.created_at) & beyond


class NewestFirst(BasePagination):
    """Give a page of rows, with the addresses of the next and the previous one."""

    parameters = ("cursor", "page_size")

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:  # noqa: ARG002 - the signature is REST framework's
        """Return one page.

        :raises rest_framework.exceptions.ValidationError: if the cursor or the size makes no sense.
        """
        size = _size(request)
        cursor = _cursor(request)
        newer = cursor is not None and cursor.newer
        order = ("created_at", "id") if newer else ("-created_at", "-id")
        rows = list(queryset.filter(cursor.neighbours() if cursor else Q()).order_by(*order)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if newer:
            rows.reverse()
        self.next = self._link(request, rows[-1:], newer=False) if newer or more else None
        self.previous = self._link(request, rows[:1], newer=True) if (more if newer else cursor) else None
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page's answer."""
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the answer's schema."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": dict(link), "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:  # noqa: ARG002 - as above
        """Return the parameters' schema."""
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE}
        return [
            _parameter(
                "cursor",
                {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
                "Taken from next or previous of another page.",
            ),
            _parameter("page_size", size, "Conversions on a page."),
        ]

    def _link(self, request: Request, edge: Sequence[Conversion], *, newer: bool) -> str | None:
        if not edge:
            return None
        cursor = Cursor(newer=newer, created_at=edge[0].created_at, id=edge[0].id)
        return replace_query_param(request.build_absolute_uri(), "cursor", str(cursor))


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", str(DEFAULT_SIZE))
    size = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= size <= LARGEST_SIZE:
        message = _("Give a number from 1 to %(largest)s.") % {"largest": LARGEST_SIZE}
        raise ValidationError({"page_size": ErrorDetail(message, "invalid-page-size")})
    return size


def _cursor(request: Request) -> Cursor | None:
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        return Cursor.parse(text)
    except (ValueError, binascii.Error):
        message = _("This is not a cursor of ours. Take it from next or previous of another page.")
        raise ValidationError({"cursor": ErrorDetail(message, "invalid-cursor")}) from None


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
