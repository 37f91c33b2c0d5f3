"""What the service knows of its own state."""

from monitoring.models.health import Dependency, Heartbeat
from monitoring.models.metric import SystemMetric

__all__ = ["Dependency", "Heartbeat", "SystemMetric"]
