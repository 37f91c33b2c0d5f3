"""What every page of the admin shares: facts nobody edits, large tables counted by estimate, ids found by paste."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from auditlog import get_logentry_model
from auditlog.registry import auditlog
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import DateTimeField, Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from newsforge.lib import audit
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told

Row = TypeVar("Row", bound=Model)

ESTIMATE_FROM = 10_000
"""Rows from which PostgreSQL's own estimate is near enough for a page count."""

MOST_REASONS = 10
"""Sentences one action says; a thousand rows may be refused in as many ways."""


class EstimatedPaginator(Paginator[Any]):
    """Count a whole large table by its statistics: an exact count reads every row of it."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows, estimated when nothing is filtered and there are many."""
        rows = self.object_list
        if isinstance(rows, QuerySet) and not rows.query.where:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [rows.model._meta.db_table]
                )
                estimate = cursor.fetchone()
            if estimate and estimate[0] >= ESTIMATE_FROM:
                return int(estimate[0])
        return int(super().count)


class DateAndTime(AdminSplitDateTime):
    """Django's two fields for a moment, each with a name for those who hear the page."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """Name them as Django writes beside them."""
        super().__init__(attrs)
        self.widgets[0].attrs["aria-label"] = _("Date")
        self.widgets[1].attrs["aria-label"] = _("Time")


class HouseAdmin(admin.ModelAdmin[Row]):
    """The habits of every page: no second count, a page of 50, a pasted id found by its index."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    paginator = EstimatedPaginator
    formfield_overrides: ClassVar = {
        DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime},
    }
    id_fields: ClassVar[tuple[str, ...]] = ("pk",)
    """Columns of type uuid in which a pasted id is looked up."""
    add_fields: ClassVar[tuple[str, ...]] = ()
    """What the add page asks for, all of it editable there; empty for what the change page has."""
    object_history_template = "admin/audited_history.html"

    def get_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Return the add page's own fields for a new row."""
        return self.add_fields if self.add_fields and obj is None else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Lock nothing the add page asks for."""
        return () if self.add_fields and obj is None else super().get_readonly_fields(request, obj)

    def found_by(self, term: str) -> Q | None:  # noqa: ARG002 - for pages of large tables, which say more
        """Return what a searched text finds; None for Django's own search, which reads every row."""
        return None

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Name what is edited in the list; the column's title is not tied to its fields."""
        formset = super().get_changelist_formset(request, **kwargs)
        for field in formset.form.base_fields.values():
            field.widget.attrs["aria-label"] = field.label
        return formset

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        """Look a pasted id up by its index; search text otherwise."""
        try:
            pasted = UUID(search_term.strip())
        except ValueError:
            condition = self.found_by(search_term.strip())
            if condition is not None:
                return queryset.filter(condition), False
            return super().get_search_results(request, queryset, search_term)
        matches = Q()
        for field in self.id_fields:
            matches |= Q(**{field: pasted})
        return (queryset.filter(matches) if self.id_fields else queryset.none()), False

    def save_model(self, request: HttpRequest, obj: Row, form: ModelForm[Row], change: bool) -> None:
        """Write only what was changed: a counter or a revocation that moved meanwhile is not moved back."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        changed = set(form.changed_data)
        if changed:
            fields = obj._meta.concrete_fields
            obj.save(
                update_fields=[each.name for each in fields if each.name in changed or getattr(each, "auto_now", False)]
            )

    def log_addition(self, request: HttpRequest, obj: Row, message: Any) -> LogEntry:
        """Leave an entry in the audit log too, where saving the row did not."""
        self._entry(obj, message, get_logentry_model().Action.CREATE)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Row, message: Any) -> LogEntry:
        """Leave an entry in the audit log too: for what staff did, in words; for a form, where saving did not."""
        self._entry(obj, message, get_logentry_model().Action.UPDATE)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Row]) -> Any:
        """Leave entries in the audit log too, where deleting the rows does not."""
        for row in queryset:
            self._entry(row, [], get_logentry_model().Action.DELETE)
        return super().log_deletions(request, queryset)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who did what to the row and from where, and what it changed."""
        row = self.get_object(request, unquote(object_id))
        entries: Any = audit.entries_of(row=row).select_related("content_type") if row is not None else []
        page: Page[Any] = Paginator(entries, self.list_per_page).get_page(request.GET.get("p"))
        shown = [(entry, list(audit.lines_of(entry=entry))) for entry in page]
        return super().history_view(request, object_id, {**(extra_context or {}), "entries": shown, "page": page})

    def _entry(self, row: Row, message: Any, action: int) -> None:
        """Write the entry; a row that is saved or deleted with its form has one, if its table is watched."""
        in_words = isinstance(message, str)
        if in_words or not auditlog.contains(self.model):
            audit.note(row=row, text=message if in_words else "", action=action)


class FactAdmin(HouseAdmin[Row]):
    """Pages of what happened: looked at, never made, edited or deleted by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the signature is Django's
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:  # noqa: ARG002 - as above
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:  # noqa: ARG002 - as above
        """Refuse."""
        return False


def badge(*, text: str, state: str) -> SafeString:
    """Return a status in words, with a colour beside them; ``state`` is good, bad, busy or idle."""
    return format_html('<span class="badge badge-{}">{}</span>', state, _(text))


def cut(text: str) -> SafeString:
    """Return a text of any length as one line; the stylesheet cuts it, the tooltip has it whole."""
    return format_html('<span class="cut" title="{}">{}</span>', text, text)


def each(
    page: admin.ModelAdmin[Row],
    request: HttpRequest,
    chosen: Iterable[Row],
    service: Callable[[Row], object],
    done: str,
) -> int:
    """Call a service with each row, and return how many it took; say once for each reason why not the others."""
    count = 0
    refused: Counter[str] = Counter()
    for row in chosen:
        audit.remember(row)
        try:
            service(row)
        except NewsforgeError as refusal:
            refused[told(refusal)] += 1
        else:
            page.log_change(request, row, done)
            count += 1
    for sentence, times in refused.most_common(MOST_REASONS):
        page.message_user(request, f"{times} × {sentence}", messages.WARNING)
    rest = refused.total() - sum(times for _sentence, times in refused.most_common(MOST_REASONS))
    if rest:
        page.message_user(
            request, _("%(count)s more were refused for other reasons.") % {"count": rest}, messages.WARNING
        )
    return count


def _say_why_not(page: admin.ModelAdmin[Row], request: HttpRequest, refused: Counter[str]) -> None:
    told_of = refused.most_common(MOST_REASONS)
    for sentence, times in told_of:
        page.message_user(request, f"{times} × {sentence}", messages.WARNING)
    rest = refused.total() - sum(times for _sentence, times in told_of)
    if rest:
        text = _("%(count)s more were refused for other reasons.") % {"count": rest}
        page.message_user(request, text, messages.WARNING)


def say(page: admin.ModelAdmin[Row], request: HttpRequest, count: int, text: str) -> None:
    """Say how many rows an action took; ``text`` has the place for the number."""
    page.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
