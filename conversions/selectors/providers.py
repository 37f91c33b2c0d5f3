"""How providers failed, and the prompts they are asked with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Func, IntegerField, OuterRef, QuerySet

from conversions.enums import AttemptState, PromptState
from conversions.models import Attempt, Conversion, PromptVersion

MOST_FAILURES = 1000
"""Of one provider, the latest, that are looked at: in an outage there may be thousands a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCount:
    """How often calls failed in one way, and when the last one did."""

    code: str
    count: int
    last_at: datetime


def failures_of(*, provider: str, since: datetime) -> list[FailureCount]:
    """Return how a provider's latest calls failed, the most frequent way first."""
    failed = Attempt.objects.filter(provider=provider, state=AttemptState.FAILED, created_at__gte=since)
    latest = failed.order_by("-created_at").values_list("failure_code", "created_at")[:MOST_FAILURES]
    times: dict[str, list[datetime]] = {}
    for code, at in latest:
        times.setdefault(code, []).append(at)
    found = [FailureCount(code=code, count=len(each), last_at=each[0]) for code, each in times.items()]
    return sorted(found, key=lambda each: -each.count)


MOST_USES = 1000
"""Conversions of one version that are counted; beyond it is enough to know that there are more."""


def prompt_versions() -> QuerySet[PromptVersion]:
    """Return all versions with ``uses``, how many conversions name each: at most one above ``MOST_USES``.

    ``has_before`` tells whether another version for the same platform and language was active before.
    """
    # A range, not "=": few versions have many conversions, so PostgreSQL would read the whole table for the others.
    named = Conversion.objects.filter(prompt_version__range=(OuterRef("version"), OuterRef("version")))
    uses = named.exclude(prompt_version="").values("prompt_version")[: MOST_USES + 1]
    same = PromptVersion.objects.filter(platform=OuterRef("platform"), language=OuterRef("language"))
    others = same.filter(state=PromptState.RETIRED).exclude(pk=OuterRef("pk"))
    count = Func(ArraySubquery(uses), function="cardinality", output_field=IntegerField())
    return PromptVersion.objects.annotate(uses=count, has_before=Exists(others))
