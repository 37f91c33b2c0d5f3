"""The admin pages of monitoring, one module for each model."""

from monitoring.admin.audit_entry import AuditEntryAdmin
from monitoring.admin.channel import ChannelAdmin
from monitoring.admin.health import BeatRunAdmin, DependencyAdmin, HeartbeatAdmin
from monitoring.admin.incident import IncidentAdmin
from monitoring.admin.notification import NotificationAdmin
from monitoring.admin.system_metric import SystemMetricAdmin

__all__ = [
    "AuditEntryAdmin",
    "BeatRunAdmin",
    "ChannelAdmin",
    "DependencyAdmin",
    "HeartbeatAdmin",
    "IncidentAdmin",
    "NotificationAdmin",
    "SystemMetricAdmin",
]
