"""What staff do to many conversions at once: each a call of a service, with a count at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversions import services
from conversions.models import Conversion
from newsforge.lib.admin import each, say

Page = admin.ModelAdmin[Conversion]
Chosen = QuerySet[Conversion, Any]


@admin.action(description=_("Run again, for a new unit of the customer's day"), permissions=["operate"])
def run_again(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Run failed and cancelled conversions again."""
    count = _each(page, request, chosen, services.retry_conversion, "run again")
    text = ngettext("%(count)s conversion runs again.", "%(count)s conversions run again.", count)
    say(page, request, count, text)


@admin.action(description=_("Cancel and give the unit back"), permissions=["operate"])
def cancel(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Cancel conversions that are not finished."""
    count = _each(page, request, chosen, services.cancel_conversion, "cancelled")
    text = ngettext("%(count)s conversion is cancelled.", "%(count)s conversions are cancelled.", count)
    say(page, request, count, text)


def _each(page: Page, request: HttpRequest, chosen: Chosen, service: Callable[..., Conversion], done: str) -> int:
    now = timezone.now()
    return each(page, request, chosen, lambda row: service(conversion=row, actor=str(request.user), now=now), done)
