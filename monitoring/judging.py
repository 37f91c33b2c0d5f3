"""From what the sweep sees to what staff must hear of: each trouble has a name that stays the same while it lasts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.selectors import keys_needing_attention
from monitoring.enums import IncidentKind, Severity, State
from monitoring.health import Condition, Report
from monitoring.heartbeats import HOST
from newsforge.lib.sentences import BECAUSE, stored

FULL_DISK = stored("The disk of %(host)s is %(percent)s %% full")
USED = {
    IncidentKind.CPU: stored("CPU of %(host)s is at %(percent)s %%"),
    IncidentKind.MEMORY: stored("Memory of %(host)s is at %(percent)s %%"),
}
STALLED = stored("The queue has stalled while its workers are idle")
LATE = stored("Jobs wait too long for a worker")
SICK_KEYS = stored("%(count)s provider keys need attention: refused by their provider, or not readable")
DIED = stored("%(name)s on %(host)s died and was started again")
SILENT = stored("%(name)s on %(host)s was %(was)s but silent, and is restarted")
STILL_DOWN = stored("%(name)s on %(host)s is still down after a restart at %(time)s UTC")
REPLACED = stored("A web worker of %(host)s stood still and was replaced")
NOT_SEEN = stored("The sweep no longer sees it.")

MARK = "sweep"
"""What the fingerprints of the sweep begin with: nobody else's incidents are resolved by it."""

DISK_CRITICAL_PERCENT = 95.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong."""

    kind: IncidentKind
    name: str
    severity: Severity
    summary: str
    details: Mapping[str, Any] = field(default_factory=dict)
    here: bool = False
    """Whether it is this host's alone."""

    @property
    def fingerprint(self) -> str:
        """Return what tells this trouble from any other, now and at the next look."""
        return "/".join([MARK, *([HOST] if self.here else []), self.kind.value, self.name])


DEPENDENCIES: Mapping[str, tuple[IncidentKind, Severity, str]] = {
    "redis": (IncidentKind.REDIS, Severity.CRITICAL, stored("Redis does not answer")),
    "celery_worker": (IncidentKind.WORKER, Severity.CRITICAL, stored("A queue has no worker")),
    "celery_beat": (IncidentKind.BEAT, Severity.CRITICAL, stored("Beat is silent")),
    "openai_api": (IncidentKind.PROVIDER, Severity.CRITICAL, stored("OpenAI does not answer as it should")),
    "anthropic_api": (IncidentKind.PROVIDER, Severity.CRITICAL, stored("Anthropic does not answer as it should")),
    "migrations": (IncidentKind.MIGRATIONS, Severity.CRITICAL, stored("The database is behind the release")),
}
"""What is a trouble as soon as it is unhealthy; a machine's measures and the queue are judged over several looks."""


def of_dependencies(report: Report) -> Iterator[Trouble]:
    """Yield a trouble for each dependency that is unhealthy."""
    for name, (kind, severity, words) in DEPENDENCIES.items():
        condition = report.dependencies[name]
        if condition.status == State.UNHEALTHY:
            yield Trouble(kind=kind, name=name, severity=severity, summary=_told(words, condition))


def of_disk(*, percent: float, warning: float) -> Iterator[Trouble]:
    """Yield a trouble if the disk with our state fills up: PostgreSQL stops when it is full."""
    if percent >= min(warning, DISK_CRITICAL_PERCENT):
        severity = Severity.CRITICAL if percent >= DISK_CRITICAL_PERCENT else Severity.WARNING
        summary = FULL_DISK % {"host": HOST, "percent": f"{percent:.0f}"}
        yield Trouble(kind=IncidentKind.DISK, name="home", severity=severity, summary=summary, here=True)


def of_level(*, kind: IncidentKind, value: float, high: bool) -> Iterator[Trouble]:
    """Yield a trouble while a measure of this machine is too high."""
    if high:
        summary = USED[kind] % {"host": HOST, "percent": f"{value:.0f}"}
        yield Trouble(kind=kind, name="usage", severity=Severity.WARNING, summary=summary, here=True)


def of_queue(report: Report, *, late: bool, stalled: bool) -> Iterator[Trouble]:
    """Yield a trouble if jobs wait too long; it is critical when the workers claim to have nothing to do."""
    if late or stalled:
        words = STALLED if stalled else LATE
        severity = Severity.CRITICAL if stalled else Severity.WARNING
        summary = _told(words, report.dependencies["queue"])
        yield Trouble(kind=IncidentKind.QUEUE, name="age", severity=severity, summary=summary)


def of_keys() -> Iterator[Trouble]:
    """Yield a trouble if provider keys need a person."""
    count = keys_needing_attention()
    if count:
        summary = SICK_KEYS % {"count": count}
        yield Trouble(
            kind=IncidentKind.KEYS,
            name="attention",
            severity=Severity.WARNING,
            summary=summary,
            details={"count": count},
        )


def of_program(name: str, *, words: str, severity: Severity, facts: Mapping[str, str] = {}, **details: Any) -> Trouble:
    """Return the trouble with one program of this host; ``facts`` fill what its name and host leave of the words."""
    return Trouble(
        kind=IncidentKind.PROGRAM, name=name, severity=severity, summary=words % {"name": name, "host": HOST, **facts},
        details=details, here=True,
    )  # fmt: skip


SYMPTOMS: Mapping[str, str] = {"worker": f"{MARK}/worker/celery_worker", "beat": f"{MARK}/beat/celery_beat"}
"""By kind of program: what else is seen of one that is down. Told only of what no living host's sweep looks after."""


def is_mine(fingerprint: str) -> bool:
    """Tell whether the sweep of this host may resolve an incident: its own, or one of no host."""
    mark, place, *_ = fingerprint.split("/")
    return mark == MARK and (place == HOST or place in {kind.value for kind in IncidentKind})


def _told(words: str, condition: Condition) -> str:
    return BECAUSE % {"what": words, "why": condition.detail} if condition.detail else words
