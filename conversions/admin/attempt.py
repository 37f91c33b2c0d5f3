"""What providers were asked and what they answered, to be read."""

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversions.admin.filters import Between, CreatedWithin, Failure
from conversions.enums import AttemptState
from conversions.models import Attempt
from newsforge.lib.admin import FactAdmin, badge
from newsforge.lib.listing import ago

STATES = {AttemptState.OPEN: "busy", AttemptState.ANSWERED: "good", AttemptState.FAILED: "bad"}


@admin.register(Attempt)
class AttemptAdmin(FactAdmin[Attempt]):
    """Calls to providers: what each cost and what came of it."""

    sentences = ("error_message",)
    list_display = ("outcome", "provider", "model", "input_tokens", "output_tokens", "cost_usd", "age")
    list_filter = (CreatedWithin, "state", "provider", Failure, Between)
    search_fields = ("request_id",)
    search_help_text = _("The provider's whole request id, or the id of a conversion.")
    id_fields = ("conversion_id",)
    ordering = ("-created_at",)
    sortable_by = ("age",)
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

    @admin.display(description=_("status"))
    def outcome(self, attempt: Attempt) -> SafeString:
        """Return whether the provider answered, or how it failed."""
        return badge(text=attempt.failure_code or attempt.state, state=STATES[AttemptState(attempt.state)])

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, attempt: Attempt) -> SafeString | str:
        """Return how long ago it was made."""
        return ago(attempt.created_at, now=timezone.now())

    def found_by(self, term: str) -> Q | None:
        """Look a request id up by its index."""
        return Q(request_id=term) if term else None
