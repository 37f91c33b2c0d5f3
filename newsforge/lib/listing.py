"""What lists of millions of rows share: pages that end, filters that are typed, a moment told as an age."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

MOST_LISTED = 10_000
"""Rows a list goes back to: what is before them costs more with every page, and is found by a filter at once."""


class BoundedPaginator(Paginator[Any]):
    """Count to ``MOST_LISTED`` and no further: counting a large table, or what a filter leaves of it, reads all."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows that can be paged through."""
        return min(self._counted, MOST_LISTED)

    def page(self, number: int | str) -> Page[Any]:
        """Return a page; on later ones what is joined and summed up is asked for of its own rows, not of all before."""
        place, rows = self.validate_number(number), self.object_list
        bottom = (place - 1) * self.per_page
        if not bottom or not isinstance(rows, QuerySet):
            return super().page(place)
        keys = rows.select_related(None).values_list("pk", flat=True)
        return Page(rows.filter(pk__in=list(keys[bottom : min(bottom + self.per_page, self.count)])), place, self)

    @cached_property
    def is_cut(self) -> bool:
        """Return whether there are rows beyond."""
        return self._counted > MOST_LISTED

    @cached_property
    def estimate(self) -> int | None:
        """Return about how many rows the whole table has, by its statistics; None for what is filtered or small."""
        rows = self.object_list
        if not isinstance(rows, QuerySet) or rows.query.where:
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [rows.model._meta.db_table]
            )
            found = cursor.fetchone()
        return int(found[0]) if found and found[0] > MOST_LISTED else None

    @property
    def said(self) -> str:
        """Return in words what of a longer list can be paged through."""
        if self.estimate:
            text = _("the first %(most)s of about %(all)s; filter, search or sort for others")
            return text % {"most": f"{MOST_LISTED:,}", "all": f"{self.estimate:,}"}
        return _("the first %(most)s of more; filter, search or sort for others") % {"most": f"{MOST_LISTED:,}"}

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return self.estimate or rows.order_by()[: MOST_LISTED + 1].count()


class Typed(admin.ListFilter):
    """A filter whose values are typed in: for what is far too much to be listed."""

    template = "admin/filters/typed.html"
    inputs: ClassVar[dict[str, tuple[Promise | str, str]]] = {}
    """Each parameter of the address, with its label and its type of input."""

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: admin.ModelAdmin[Any]
    ) -> None:
        """Take what is ours out of the address."""
        super().__init__(request, params, model, model_admin)
        self.typed = {name: str(params.pop(name)[-1]).strip() for name in self.inputs if name in params}

    def has_output(self) -> bool:
        """Show it always."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Return our parameters."""
        return list(self.inputs)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Yield the inputs, and the rest of the address, which the form keeps."""
        kept = [(name, value) for name, value in changelist.params.items() if name not in self.inputs]
        fields = [
            {"name": name, "label": label, "type": kind, "value": self.typed.get(name, "")}
            for name, (label, kind) in self.inputs.items()
        ]
        used = any(self.typed.values())
        yield {"fields": fields, "kept": kept, "clear": changelist.get_query_string(remove=self.inputs) if used else ""}


def ago(moment: datetime | None, *, now: datetime) -> SafeString | str:
    """Return how long ago it was, with the exact moment as the tooltip."""
    if moment is None:
        return "-"
    seconds = max(0, int((now - moment).total_seconds()))
    text = _("%(seconds)s s") % {"seconds": seconds} if seconds < 60 else timesince(moment, now, depth=1)
    exact = localize(timezone.localtime(moment))
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, text)
