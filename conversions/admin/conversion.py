"""The job: what was asked, what came of it, and why it failed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversions.admin.actions import cancel, run_again
from conversions.admin.filters import CreatedWithin, Failure, WrittenBy
from conversions.enums import Status
from conversions.models import Attempt, Conversion
from newsforge.lib.admin import FactAdmin, badge, cut
from newsforge.lib.problem import title_of

STAGES = ("generate", "fit", "ground")
"""In the order they happen; the database does not keep it."""

STATES = {Status.SUCCEEDED: "good", Status.FAILED: "bad", Status.CANCELLED: "idle"}


class AttemptInline(admin.TabularInline[Attempt, Conversion]):
    """What the providers answered for this one."""

    model = Attempt
    ordering = ("id",)
    extra = 0
    can_delete = False
    show_change_link = True
    fields = ("state", "failure_code", "provider", "model", "cost_usd", "latency_ms", "created_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


@admin.register(Conversion)
class ConversionAdmin(FactAdmin[Conversion]):
    """Conversions; their state moves by the actions only."""

    list_display = ("state", "target_platform", "headline", "user", "provider", "cost_usd", "created_at")
    list_display_links = ("state", "headline")
    list_filter = (CreatedWithin, "status", "target_platform", WrittenBy, Failure)
    list_select_related = ("user", "article")
    search_fields = ("source_url", "article__title", "user__email")
    search_help_text = _("Address, title, owner; or the id of a conversion, a batch, an article, a user or an error.")
    id_fields = ("pk", "batch_id", "article_id", "user_id", "error_id")
    ordering = ("-created_at",)
    actions = (run_again, cancel)
    inlines = (AttemptInline,)
    readonly_fields = ("state", "stages", "to_check", "whose_fault")
    fieldsets = (
        (None, {"fields": ("state", "failure_code", "error_message", "error_id", "whose_fault", "stages")}),
        (
            _("Post"),
            {"fields": ("title", "content_generated", "hashtags", "length", "limit", "content_language", "to_check")},
        ),
        (
            _("Asked"),
            {"fields": ("user", "article", "source_url", "target_platform", "language", "tone", "requested_provider")},
        ),
        (
            _("Cost"),
            {"fields": ("provider", "model", "prompt_version", "tokens_used", "cost_usd", "processing_time_ms")},
        ),
        (_("When"), {"fields": ("created_at", "started_at", "finished_at", "deadline_at", "updated_at")}),
        (
            _("Queue"),
            {
                "classes": ("collapse",),
                "fields": ("id", "batch_id", "run", "claim", "lease_until", "not_before", "woken_at"),
            },
        ),
    )

    @admin.display(description=_("status"), ordering="status")
    def state(self, conversion: Conversion) -> SafeString:
        """Return where it stands, and how it failed."""
        shown = badge(text=conversion.status, state=STATES.get(Status(conversion.status), "busy"))
        if not conversion.failure_code:
            return shown
        code = conversion.failure_code
        return format_html('{} <span title="{}">{}</span>', shown, code, title_of(code=code))

    @admin.display(description=_("article"))
    def headline(self, conversion: Conversion) -> SafeString:
        """Return what it is about in one line."""
        return cut(str(conversion.article or conversion.source_url or conversion.pk))

    @admin.display(description=_("stages"))
    def stages(self, conversion: Conversion) -> SafeString | str:
        """Return how long each stage took."""
        steps = [(stage, conversion.timings[stage]) for stage in STAGES if stage in conversion.timings]
        return format_html_join(" → ", "{} {} ms", steps) or "-"

    @admin.display(description=_("whose fault"))
    def whose_fault(self, conversion: Conversion) -> str:
        """Return who can mend it."""
        return gettext(conversion.fault) if conversion.fault else "-"

    @admin.display(description=_("to check by eye"))
    def to_check(self, conversion: Conversion) -> SafeString | str:
        """Return what a person should look at before posting."""
        found = [(each["kind"], each["excerpt"], each["message"]) for each in conversion.findings]
        items = format_html_join("", "<li><strong>{}</strong> {} — {}</li>", found)
        return format_html("<ul>{}</ul>", items) if found else "-"

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Let staff with the right to change conversions run them again or cancel them."""
        return request.user.has_perm("conversions.change_conversion")
