"""The closed sets of values of accounts."""

from enum import StrEnum


class Tier(StrEnum):
    """What a user pays for; the daily quota of each stands in settings."""

    FREE = "free"
    PRO = "pro"
    BUSINESS = "business"


class KeyProvider(StrEnum):
    """Whose key a user may store."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


class KeyStatus(StrEnum):
    """Whether a person has to look at a stored key."""

    OK = "ok"
    NEEDS_ATTENTION = "needs_attention"


class QuotaKind(StrEnum):
    """Why the quota counter moved."""

    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    RESET = "reset"
    GRANT = "grant"
    ADJUST = "adjust"


class Role(StrEnum):
    """A group of staff the product brings along; what each may do is said in ``monitoring.roles``."""

    VIEWER = "viewer"
    SUPPORT = "support"
    OPERATOR = "operator"
    ADMIN = "admin"
