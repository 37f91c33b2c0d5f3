"""All failures of a filter run again: first how many, whose and for how much, then, on a POST, exactly those."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conversions import estimating
from conversions.admin.actions import MOST_AT_ONCE, Page, run_all_again
from conversions.enums import Status
from conversions.models import Conversion
from newsforge.lib.listing import MOST_LISTED
from newsforge.lib.sentences import stored

RUN_AGAIN_OF_FILTER = stored("run again with %(count)s of a filter")

BATCH = 100
"""Rows that are loaded at a time while they are run again."""

SHOWN_PEOPLE = 20


def view(*, page: Page, request: HttpRequest, chosen: QuerySet[Conversion]) -> HttpResponse:
    """Show what running the failures among the chosen again takes; run those that were shown on a POST.

    :raises PermissionDenied: if whoever asks may not change conversions.
    """
    if not page.has_operate_permission(request):  # type: ignore[attr-defined] # our page has it
        raise PermissionDenied
    back = f"{reverse('admin:conversions_conversion_changelist')}?{request.GET.urlencode()}"
    if request.method == "POST":
        ids = _ids(request.POST.get("chosen", ""))
        run_all_again(
            page=page,
            request=request,
            rows=_rows(ids),
            done=RUN_AGAIN_OF_FILTER % {"count": len(ids)},
        )
        return HttpResponseRedirect(back)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": _("Run all of this filter again"),
        "back": back,
        **_forecast(chosen.filter(status=_status(request))),
    }
    return TemplateResponse(request, "admin/conversions/conversion/rerun.html", context)


def _status(request: HttpRequest) -> Status:
    """Return which are run again: the failed; the cancelled only for who filters by them, as somebody meant it."""
    return Status.CANCELLED if request.GET.get("status__exact") == Status.CANCELLED else Status.FAILED


def _forecast(ended: QuerySet[Conversion]) -> dict[str, Any]:
    """Return what the page says: the oldest come first, as they have waited longest."""
    now = timezone.now()
    asked = ended.select_related(None).only("user", "target_platform", "requested_provider")
    rows = list(asked.order_by("created_at", "pk")[:MOST_AT_ONCE])
    found = len(rows) if len(rows) < MOST_AT_ONCE else ended.order_by()[: MOST_LISTED + 1].count()
    forecast = estimating.forecast_rerun(conversions=rows, now=now)
    return {
        "forecast": forecast,
        "people": forecast.needs[:SHOWN_PEOPLE],
        "more_people": max(0, len(forecast.needs) - SHOWN_PEOPLE),
        "count": len(rows),
        "found": min(found, MOST_LISTED),
        "is_more": found > MOST_LISTED,
        "most": MOST_AT_ONCE,
        "chosen": ",".join(str(row.pk) for row in rows),
    }


def _ids(text: str) -> list[UUID]:
    try:
        return [UUID(each) for each in text.split(",") if each][:MOST_AT_ONCE]
    except ValueError as error:
        raise BadRequest from error


def _rows(ids: list[UUID]) -> Iterator[Conversion]:
    for start in range(0, len(ids), BATCH):
        found = Conversion.objects.in_bulk(ids[start : start + BATCH])
        yield from (found[pk] for pk in ids[start : start + BATCH] if pk in found)
