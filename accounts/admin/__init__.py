"""The admin pages of accounts, one module for each model."""

from accounts.admin.access_token import AccessTokenAdmin
from accounts.admin.authenticator import AuthenticatorAdmin
from accounts.admin.group import GroupAdmin
from accounts.admin.idempotency_record import IdempotencyRecordAdmin
from accounts.admin.login_session import LoginSessionAdmin
from accounts.admin.monthly_spend import MonthlySpendAdmin
from accounts.admin.quota_entry import QuotaEntryAdmin
from accounts.admin.quota_grant import QuotaGrantAdmin
from accounts.admin.user import UserAdmin

__all__ = [
    "AccessTokenAdmin",
    "AuthenticatorAdmin",
    "GroupAdmin",
    "IdempotencyRecordAdmin",
    "LoginSessionAdmin",
    "MonthlySpendAdmin",
    "QuotaEntryAdmin",
    "QuotaGrantAdmin",
    "UserAdmin",
]
