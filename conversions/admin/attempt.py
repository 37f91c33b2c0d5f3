"""What providers were asked and what they answered, to be read."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversions.admin.filters import CreatedWithin, Failure
from conversions.enums import AttemptState
from conversions.models import Attempt
from newsforge.lib.admin import FactAdmin, badge

STATES = {AttemptState.OPEN: "busy", AttemptState.ANSWERED: "good", AttemptState.FAILED: "bad"}


@admin.register(Attempt)
class AttemptAdmin(FactAdmin[Attempt]):
    """Calls to providers: what each cost and what came of it."""

    list_display = ("outcome", "provider", "model", "input_tokens", "output_tokens", "cost_usd", "created_at")
    list_filter = (CreatedWithin, "state", "provider", Failure)
    search_fields = ("model", "request_id")
    id_fields = ("conversion_id",)
    ordering = ("-id",)
    readonly_fields = ("outcome",)
    fieldsets = (
        (None, {"fields": ("outcome", "error_message", "conversion", "reply")}),
        (
            _("Asked"),
            {
                "fields": (
                    "provider",
                    "model",
                    "payer",
                    "prompt_version",
                    "prompt_hash",
                    "request_id",
                    "latency_ms",
                    "created_at",
                )
            },
        ),
        (
            _("Cost"),
            {
                "fields": (
                    "input_tokens",
                    "output_tokens",
                    "cache_read_tokens",
                    "cache_write_tokens",
                    "cost_usd",
                    "held_usd",
                    "price_version",
                )
            },
        ),
    )

    @admin.display(description=_("status"), ordering="state")
    def outcome(self, attempt: Attempt) -> SafeString:
        """Return whether the provider answered, or how it failed."""
        return badge(text=attempt.failure_code or attempt.state, state=STATES[AttemptState(attempt.state)])
