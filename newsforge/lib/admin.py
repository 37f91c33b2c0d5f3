"""What every page of the admin shares: facts nobody edits, large tables in bounded lists, ids found by paste."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import AutoField, Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from newsforge.lib.errors import PermanentError
from newsforge.lib.problem import told

Row = TypeVar("Row", bound=Model)

MOST_ROWS = 10_000
"""Rows of a list that can be paged through: nobody turns more pages, and each costs the database all before it."""

ROW_BUTTON = "_row"
"""What a button in a row of a list is called; its value is the action and the row, as ``revoke:…``."""

MOST_OWNERS = 500
"""People a part of an e-mail address may stand for in a search."""


class BoundedPaginator(Paginator[Any]):
    """Count to ``MOST_ROWS`` and no further: counting a large table, or what a filter leaves of it, reads all of it."""

    @cached_property
    def count(self) -> int:
        """Return the number of rows that can be paged through."""
        return min(self._counted, MOST_ROWS)

    @cached_property
    def is_cut(self) -> bool:
        """Return whether there are rows beyond."""
        return self._counted > MOST_ROWS

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
        return int(found[0]) if found and found[0] > MOST_ROWS else None

    def page(self, number: int | str) -> Page[Any]:
        """Return a page; on later ones what is joined and summed up is asked for of its own rows, not of all before."""
        place, rows = self.validate_number(number), self.object_list
        bottom = (place - 1) * self.per_page
        if not bottom or not isinstance(rows, QuerySet):
            return super().page(place)
        keys = list(rows.values_list("pk", flat=True)[bottom : min(bottom + self.per_page, self.count)])
        return Page(rows.filter(pk__in=keys), place, self)

    @property
    def said(self) -> str:
        """Return in words what of a longer list can be paged through."""
        if self.estimate:
            text = _("the first %(most)s of about %(all)s; filter, search or sort for others")
            return text % {"most": f"{MOST_ROWS:,}", "all": f"{self.estimate:,}"}
        return _("the first %(most)s of more; filter, search or sort for others") % {"most": f"{MOST_ROWS:,}"}

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return self.estimate or rows.order_by()[: MOST_ROWS + 1].count()


class HouseAdmin(admin.ModelAdmin[Row]):
    """The habits of every page: no second count, a page of 50, a pasted id found by its index."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    paginator = BoundedPaginator
    id_fields: ClassVar[tuple[str, ...]] = ("pk",)
    """Columns of type uuid in which a pasted id is looked up."""
    add_fields: ClassVar[tuple[str, ...]] = ()
    """What the add page asks for, all of it editable there; empty for what the change page has."""

    def get_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Return the add page's own fields for a new row."""
        return self.add_fields if self.add_fields and obj is None else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Lock nothing the add page asks for."""
        return () if self.add_fields and obj is None else super().get_readonly_fields(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        """Look a pasted id up by its index, and an owner by the rows of people; search text otherwise.

        Looked for in one go with the columns of the table itself, an owner's address would have each row read.
        """
        if isinstance(self.model._meta.pk, AutoField) and search_term.strip().isdecimal():
            return queryset.filter(pk=search_term.strip()), False
        try:
            pasted = UUID(search_term.strip())
        except ValueError:
            return self._search(request, queryset, search_term)
        matches = Q()
        for field in self.id_fields:
            matches |= Q(**{field: pasted})
        return (queryset.filter(matches) if self.id_fields else queryset.none()), False

    def _search(self, request: HttpRequest, queryset: QuerySet[Row], term: str) -> tuple[QuerySet[Row], bool]:
        fields = self.get_search_fields(request)
        owners = [field for field in fields if field.endswith("__email")]
        if not term.strip() or not owners or not ("@" in term or len(owners) == len(fields)):
            return super().get_search_results(request, queryset, term)
        matches = Q()
        for path in (field.removesuffix("__email") for field in owners):
            matches |= Q(**{f"{path}__in": _owners(self.model, path, term.strip())})
        return queryset.filter(matches), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Let a button in a row be an action on that row alone."""
        name, _between, key = request.POST.get(ROW_BUTTON, "").partition(":")
        if key:
            given = request.POST.copy()
            given.setlist(ACTION_CHECKBOX_NAME, [key])
            given.update({"action": name, "index": "0"})
            given["select_across"] = "0"
            request.POST = given  # type: ignore[assignment] # as immutable as it was
        return super().changelist_view(request, extra_context)

    def response_action(  # type: ignore[override] # the types are a later Django's
        self, request: HttpRequest, queryset: QuerySet[Row]
    ) -> HttpResponseBase | None:
        """Refuse to act on all rows of a list that shows only the first of them."""
        everything = request.POST.get("select_across", "0") != "0"
        if everything and queryset.order_by()[MOST_ROWS : MOST_ROWS + 1].exists():
            text = _("There are more than %(most)s. Filter or search for fewer before you act on all of them.")
            self.message_user(request, text % {"most": f"{MOST_ROWS:,}"}, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)

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


def _owners(model: type[Model], path: str, term: str) -> list[Any]:
    """Return the keys of the people whose e-mail address has this in it."""
    people: Any = model
    for step in path.split("__"):
        people = people._meta.get_field(step).related_model
    return list(people.objects.filter(email__icontains=term).values_list("pk", flat=True)[:MOST_OWNERS])


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


def row_button(*, action: str, row: Model, text: str) -> SafeString:
    """Return a button that does an action to its row; the list's own form carries the CSRF token."""
    return format_html('<button class="row" name="{}" value="{}:{}">{}</button>', ROW_BUTTON, action, row.pk, text)


def bar(*, used: int, limit: int) -> SafeString:
    """Return how much of a limit is used, in numbers and as a bar."""
    return format_html('<progress value="{}" max="{}" aria-hidden="true"></progress> {} / {}', min(used, limit),
                       limit or 1, used, limit)  # fmt: skip


def actions_below(page: admin.ModelAdmin[Row], request: HttpRequest) -> dict[str, Any]:
    """Return what ``admin/actions_below.html`` needs to offer a list's actions under one row."""
    form = page.action_form(auto_id=False)
    form.fields["action"].choices = page.get_action_choices(request)
    return {"action_form": form}


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
        try:
            service(row)
        except PermanentError as refusal:
            refused[told(refusal)] += 1
        else:
            page.log_change(request, row, done)
            count += 1
    for sentence, times in refused.items():
        page.message_user(request, f"{times} × {sentence}", messages.WARNING)
    return count


def say(page: admin.ModelAdmin[Row], request: HttpRequest, count: int, text: str) -> None:
    """Say how many rows an action took; ``text`` has the place for the number."""
    page.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
