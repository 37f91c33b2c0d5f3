"""What was converted before, newest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversions.enums import FINAL, Status
from conversions.models import Conversion
from conversions.selectors import conversions_of
from conversions.web.cards import Card
from conversions.web.convert import user_of
from conversions.web.forms import HistoryForm

AT_ONCE = 25

FILTERS: dict[str, Callable[[str], Q]] = {
    "q": lambda words: (
        Q(article__title__icontains=words) | Q(content_generated__icontains=words) | Q(source_url__icontains=words)
    ),
    "platform": lambda platform: Q(target_platform=platform),
    "status": lambda status: ~Q(status__in=FINAL) if status == "open" else Q(status=Status(status)),
}


@require_safe
@login_required
@never_cache
def history(request: HttpRequest) -> HttpResponse:
    """List the user's conversions; ``before`` continues where a page ended."""
    form = HistoryForm(request.GET)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    rows = conversions_of(user=user_of(request)).order_by("-created_at", "-pk")
    for name, narrow in FILTERS.items():
        if chosen.get(name):
            rows = rows.filter(narrow(chosen[name]))
    page = list(_before(rows, request.GET.get("before", ""))[: AT_ONCE + 1])
    more = request.GET.copy()
    if len(page) > AT_ONCE:
        last = page[AT_ONCE - 1]
        more["before"] = f"{last.created_at.isoformat()} {last.pk}"
    context = {
        "form": form,
        "cards": [Card(conversion=row) for row in page[:AT_ONCE]],
        "older": more.urlencode() if len(page) > AT_ONCE else "",
        "is_narrowed": any(chosen.values()),
        "is_first": "before" not in request.GET,
    }
    return render(request, "web/history.html", context)


def _before(rows: QuerySet[Conversion], mark: str) -> QuerySet[Conversion]:
    """Return the rows older than a mark; all of them where it is none."""
    found = _mark(mark)
    if found is None:
        return rows
    at, pk = found
    return rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))


def _mark(text: str) -> tuple[datetime, UUID] | None:
    at, _, pk = text.rpartition(" ")
    try:
        moment = parse_datetime(at)
        return None if moment is None or moment.tzinfo is None else (moment, UUID(pk))
    except ValueError:
        return None
