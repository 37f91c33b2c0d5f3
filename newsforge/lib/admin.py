"""What every page of the admin shares: facts nobody edits, large tables in bounded lists, ids found by paste."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from auditlog import get_logentry_model
from auditlog.registry import auditlog
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.paginator import Page, Paginator
from django.db.models import AutoField, DateTimeField, Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from newsforge.lib import audit
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.listing import MOST_LISTED, BoundedPaginator
from newsforge.lib.problem import told
from newsforge.lib.retelling import retold

Row = TypeVar("Row", bound=Model)

ROW_BUTTON = "_row"
"""What a button in a row of a list is called; its value is the action and the row, as ``revoke:…``."""

MOST_OWNERS = 500
"""People a part of an e-mail address may stand for in a search."""

MOST_REASONS = 10
"""Sentences one action says; a thousand rows may be refused in as many ways."""


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
    paginator = BoundedPaginator
    formfield_overrides: ClassVar = {
        DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": DateAndTime},
    }
    id_fields: ClassVar[tuple[str, ...]] = ("pk",)
    """Columns of type uuid in which a pasted id is looked up."""
    add_fields: ClassVar[tuple[str, ...]] = ()
    """What the add page asks for, all of it editable there; empty for what the change page has."""
    sentences: ClassVar[tuple[str, ...]] = ()  # columns that hold kept ones, told in the reader's language
    object_history_template = "admin/audited_history.html"

    def get_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Return the add page's own fields for a new row."""
        return self.add_fields if self.add_fields and obj is None else super().get_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Lock nothing the add page asks for."""
        return () if self.add_fields and obj is None else self._retold(super().get_readonly_fields(request, obj))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show kept sentences in the reader's language."""
        return self._retold(super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Show kept sentences in the reader's language."""
        found = super().get_fieldsets(request, obj)
        return [(name, {**options, "fields": self._retold(options["fields"])}) for name, options in found]

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
        """Look a pasted id up by its index, and an owner by the rows of people; search text otherwise.

        Looked for in one go with the columns of the table itself, an owner's address would have each row read.
        """
        if isinstance(self.model._meta.pk, AutoField) and search_term.strip().isdecimal():
            return queryset.filter(pk=search_term.strip()), False
        try:
            pasted = UUID(search_term.strip())
        except ValueError:
            condition = self.found_by(search_term.strip())
            if condition is not None:
                return queryset.filter(condition), False
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
            given["action"], given["index"], given["select_across"] = name, "0", "0"
            request.POST = given  # type: ignore[assignment] # as immutable as it was
        return super().changelist_view(request, extra_context)

    def response_action(  # type: ignore[override] # the types are a later Django's
        self, request: HttpRequest, queryset: QuerySet[Row]
    ) -> HttpResponseBase | None:
        """Refuse to act on all rows of a list that shows only the first of them."""
        everything = request.POST.get("select_across", "0") != "0"
        if everything and queryset.order_by()[MOST_LISTED : MOST_LISTED + 1].exists():
            text = _("There are more than %(most)s. Filter or search for fewer before you act on all of them.")
            self.message_user(request, text % {"most": f"{MOST_LISTED:,}"}, messages.ERROR)
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

    def _retold(self, names: Iterable[Any]) -> list[Any]:
        return [_told(self.model, each) if each in self.sentences else each for each in names]

    def _entry(self, row: Row, message: Any, action: int) -> None:
        """Write the entry; a row that is saved or deleted with its form has one, if its table is watched."""
        in_words = isinstance(message, str)
        if in_words or not auditlog.contains(self.model):
            audit.note(row=row, text=message if in_words else "", action=action)


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


@cache
def _told(model: type[Model], name: str) -> Callable[[Model], str]:
    """Return what shows a column of kept sentences in the reader's language."""

    @admin.display(description={each.name: each.verbose_name for each in model._meta.fields}[name], ordering=name)
    def shown(row: Model) -> str:
        return retold(getattr(row, name)) or "-"

    shown.__name__ = name
    return shown


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
    _say_why_not(page, request, refused)
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
