"""Who may do what, and how much. Defaults and rules hold in the database, so that plain SQL obeys them."""

from accounts.models.access_token import AccessToken
from accounts.models.api_key import ApiKey
from accounts.models.idempotency import IdempotencyRecord
from accounts.models.quota import MonthlySpend, QuotaEntry, QuotaGrant
from accounts.models.session import LoginSession
from accounts.models.user import User

__all__ = [
    "AccessToken",
    "ApiKey",
    "IdempotencyRecord",
    "LoginSession",
    "MonthlySpend",
    "QuotaEntry",
    "QuotaGrant",
    "User",
]
