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


class Severity(StrEnum):
    """How soon somebody must look: in the daily digest, or now."""

    WARNING = "warning"
    CRITICAL = "critical"
