"""What circuits did and why, to be read."""

from django.contrib import admin

from conversions.admin.filters import CreatedWithin
from conversions.models import CircuitTransition
from newsforge.lib.admin import FactAdmin


@admin.register(CircuitTransition)
class CircuitTransitionAdmin(FactAdmin[CircuitTransition]):
    """Moves of circuits, newest first."""

    sentences = ("reason",)
    list_display = ("created_at", "circuit", "from_state", "to_state", "reason", "failure_code", "actor")
    list_filter = (CreatedWithin, "to_state")
    search_fields = ("circuit", "reason", "actor")
    id_fields = ()
    ordering = ("-id",)
