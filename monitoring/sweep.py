"""The sweep: every minute it looks at everything, keeps what it saw, mends what it can, and says what it cannot.

It is a process of its own and needs no broker, for the broker is among the things it watches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import kombu.exceptions
import psutil
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError

from conversions.tasks import reap_stuck
from monitoring import blame, health, heartbeats, incidents, judging, measuring, probing
from monitoring.blame import Doubt
from monitoring.enums import IncidentKind, Severity, State
from monitoring.health import Report
from monitoring.heartbeats import HOST
from monitoring.judging import Trouble
from monitoring.measuring import Machine
from monitoring.metrics import totals
from monitoring.models import Heartbeat, Incident
from monitoring.outage import Outage
from monitoring.recovery import DOWN, Fleet, Level, Program, Stall, Supervisor, serving, silent, unheard

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=60)
FULL = timedelta(minutes=5)
SOON = timedelta(seconds=10)
"""When it looks again at what it has restarted, and at a database that did not answer."""
PATIENT = timedelta(seconds=10)
"""How long the sweep waits for one answer: nobody waits for it, and a busy server is not a dead one."""
STARTING = timedelta(seconds=180)
"""How long after its own start, and after an outage, the sweep waits for all to say that they live."""
AGAIN = 900.0
"""Seconds a restarted program has until it is restarted once more: what starts slowly would never be done."""
FORGOTTEN = timedelta(days=1)
REMEMBERED = timedelta(days=90)
"""How long what is over is kept with what was told about it."""
WEB = "newsforge/embedded/web.py"
"""What stands in the command line of a web worker."""
DATABASE = f"{judging.MARK}/{HOST}/database"
CALMER = 10
"""Percent points below its bound at which a measure of this machine is calm again."""


@dataclass(slots=True)
class Sweep:
    """One host's sweep, and what it remembers from look to look."""

    every: timedelta = EVERY
    full: timedelta = FULL
    supervisor: Supervisor = field(default_factory=Supervisor)
    cpu: Level = field(
        default_factory=lambda: Level(settings.CPU_WARNING_PERCENT, settings.CPU_WARNING_PERCENT - CALMER)
    )
    memory: Level = field(
        default_factory=lambda: Level(settings.MEMORY_WARNING_PERCENT, settings.MEMORY_WARNING_PERCENT - CALMER)
    )
    stall: Stall = field(default_factory=Stall)
    restarted: dict[str, datetime] = field(default_factory=dict)
    outage: Outage = field(default_factory=Outage)
    began: datetime | None = None
    """Since when everybody could have said that they live: its own start, or the end of an outage."""
    _looked: datetime | None = None
    _full_at: datetime | None = None

    def cycle(self, *, now: datetime) -> timedelta:
        """Look once at everything, keep, mend and tell; return when to look again."""
        report = health.look(now=now, within=PATIENT)
        try:
            if report.snapshot is None:
                return self._database_is_away(now)
            if self.began is None or self.outage.since is not None or not _redis_answers(report):
                self.began = now
            self.outage.is_over(fingerprint=DATABASE, now=now)
            measured = measuring.machine()  # once a look: what it says of the CPU counts from the call before
            self._keep(report, measured, now)
            starting = now - self.began < STARTING
            fleet = self._fleet(report, starting=starting)
            troubles = [*self._of_machine(measured), *self._troubles(report, now, fleet, starting=starting)]
            _tell(troubles, now, doubt=blame.doubt(report, fleet=fleet, starting=starting))
            self._tidy(now)
        except (DatabaseError, InterfaceError) as error:
            log.warning("the sweep lost the database", error=type(error).__name__)
            return self._database_is_away(now)
        self._looked = now
        return SOON if self.restarted else self.every

    def _fleet(self, report: Report, *, starting: bool) -> Fleet:
        """Ask for the programs first: supervisord writes a death down before it shows the program as down."""
        assert report.snapshot is not None  # noqa: S101 - cycle saw to it
        programs, beats = self.supervisor.programs(), report.snapshot.heartbeats
        died, quiet = self.supervisor.deaths(), silent(programs, beats, now=report.at)
        if starting:  # what falls with Redis or PostgreSQL is told with them
            died, quiet = set(), []
        quiet += [program for program in programs if program.state in DOWN]
        return Fleet(programs=programs, unheard=unheard(programs, beats, now=report.at), quiet=quiet, died=died)

    def _troubles(self, report: Report, now: datetime, fleet: Fleet, *, starting: bool) -> Iterator[Trouble]:
        yield from judging.of_dependencies(report)
        yield from judging.of_keys()
        yield from self._of_queue(report, fleet)
        yield from self._of_programs(fleet, now)
        if not starting:
            yield from _of_web_workers(report, now)

    def _of_machine(self, measured: Machine) -> Iterator[Trouble]:
        yield from judging.of_disk(percent=measured.disk, warning=settings.DISK_WARNING_PERCENT)
        high = self.cpu.look(measured.cpu)
        yield from judging.of_level(kind=IncidentKind.CPU, value=measured.cpu, high=high)
        high = self.memory.look(measured.memory)
        yield from judging.of_level(kind=IncidentKind.MEMORY, value=measured.memory, high=high)

    def _of_queue(self, report: Report, fleet: Fleet) -> Iterator[Trouble]:
        assert report.snapshot is not None  # noqa: S101 - cycle saw to it
        backlog, beats = report.snapshot.backlog, report.snapshot.heartbeats
        workers = [beat for beat in beats if "writing" in beat.details.get("queues", ())]
        idle = bool(workers) and all(beat.details.get("active") == 0 for beat in workers)
        stalled = self.stall.look(age_s=backlog.oldest_due_s, idle=idle)
        if stalled and _redis_answers(report):
            for program in serving(fleet.programs, beats, queue="writing"):
                self._restart(program, report.at)
        late = report.dependencies["queue"].status != State.HEALTHY
        yield from judging.of_queue(report, late=late, stalled=stalled)

    def _of_programs(self, fleet: Fleet, now: datetime) -> Iterator[Trouble]:
        """Yield what fell, what is silent, and what was restarted and does not live yet; restart what may need it."""
        slow = {program.full_name for program in fleet.unheard}
        self.restarted = {name: at for name, at in self.restarted.items() if name in slow}
        troubles = {program.name: self._sick(program, now) for program in fleet.quiet}
        for name in fleet.died:
            troubles[name] = judging.of_program(name, words=judging.DIED, severity=Severity.CRITICAL)
        yield from troubles.values()

    def _sick(self, program: Program, now: datetime) -> Trouble:
        before = self.restarted.get(program.full_name)
        if before is None or (program.state == "RUNNING" and program.up_s > AGAIN):
            self._restart(program, now)  # supervisord itself goes on with what does not run
        if before is None:
            return judging.of_program(
                program.name, words=judging.SILENT, facts={"was": program.state.lower()},
                severity=Severity.WARNING, state=program.state,
            )  # fmt: skip
        return judging.of_program(
            program.name, words=judging.STILL_DOWN, facts={"time": f"{before:%H:%M:%S}"},
            severity=Severity.CRITICAL, state=program.state,
        )  # fmt: skip

    def _restart(self, program: Program, now: datetime) -> None:
        log.warning("restarting a program", program=program.full_name, state=program.state)
        if self.supervisor.restart(program):
            self.restarted[program.full_name] = now

    def _keep(self, report: Report, measured: Machine, now: datetime) -> None:
        assert report.snapshot is not None  # noqa: S101 - cycle saw to it
        if self._full_at is None or now - self._full_at >= self.full:
            self._full_at = now
            probing.probe_providers(now=now)
            measuring.condense(now=now)
            incidents.remove_old(before=now - REMEMBERED)
        _keep_dependencies(report, now)
        probing.try_circuits(now=now)
        beats = [beat for beat in report.snapshot.heartbeats if heartbeats.is_fresh(beat, now=now)]
        alive = {kind: sum(beat.kind == kind for beat in beats) for kind in ("web", "worker", "beat", "sweep")}
        since = self._looked or now - self.every
        measuring.keep(measured=measured, backlog=report.snapshot.backlog, alive=alive, since=since, now=now)

    def _tidy(self, now: datetime) -> None:
        """Take work back from dead workers even if beat is dead, and forget processes that are long gone."""
        try:
            reap_stuck()
        except kombu.exceptions.OperationalError as error:
            log.warning("nobody can be told of work that was taken back", error=type(error).__name__)
        heartbeats.forget(before=now - FORGOTTEN)
        totals.add_up(wait=False)  # a scrape does it too, but not every installation is scraped

    def _database_is_away(self, now: datetime) -> timedelta:
        log.error("the database does not answer", since=(self.outage.since or now).isoformat())
        self.outage.goes_on(fingerprint=DATABASE, now=now)
        return SOON


