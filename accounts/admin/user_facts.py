"""What the page of a user tells beside the columns: what counts now, what was given, what was taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import budget
from accounts.models import AccessToken, ApiKey, MonthlySpend, QuotaEntry, QuotaGrant, User
from accounts.selectors import granted
from newsforge.lib.retelling import retold

SHOWN_LINES = 50
SHOWN_ROWS = 20


def with_sums(users: QuerySet[User], *, now: datetime) -> QuerySet[User]:
    """Add to each user what running grants give a day and what the operator's calendar month has cost."""
    month = MonthlySpend.objects.filter(user=OuterRef("pk"), month=budget.month_of(user=None, now=now))
    return users.annotate(
        granted=granted(now=now),
        spent_usd=Subquery(month.values("spent_usd")),
    )


@admin.display(description=_("running grants"))
def grants(user: User) -> SafeString | str:
    """Return the grants that run or will run."""
    rows = QuotaGrant.objects.filter(user=user, ends_at__gt=timezone.now()).order_by("ends_at")[:SHOWN_ROWS]
    table = _table((f"+{row.extra_daily}", _when(row.starts_at), _when(row.ends_at), row.reason) for row in rows)
    add = reverse("admin:accounts_quotagrant_add")
    return format_html('{} <a href="{}?user={}">{}</a>', table, add, user.pk, gettext("Grant more for a while"))


@admin.display(description=_("access tokens"))
def tokens(user: User) -> SafeString | str:
    """Return the clients' tokens."""
    rows = AccessToken.objects.filter(user=user).order_by("-created_at")[:SHOWN_ROWS]
    now = timezone.now()
    return _table(
        (
            _to("accesstoken", row.pk, str(row)),
            gettext("valid") if row.is_valid(now=now) else gettext("ended"),
            _when(row.last_used),
        )
        for row in rows
    )


@admin.display(description=_("provider keys"))
def provider_keys(user: User) -> SafeString | str:
    """Return the keys at providers, by their ends."""
    rows = ApiKey.objects.filter(user=user).order_by("-created_at")[:SHOWN_ROWS]
    return _table(
        (_to("apikey", row.pk, str(row)), gettext(row.status.replace("_", " ")), _when(row.last_used)) for row in rows
    )


@admin.display(description=_("last lines"))
def ledger(user: User) -> SafeString | str:
    """Return the last lines of the ledger and where the others are."""
    rows = QuotaEntry.objects.filter(user=user).order_by("-id")[:SHOWN_LINES]
    lines = _table(
        (
            _when(row.created_at),
            gettext(row.kind),
            f"{row.units:+d}",
            row.actor,
            retold(row.reason) or row.conversion_id or "",
        )
        for row in rows
    )
    return format_html("{} {}", lines, _link("admin:accounts_quotaentry_changelist", user, gettext("Whole ledger")))


@admin.display(description=_("see also"))
def elsewhere(user: User) -> SafeString:
    """Return where the user's conversions and months are."""
    return format_html(
        "{} · {}",
        _link("admin:conversions_conversion_changelist", user, gettext("conversions")),
        _link("admin:accounts_monthlyspend_changelist", user, gettext("monthly spends")),
    )


def _link(page: str, user: User, text: str) -> SafeString:
    return format_html('<a href="{}?q={}">{}</a>', reverse(page), user.pk, text)


def _to(model: str, key: object, text: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(f"admin:accounts_{model}_change", args=[key]), text)


def _when(moment: datetime | None) -> str:
    return str(localize(timezone.localtime(moment))) if moment else "-"


def _table(rows: Iterable[Sequence[Any]]) -> SafeString | str:
    lines = [format_html("<tr>{}</tr>", format_html_join("", "<td>{}</td>", ((cell,) for cell in row))) for row in rows]
    return format_html("<table>{}</table>", format_html_join("", "{}", ((line,) for line in lines))) if lines else "-"
