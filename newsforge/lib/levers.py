"""Levers: what staff do to one row by one button, after saying why where that matters.

Each is a POST that calls a service and leaves a line in the history of every row it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from newsforge.lib.admin import HouseAdmin
from newsforge.lib.errors import PermanentError
from newsforge.lib.problem import told
from newsforge.lib.sentences import BECAUSE

Row = TypeVar("Row", bound=Model)

ON_ROW = "on"
"""In the address of a lever that was pulled on the row's own page: one comes back there, not to the list."""


class ReasonForm(forms.Form):
    """Why: whoever looks later reads it."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who pulls a lever, when, and what the form of it was given."""

    actor: str
    now: datetime
    given: dict[str, Any]

    @property
    def reason(self) -> str:
        """Return why."""
        return str(self.given.get("reason", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled(Generic[Row]):
    """What a lever did: the sentence to tell, and each row it changed with what happened to it."""

    said: str
    changed: Sequence[tuple[Row, str]]
    level: int = messages.SUCCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever(Generic[Row]):
    """One button of a row. With a form it opens a page that says what will happen and asks; without, it does it."""

    name: str
    label: str | Promise
    pull: Callable[[Row, Hand], Pulled[Row]]
    form: type[forms.Form] | None = None
    warning: str | Promise = ""
    offered: Callable[[Row], bool] = lambda _row: True


class LeverAdmin(HouseAdmin[Row]):
    """A page with levers, in a column of the list (``row_buttons``) and on each row's own page (``buttons``)."""

    levers: ClassVar[tuple[Lever[Any], ...]] = ()

    @admin.display(description=_("levers"))
    def row_buttons(self, row: Row) -> SafeString:
        """Return the row's buttons for the list."""
        return self._buttons(row)

    @admin.display(description=_("levers"))
    def buttons(self, row: Row) -> SafeString:
        """Return the row's buttons for its own page."""
        return self._buttons(row, f"?{ON_ROW}=row")

    def get_urls(self) -> list[Any]:
        """Add the levers' address."""
        view, name = self.admin_site.admin_view(self.lever_view), self._named("lever")
        own: list[URLPattern] = [path("<path:object_id>/lever/<slug:name>/", view, name=name)]
        return [*own, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Show buttons to those alone who may use them."""
        columns = super().get_list_display(request)
        return [each for each in columns if each != "row_buttons" or self.has_operate_permission(request)]

    def get_fieldsets(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Show buttons to those alone who may use them, and on pages of rows that are there."""
        if obj is not None and self.has_operate_permission(request):
            return super().get_fieldsets(request, obj)
        return [
            (name, {**options, "fields": tuple(each for each in options["fields"] if each != "buttons")})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Let those who may change rows of this table pull its levers."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Let who may pull a lever see what it is pulled on, though nobody may edit it."""
        return super().has_view_permission(request, obj) or self.has_operate_permission(request)

    def lever_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask what the lever must know, or do what it does."""
        row = self.get_object(request, unquote(object_id))
        lever = next((each for each in self.levers if each.name == name), None)
        if row is None or lever is None:
            raise Http404
        if not self.has_operate_permission(request):
            raise PermissionDenied
        form = lever.form(request.POST if request.method == "POST" else None) if lever.form else None
        back = self._back(request, row)
        if request.method == "POST" and (form is None or form.is_valid()):
            given = form.cleaned_data if form is not None else {}
            self._pull(request, lever, row, Hand(actor=str(request.user), now=timezone.now(), given=given))
            return HttpResponseRedirect(back)
        if form is None:
            return HttpResponseNotAllowed(["POST"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts, "title": f"{lever.label}: {row}", "row": row, "lever": lever, "form": form, "back": back,
        }  # fmt: skip
        return TemplateResponse(request, "admin/lever.html", context)

    def _pull(self, request: HttpRequest, lever: Lever[Any], row: Row, hand: Hand) -> None:
        try:
            done = lever.pull(row, hand)
        except PermanentError as refusal:
            self.message_user(request, told(refusal), messages.ERROR)
            return
        for changed, what in done.changed:
            self.log_change(request, changed, BECAUSE % {"what": what, "why": hand.reason} if hand.reason else what)
        self.message_user(request, done.said, done.level)

    def _back(self, request: HttpRequest, row: Row) -> str:
        if ON_ROW in request.GET:
            return reverse(f"admin:{self._named('change')}", args=[row.pk])
        return reverse(f"admin:{self._named('changelist')}")

    def _named(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _buttons(self, row: Row, more: str = "") -> SafeString:
        offered = [each for each in self.levers if each.offered(row)]
        drawn = format_html_join(" ", "{}", ((self._button(each, row, more),) for each in offered))
        return format_html('<span class="levers">{}</span>', drawn)

    def _button(self, lever: Lever[Any], row: Row, more: str) -> SafeString:
        address = reverse(f"admin:{self._named('lever')}", args=[row.pk, lever.name]) + more
        if lever.form is not None:
            return format_html('<a class="lever" href="{}">{}…</a>', address, lever.label)
        button = '<button class="lever" type="submit" formmethod="post" formaction="{}" formnovalidate>{}</button>'
        return format_html(button, address, lever.label)
