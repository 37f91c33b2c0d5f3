"""Everything one conversion's page tells beside its own columns, each part read once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import QuotaEntry
from conversions.admin.stages import stages_of
from conversions.enums import OPEN, Platform, Status, Verdict
from conversions.models import Conversion
from conversions.pipeline.compose import fenced
from conversions.pipeline.platforms import RULES
from newsforge.lib.errors import Fault
from newsforge.lib.retelling import retold

MOST_SHOWN = 50
"""Rows of one table of the page."""

ADVICE: dict[str, tuple[Promise | str, Promise | str]] = {
    Fault.REQUEST: (
        _("The request: it cannot be done as it was asked."),
        _("Tell the customer what to change. Running it again unchanged fails again."),
    ),
    Fault.ARTICLE: (
        _("The article, or the site it is on."),
        _("Open the address. If it opens for you, the site shuts our reader out or wants a login: the customer can "
          "paste the text instead. If the site was only down, run it again."),
    ),
    Fault.KEY: (
        _("The key the provider was asked with."),
        _("Test the key on its page. Its owner mends it at the provider or stores another; then run it again."),
    ),
    Fault.PROVIDER: (
        _("The provider."),
        _("See how its circuit stands. Once it answers, run it again; nothing has to be changed."),
    ),
    Fault.US: (
        _("Ours."),
        _("Search the log for the error id, or for the conversion's id, and tell the developers. Then run it again."),
    ),
}  # fmt: skip
"""For each fault, whose it is and what staff do next."""


def story_of(*, conversion: Conversion, now: datetime) -> dict[str, Any]:
    """Return what the page's template shows."""
    attempts = list(conversion.attempts.order_by("pk")[:MOST_SHOWN])
    whose, next_step = ADVICE.get(conversion.fault, ("", ""))
    return {
        "what_happened": retold(conversion.error_message),
        "whose_fault": whose,
        "next_step": next_step,
        "stages": stages_of(conversion=conversion, attempts=attempts),
        "attempts": attempts,
        "article_shown": _as_seen(conversion),
        "counted": _counted(conversion),
        "deliveries": conversion.deliveries.select_related("endpoint").order_by("created_at")[:MOST_SHOWN],
        "ledger": QuotaEntry.objects.filter(conversion_id=conversion.pk).order_by("pk")[:MOST_SHOWN],
        "siblings": _siblings(conversion),
        "may_run": conversion.status in {Status.FAILED, Status.CANCELLED},
        "may_cancel": conversion.status in OPEN,
        "now": now,
    }


def _as_seen(conversion: Conversion) -> str:
    """Return the article as a model is shown it, empty where there is none that can be read."""
    article = conversion.article
    return fenced(article=article.value()) if article and article.verdict == Verdict.OK else ""


def _counted(conversion: Conversion) -> str:
    """Return how long the post is as its platform counts, and how much room is left."""
    if conversion.length is None:
        return ""
    unit = gettext(RULES[Platform(conversion.target_platform)].unit.value)
    if conversion.limit is None:
        return gettext("%(length)s %(unit)s; the platform has no limit") % {"length": conversion.length, "unit": unit}
    return gettext("%(length)s of %(limit)s %(unit)s, %(left)s left") % {
        "length": conversion.length, "limit": conversion.limit, "unit": unit,
        "left": conversion.limit - conversion.length,
    }  # fmt: skip


def _siblings(conversion: Conversion) -> list[Conversion]:
    """Return the other conversions of the same request."""
    others = Conversion.objects.filter(batch_id=conversion.batch_id).exclude(pk=conversion.pk)
    shown = others.only("status", "target_platform", "failure_code", "length", "limit", "position")
    return list(shown.order_by("position", "pk")[:MOST_SHOWN])
