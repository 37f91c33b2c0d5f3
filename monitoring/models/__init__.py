"""What the service knows of its own state."""

from monitoring.models.audit import AuditEntry
from monitoring.models.channel import Channel
from monitoring.models.health import BeatRun, Dependency, Heartbeat
from monitoring.models.incident import Incident, Notification
from monitoring.models.metric import SystemMetric

__all__ = ["AuditEntry", "BeatRun", "Channel", "Dependency", "Heartbeat", "Incident", "Notification", "SystemMetric"]
