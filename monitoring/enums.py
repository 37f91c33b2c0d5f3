"""The closed sets of values."""

from enum import StrEnum


class State(StrEnum):
    """How something is."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class IncidentKind(StrEnum):
    """What can be wrong; the runbook has a section for each."""

    DATABASE = "database"
    REDIS = "redis"
    WORKER = "worker"
    BEAT = "beat"
    SWEEP = "sweep"
    WEB = "web"
    QUEUE = "queue"
    PROVIDER = "provider"
    MEMORY = "memory"
    CPU = "cpu"
    DISK = "disk"
    MIGRATIONS = "migrations"
    PROGRAM = "program"
    KEYS = "keys"
    ALERTS = "alerts"


class Severity(StrEnum):
    """How soon somebody must look: in the daily digest, or now."""

    WARNING = "warning"
    CRITICAL = "critical"


class ChannelSource(StrEnum):
    """Who named a channel: NEWSFORGE_ALERT_URLS, or somebody in the admin."""

    ENVIRONMENT = "environment"
    ADMIN = "admin"


class NotificationKind(StrEnum):
    """Why a notification is sent."""

    ALERT = "alert"
    RAISED = "raised"
    ESCALATION = "escalation"
    RECOVERY = "recovery"
    DIGEST = "digest"


class NotificationState(StrEnum):
    """Where a notification stands; a swallowed one is not sent on purpose, and counted in the next."""

    PENDING = "pending"
    SENT = "sent"
    SWALLOWED = "swallowed"
    FAILED = "failed"
