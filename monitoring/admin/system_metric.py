"""What the service measured of itself, to be read."""

from django.contrib import admin

from monitoring.models import SystemMetric
from newsforge.lib.admin import FactAdmin


@admin.register(SystemMetric)
class SystemMetricAdmin(FactAdmin[SystemMetric]):
    """Measured values, newest first."""

    list_display = ("metric_name", "metric_value", "timestamp", "metadata")
    search_fields = ("metric_name",)
    ordering = ("-timestamp",)
