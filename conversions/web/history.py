"""What was converted before, newest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.web.visitor import user_of
from conversions.enums import FINAL, Status
from conversions.selectors import conversions_of
from conversions.web.cards import Card
from conversions.web.forms import HistoryForm
from conversions.web.older import page_of

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
    rows = conversions_of(user=user_of(request))
    for name, narrow in FILTERS.items():
        if chosen.get(name):
            rows = rows.filter(narrow(chosen[name]))
    page, older = page_of(rows=rows, request=request)
    context = {
        "form": form,
        "cards": [Card(conversion=row) for row in page],
        "older": older,
        "is_narrowed": any(chosen.values()),
        "is_first": "before" not in request.GET,
    }
    return render(request, "web/history.html", context)
