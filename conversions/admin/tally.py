"""What hours came to, to be read."""

from django.contrib import admin

from conversions.models import HourlySpend, HourlyTally
from newsforge.lib.admin import FactAdmin


@admin.register(HourlyTally)
class HourlyTallyAdmin(FactAdmin[HourlyTally]):
    """Hours of conversions, newest first."""

    list_display = ("hour", "status", "failure_code", "platform", "provider", "count")
    search_fields = ("platform", "provider", "status", "failure_code")
    id_fields = ()
    ordering = ("-hour", "-id")


@admin.register(HourlySpend)
class HourlySpendAdmin(FactAdmin[HourlySpend]):
    """Hours of calls to providers, newest first."""

    list_display = ("hour", "provider", "model", "payer", "calls", "failed", "cost_usd")
    search_fields = ("provider", "model")
    id_fields = ()
    ordering = ("-hour", "-id")
