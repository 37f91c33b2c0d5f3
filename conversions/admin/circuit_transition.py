"""What circuits did and why, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from conversions.admin.filters import CreatedWithin
from conversions.models import CircuitTransition
from newsforge.lib.admin import FactAdmin, told_field

REASON = told_field("reason", _("reason"))


@admin.register(CircuitTransition)
class CircuitTransitionAdmin(FactAdmin[CircuitTransition]):
    """Moves of circuits, newest first."""

    list_display = ("created_at", "circuit", "from_state", "to_state", REASON, "failure_code", "actor")
    list_filter = (CreatedWithin, "to_state")
    search_fields = ("circuit", "reason", "actor")
    id_fields = ()
    ordering = ("-id",)