def _tell(troubles: list[Trouble], now: datetime, *, doubt: Doubt) -> None:
    """Open an incident for each new trouble, and resolve the sweep's own that are over, but none in doubt."""
    for trouble in troubles:
        if trouble.fingerprint not in doubt.explained:
            _report(trouble, now)
    mine = Incident.objects.filter(resolved_at=None, fingerprint__startswith=f"{judging.MARK}/")
    still = {trouble.fingerprint for trouble in troubles} | doubt.explained | doubt.lasting
    for fingerprint in mine.values_list("fingerprint", flat=True):
        if judging.is_mine(fingerprint) and fingerprint not in still:
            incidents.resolve(fingerprint=fingerprint, now=now, how=judging.NOT_SEEN)


def _report(trouble: Trouble, now: datetime) -> None:
    incidents.report(
        kind=trouble.kind,
        fingerprint=trouble.fingerprint,
        severity=trouble.severity,
        summary=trouble.summary,
        details=trouble.details,
        now=now,
    )


def _of_web_workers(report: Report, now: datetime) -> Iterator[Trouble]:
    """Kill web workers of this host that stand still: granian starts others in their place."""
    assert report.snapshot is not None  # noqa: S101 - cycle saw to it
    for beat in report.snapshot.heartbeats:
        if beat.kind != "web" or beat.details.get("host") != HOST or heartbeats.is_fresh(beat, now=now):
            continue
        if _kill_web_worker(beat):
            yield Trouble(
                kind=IncidentKind.WEB, name="worker", severity=Severity.CRITICAL, here=True,
                summary=judging.REPLACED % {"host": HOST}, details=beat.details,
            )  # fmt: skip
        Heartbeat.objects.filter(pk=beat.pk).delete()


def _kill_web_worker(beat: Heartbeat) -> bool:
    """End the process of a heartbeat if it is a web worker that still exists; tell whether it was."""
    try:
        process = psutil.Process(int(beat.details["pid"]))
        if process.create_time() > beat.seen_at.timestamp() or WEB not in " ".join(process.cmdline()):
            return False  # the number has been given to another process since
        process.kill()
    except (psutil.Error, KeyError, ValueError):
        return False
    log.error("killed a web worker that stood still", process=beat.name)
    return True


def _keep_dependencies(report: Report, now: datetime) -> None:
    """Keep what this look found; providers are kept by their own probe."""
    seen = {name: each for name, each in report.dependencies.items() if name not in health.PROVIDERS}
    probing.keep(seen, now=now)


def _redis_answers(report: Report) -> bool:
    """Tell whether workers could work: one that waits for Redis is silent for a reason no restart mends."""
    return report.dependencies["redis"].status == State.HEALTHY
