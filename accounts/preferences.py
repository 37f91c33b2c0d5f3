"""What people set of their account themselves."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import available_timezones

from django.db import transaction

from accounts import quota
from accounts.models import User
from newsforge.lib.errors import Fault, PermanentError


class UnknownTimeZone(PermanentError):
    """A user's day is reckoned in a time zone that exists."""

    code = "unknown-time-zone"
    status_code = 400
    title = "There is no such time zone"
    sentence = "There is no time zone of this name. Choose one such as Asia/Seoul."
    fault = Fault.REQUEST


def change(*, user: User, time_zone: str, monthly_budget_usd: Decimal | None) -> None:
    """Set where the user's day begins and what the user's own keys may cost in a month.

    :raises UnknownTimeZone: if there is none of that name.
    """
    if time_zone not in available_timezones():
        raise UnknownTimeZone
    with transaction.atomic():
        if time_zone != user.time_zone:
            quota.move(user=user, time_zone=time_zone)
        user.monthly_budget_usd = monthly_budget_usd
        user.save(update_fields=["monthly_budget_usd", "updated_at"])
