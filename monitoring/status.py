"""How the service is, as anybody may know it: four parts in plain words, now and over the last 90 days, no details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min, Q
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from monitoring import health
from monitoring.enums import IncidentKind, Severity, State
from monitoring.models import Incident
from newsforge.lib import charts
from newsforge.lib.charts import Cell
from newsforge.lib.fresh import Fresh

DAYS = 90
"""As long as incidents are kept."""
KEPT_SECONDS = 15.0
MOST_INCIDENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What people know the service by, and what of it the sweep and the health look at."""

    name: str | Promise
    trouble: str | Promise
    """What people notice while it is not well."""
    dependencies: tuple[str, ...]
    kinds: tuple[IncidentKind, ...]
    within: str = ""
    """What the fingerprints of its incidents hold."""


PARTS = (
    Part(
        name=gettext_lazy("Website and API"),
        trouble=gettext_lazy("Requests could not be taken on."),
        dependencies=("database", "migrations"),
        kinds=(IncidentKind.DATABASE, IncidentKind.MIGRATIONS, IncidentKind.WEB),
    ),
    Part(
        name=gettext_lazy("Writing of posts"),
        trouble=gettext_lazy("Posts came later than usual."),
        dependencies=("redis", "celery_worker", "celery_beat", "queue"),
        kinds=(IncidentKind.REDIS, IncidentKind.WORKER, IncidentKind.BEAT, IncidentKind.QUEUE),
    ),
    Part(
        name="OpenAI",
        trouble=gettext_lazy("OpenAI did not answer as it should."),
        dependencies=("openai_api",),
        kinds=(IncidentKind.PROVIDER,),
        within="openai",
    ),
    Part(
        name="Anthropic",
        trouble=gettext_lazy("Anthropic did not answer as it should."),
        dependencies=("anthropic_api",),
        kinds=(IncidentKind.PROVIDER,),
        within="anthropic",
    ),
)

WORDS: Mapping[str, str | Promise] = {
    State.HEALTHY: gettext_lazy("Works"),
    State.DEGRADED: gettext_lazy("Slow, or only partly there"),
    State.UNHEALTHY: gettext_lazy("Does not work"),
    "unknown": gettext_lazy("Not known right now"),
}
WORST = (State.UNHEALTHY, State.DEGRADED, State.HEALTHY)
CELLS: Mapping[str, str | Promise] = {
    "ok": gettext_lazy("no trouble"),
    "slow": gettext_lazy("some trouble"),
    "failed": gettext_lazy("did not work for a while"),
    "none": gettext_lazy("not watched yet"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is remembered of one trouble."""

    part: Part
    severity: str
    opened_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything the page shows, before it is put into words."""

    at: datetime
    states: tuple[str, ...]
    """Of each part, in order: a ``State`` or ``unknown``."""
    past: tuple[Past, ...]
    """The newest first."""
    since: datetime | None
    """When this installation began; None while the database does not say."""

    @property
    def reads_database(self) -> bool:
        """Tell whether the database answered."""
        return self.since is not None


def look(*, now: datetime) -> Standing:
    """Return how everything stands; without a database, as much as is known without it."""
    report = health.look_often(now=now)
    known = report.snapshot is not None
    try:
        past, since = (_past(now), _beginning()) if known else ((), None)
    except DatabaseError:
        past, since = (), None
    states = tuple(_state(part, report, known=known) for part in PARTS)
    return Standing(at=now, states=states, past=past, since=since)


_kept = Fresh(lambda: look(now=timezone.now()), seconds=KEPT_SECONDS)


def look_often() -> Standing:
    """Return how everything stood 15 s ago at most: a crowd of readers costs one look."""
    return _kept.value()


def forget() -> None:
    """Look anew at the next question."""
    _kept.forget()


def _state(part: Part, report: health.Report, *, known: bool) -> str:
    found = {report.dependencies[name].status for name in part.dependencies}
    if not known and part is not PARTS[0]:
        return "unknown"
    return next(state for state in WORST if state in found)


def _past(now: datetime) -> tuple[Past, ...]:
    recent = Q(resolved_at=None) | Q(resolved_at__gt=now - timedelta(days=DAYS))
    kinds = {kind for part in PARTS for kind in part.kinds}
    rows = Incident.objects.filter(recent, kind__in=kinds).order_by("-opened_at")[:1000]
    found = []
    for row in rows.only("kind", "fingerprint", "severity", "opened_at", "resolved_at"):
        part = next((each for each in PARTS if row.kind in each.kinds and each.within in row.fingerprint), None)
        if part:
            found.append(Past(part=part, severity=row.severity, opened_at=row.opened_at, resolved_at=row.resolved_at))
    return tuple(found)


def _beginning() -> datetime | None:
    first: datetime | None = MigrationRecorder.Migration.objects.aggregate(first=Min("applied"))["first"]
    return first


def lines(standing: Standing) -> list[dict[str, object]]:
    """Return each part with its state in words and its days as a strip, in the language of who reads."""
    return [
        {"name": part.name, "state": state, "words": WORDS[state], "strip": _strip(part, standing)}
        for part, state in zip(PARTS, standing.states, strict=True)
    ]


def _strip(part: Part, standing: Standing) -> SafeString | str:
    if standing.since is None:
        return ""
    today = timezone.localdate(standing.at)
    first = timezone.localdate(standing.since)
    days = [today - timedelta(days=DAYS - 1 - back) for back in range(DAYS)]
    mine = [past for past in standing.past if past.part is part]
    cells = [_cell(day, first, mine, standing.at) for day in days]
    return charts.strip(title=_("%(part)s in the last 90 days") % {"part": part.name}, cells=cells)


def _cell(day: date, first: date, mine: Iterable[Past], now: datetime) -> Cell:
    severities = {
        past.severity
        for past in mine
        if timezone.localdate(past.opened_at) <= day <= timezone.localdate(past.resolved_at or now)
    }
    state = "none" if day < first and not severities else _level(severities)
    return Cell(state=state, label=f"{formats.date_format(day, 'SHORT_DATE_FORMAT')}: {CELLS[state]}")


def _level(severities: set[str]) -> str:
    if Severity.CRITICAL in severities:
        return "failed"
    return "slow" if severities else "ok"


def summary(standing: Standing) -> str:
    """Return the page's first sentence."""
    if "unhealthy" in standing.states[:2]:
        return _("Part of the service does not work right now. We have been told.")
    if set(standing.states) == {State.HEALTHY}:
        return _("Everything works.")
    return _("The service works, but not all of it as it should.")
