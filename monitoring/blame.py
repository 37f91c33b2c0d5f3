"""One fault, one incident: a program that is down is missed as a program, or else as a worker or beat, never as both.

Nothing here goes by how long something takes. Both signs are read from one snapshot: as long as a program has not said
that it lives, whatever it leaves undone is put down to it, and its own incident stays open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from monitoring import heartbeats
from monitoring.enums import IncidentKind
from monitoring.health import Report
from monitoring.heartbeats import HOST
from monitoring.judging import MARK, SYMPTOMS
from monitoring.models import Incident
from monitoring.recovery import Fleet, kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Fingerprints the sweep does not decide about at this look."""

    explained: frozenset[str]
    """What is not told, for its cause is, or soon will be; nor is its end."""
    lasting: frozenset[str]
    """What is not over, though nothing new was seen of it."""


def doubt(report: Report, *, fleet: Fleet, starting: bool) -> Doubt:
    """Return what cannot be decided yet.

    A program on another host explains what is missing as long as that host's sweep lives to tell of it. When
    supervisord does not answer, no program is known to be well again.
    """
    quiet, kinds = {program.name for program in fleet.unheard}, {program.kind for program in fleet.unheard}
    lasting, sweeping = set(), _hosts_that_sweep(report)
    for fingerprint, host, name in _open_programs():
        if host == HOST and fleet.programs and name not in quiet:
            continue
        lasting.add(fingerprint)
        if host == HOST or host in sweeping:
            kinds.add(kind_of(name))
    explained = {told for kind, told in SYMPTOMS.items() if starting or kind in kinds}
    return Doubt(explained=frozenset(explained), lasting=frozenset(lasting))


def _open_programs() -> Iterator[tuple[str, str, str]]:
    """Yield fingerprint, host and program of every open incident about a program."""
    of_sweeps = Incident.objects.filter(kind=IncidentKind.PROGRAM, resolved_at=None, fingerprint__startswith=f"{MARK}/")
    for fingerprint in of_sweeps.values_list("fingerprint", flat=True):
        _, host, _, name = fingerprint.split("/", 3)
        yield fingerprint, host, name


def _hosts_that_sweep(report: Report) -> set[str]:
    beats = report.snapshot.heartbeats if report.snapshot else ()
    return {
        beat.details.get("host", "")
        for beat in beats
        if beat.kind == "sweep" and heartbeats.is_fresh(beat, now=report.at)
    }
