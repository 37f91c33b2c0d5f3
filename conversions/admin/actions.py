"""What staff do to many conversions at once: each a call of a service, with a count at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversions import services
from conversions.models import Conversion
from newsforge.lib.errors import PermanentError
from newsforge.lib.problem import told

Page = admin.ModelAdmin[Conversion]
Chosen = QuerySet[Conversion, Any]


@admin.action(description=_("Run again, for a new unit of the customer's day"), permissions=["operate"])
def run_again(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Run failed and cancelled conversions again."""
    count = _each(page, request, chosen, services.retry_conversion, "run again")
    text = ngettext("%(count)s conversion runs again.", "%(count)s conversions run again.", count)
    page.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)


@admin.action(description=_("Cancel and give the unit back"), permissions=["operate"])
def cancel(page: Page, request: HttpRequest, chosen: Chosen) -> None:
    """Cancel conversions that are not finished."""
    count = _each(page, request, chosen, services.cancel_conversion, "cancelled")
    text = ngettext("%(count)s conversion is cancelled.", "%(count)s conversions are cancelled.", count)
    page.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)


def _each(page: Page, request: HttpRequest, chosen: Chosen, service: Callable[..., Conversion], done: str) -> int:
    """Return how many the service took; say once for each reason why it did not take the others."""
    now = timezone.now()
    count = 0
    refused: dict[str, int] = {}
    for conversion in chosen:
        try:
            service(conversion=conversion, actor=str(request.user), now=now)
        except PermanentError as refusal:
            sentence = told(refusal)
            refused[sentence] = refused.get(sentence, 0) + 1
        else:
            page.log_change(request, conversion, done)
            count += 1
    for sentence, times in refused.items():
        page.message_user(request, f"{times} × {sentence}", messages.WARNING)
    return count
