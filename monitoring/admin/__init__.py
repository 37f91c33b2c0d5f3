"""The admin pages of monitoring, one module for each model."""

from monitoring.admin.health import DependencyAdmin, HeartbeatAdmin
from monitoring.admin.system_metric import SystemMetricAdmin

__all__ = ["DependencyAdmin", "HeartbeatAdmin", "SystemMetricAdmin"]
