"""The monthly budget: what calls to providers have cost and what open calls may still cost, in USD.

A call is made only when what is spent, what open calls set aside, and the most this call can cost stay inside the
budget: one conditional UPDATE decides, so parallel calls cannot pass it together.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import MonthlySpend, User
from newsforge.lib import rows
from newsforge.lib.errors import Fault, PermanentError

_ROW = {False: "user_id = %(user)s AND month = %(month)s", True: "user_id IS NULL AND month = %(month)s"}
"""By whether it is the operator's."""

_SET_ASIDE = """
UPDATE monthly_spends SET held_usd = held_usd + %(amount)s
WHERE (%(budget)s::numeric IS NULL
    OR (spent_usd < %(budget)s AND spent_usd + held_usd + %(amount)s <= %(budget)s)) AND """
"""A call of unknown price sets nothing aside, but a budget that is used up refuses it too."""

_SETTLE = """
UPDATE monthly_spends SET held_usd = GREATEST(held_usd - %(held)s, 0), spent_usd = spent_usd + %(cost)s WHERE """


class BudgetExceeded(PermanentError):
    """The month's budget does not cover the call."""

    code = "budget-exceeded"
    status_code = 402
    title = "Monthly budget used up"
    sentence = (
        "This month's budget of $%(budget)s for these keys does not cover the next call ($%(spent)s is spent). "
        "Raise the budget, or ask with provider extractive."
    )
    fault = Fault.REQUEST


def budget_of(*, user: User | None) -> Decimal | None:
    """Return the budget of the user's own keys, or of the operator's without a user; None for no bound."""
    return user.monthly_budget_usd if user else settings.OPERATOR_MONTHLY_BUDGET_USD


def month_of(*, user: User | None, now: datetime) -> date:
    """Return the first day of the month around ``now`` in the payer's time zone."""
    zone = ZoneInfo(user.time_zone if user else settings.TIME_ZONE)
    return now.astimezone(zone).date().replace(day=1)


def hold(*, user: User | None, amount: Decimal, now: datetime) -> date:
    """Set aside the most a call can cost and return the month it is booked in.

    :raises BudgetExceeded: if the budget does not cover it.
    """
    month, budget = month_of(user=user, now=now), budget_of(user=user)
    if _set_aside(user, month, amount, budget):
        return month
    row, _ = MonthlySpend.objects.get_or_create(user=user, month=month)
    if _set_aside(user, month, amount, budget):  # the month's first call, or one made beside it
        return month
    raise BudgetExceeded(budget=budget, spent=row.spent_usd.quantize(Decimal("0.01")))


def _set_aside(user: User | None, month: date, amount: Decimal, budget: Decimal | None) -> bool:
    facts = {"user": user.pk if user else None, "month": month, "amount": amount, "budget": budget}
    with rows.cursor() as cursor:
        cursor.execute(_SET_ASIDE + _ROW[user is None], facts)
        return bool(cursor.rowcount)


def settle(*, user: User | None, month: date, held: Decimal, cost: Decimal | None) -> None:
    """Replace what was set aside by what the call cost; runs inside its caller's transaction."""
    facts = {
        "user": user.pk if user else None,
        "month": month,
        "held": held,
        "cost": max(cost or Decimal(0), Decimal(0)),
    }
    with rows.cursor() as cursor:
        cursor.execute(_SETTLE + _ROW[user is None], facts)


def spent(*, user: User | None, now: datetime) -> Decimal:
    """Return what this month's finished calls have cost."""
    row = MonthlySpend.objects.filter(user=user, month=month_of(user=user, now=now)).first()
    return row.spent_usd if row else Decimal(0)
