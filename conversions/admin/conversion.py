"""The job: what was asked, what came of it, and why it failed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from conversions.admin import export, rerun, search
from conversions.admin.actions import NoteForm, cancel, flag, run_again, unflag
from conversions.admin.filters import Between, CreatedWithin, Failure, Flagged, OwnedBy, WrittenBy
from conversions.admin.story import story_of
from conversions.enums import Status
from conversions.models import Conversion
from newsforge.lib.admin import FactAdmin, badge, cut
from newsforge.lib.export import csv_response
from newsforge.lib.listing import ago
from newsforge.lib.problem import title_of

STATES = {Status.SUCCEEDED: "good", Status.FAILED: "bad", Status.CANCELLED: "idle"}

LISTED = (
    "status", "failure_code", "flagged_at", "flag_note", "target_platform", "source_url", "provider", "model",
    "cost_usd", "created_at", "user__email", "article__title", "article__url",
)  # fmt: skip
"""What a list reads: the texts stay where they are."""


class Rows(ChangeList):
    """The list, without what it does not show."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the filtered rows."""
        return super().get_queryset(request, exclude_parameters).only(*LISTED)


@admin.register(Conversion)
class ConversionAdmin(FactAdmin[Conversion]):
    """Conversions; their state moves by the actions only."""

    list_display = ("state", "target_platform", "headline", "user", "written_by", "cost_usd", "age")
    list_display_links = ("state", "headline")
    list_filter = (CreatedWithin, "status", Flagged, OwnedBy, Between, "target_platform", WrittenBy, Failure)
    search_fields = ("article__title", "article__url", "user__email")  # each in its own way: found_by
    search_help_text = _(
        "Words of the title, the article's whole address, an owner's e-mail; or the id of a conversion, a batch, an "
        "article, a user or an error."
    )
    id_fields = ("pk", "batch_id", "article_id", "user_id", "error_id")
    sortable_by = ("age",)
    ordering = ("-created_at",)
    actions = (run_again, cancel, flag, unflag)
    action_form = NoteForm
    change_list_template = "admin/conversions/conversion/change_list.html"
    change_form_template = "admin/conversions/conversion/change_form.html"
    fieldsets = (
        (
            _("Asked"),
            {"fields": ("user", "article", "source_url", "target_platform", "language", "tone", "requested_provider")},
        ),
        (
            _("Cost"),
            {"fields": ("provider", "model", "prompt_version", "tokens_used", "cost_usd", "processing_time_ms")},
        ),
        (_("When"), {"fields": ("created_at", "started_at", "finished_at", "deadline_at", "updated_at", "purged_at")}),
        (
            _("Queue"),
            {
                "classes": ("collapse",),
                "fields": ("id", "batch_id", "run", "claim", "lease_until", "not_before", "woken_at"),
            },
        ),
    )

    @admin.display(description=_("status"))
    def state(self, conversion: Conversion) -> SafeString:
        """Return where it stands, how it failed, and whether somebody marked it."""
        shown = badge(text=conversion.status, state=STATES.get(Status(conversion.status), "busy"))
        if conversion.flagged_at is not None:
            mark = badge(text=gettext_noop("flagged"), state="busy")
            shown = format_html('{} <span title="{}">{}</span>', shown, conversion.flag_note, mark)
        if not conversion.failure_code:
            return shown
        code = conversion.failure_code
        return format_html('{} <span title="{}">{}</span>', shown, code, title_of(code=code))

    @admin.display(description=_("article"))
    def headline(self, conversion: Conversion) -> SafeString:
        """Return what it is about in one line."""
        return cut(str(conversion.article or conversion.source_url or conversion.pk))

    @admin.display(description=_("written by"))
    def written_by(self, conversion: Conversion) -> SafeString | str:
        """Return the provider, with its model as the tooltip."""
        return format_html('<span title="{}">{}</span>', conversion.model, conversion.provider or "-")

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, conversion: Conversion) -> SafeString | str:
        """Return how long ago it was asked for."""
        return ago(conversion.created_at, now=timezone.now())

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Let staff with the right to change conversions run them again, cancel or flag them."""
        return request.user.has_perm("conversions.change_conversion")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversion]:
        """Return conversions with their owner and article."""
        return super().get_queryset(request).select_related("user", "article")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return our list."""
        return Rows

    def found_by(self, term: str) -> Q | None:
        """Look up what was pasted by an index of its own."""
        return search.condition(term=term, articles="article") if term else None

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that take the list's filter."""
        wrap = self.admin_site.admin_view
        return [
            path("rerun/", wrap(self.rerun), name="conversions_conversion_rerun"),
            path("export/", wrap(self.export), name="conversions_conversion_export"),
            *super().get_urls(),
        ]

    def rerun(self, request: HttpRequest) -> HttpResponseBase:
        """Run all failures of the filter again, once that is confirmed."""
        return rerun.view(page=self, request=request, chosen=self._filtered(request))

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Return the filtered rows as a CSV file."""
        rows = export.facts(rows=self._filtered(request))
        name = f"conversions-{timezone.localdate()}"
        return csv_response(name=name, header=tuple(export.COLUMNS), rows=rows)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Tell the whole story of the one conversion."""
        conversion = kwargs.get("obj")
        if conversion is not None:
            story = story_of(conversion=conversion, now=timezone.now())
            context |= story | {
                "may_operate": self.has_operate_permission(request),
                "state_badge": self.state(conversion),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_action(  # type: ignore[override] # the types are a later Django's
        self, request: HttpRequest, queryset: QuerySet[Conversion]
    ) -> HttpResponseBase | None:
        """Go back to the page of the conversion where the action was chosen there."""
        response = super().response_action(request, queryset)
        if "of_one" in request.POST and isinstance(response, HttpResponseRedirect):
            pk = request.POST.get("_selected_action", "")
            return HttpResponseRedirect(reverse("admin:conversions_conversion_change", args=[pk]))
        return response

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Offer what changes rows to those who may."""
        more = {"may_operate": self.has_operate_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def _filtered(self, request: HttpRequest) -> QuerySet[Conversion]:
        """Return the rows the list's filter leaves.

        :raises PermissionDenied: if whoever asks may not see them.
        :raises BadRequest: if the address makes no sense.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows: QuerySet[Conversion] = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters as error:
            raise BadRequest from error
        return rows
