"""One death, one incident, in whatever order and however late its signs are seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from monitoring import heartbeats, incidents
from monitoring.enums import IncidentKind, Severity
from monitoring.models import Heartbeat, Incident
from monitoring.recovery import YOUNG, Program, Supervisor
from monitoring.sweep import AGAIN, STARTING, Sweep

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = Program(name="worker-writing-1", group="newsforge", state="RUNNING", pid=100, up_s=9999)
BEAT = Program(name="beat", group="newsforge", state="RUNNING", pid=200, up_s=9999)
LOOK = timedelta(seconds=60)


@dataclass(slots=True)
class Scripted(Supervisor):
    """A supervisord that says what the test wants."""

    all: list[Program] = field(default_factory=lambda: [WORKER, BEAT])
    died: set[str] = field(default_factory=set)
    restarts: list[str] = field(default_factory=list)

    def programs(self) -> list[Program]:
        return self.all

    def deaths(self) -> set[str]:
        died, self.died = self.died, set()
        return died

    def restart(self, program: Program) -> bool:
        self.restarts.append(program.name)
        return True


@dataclass(slots=True)
class Scene:
    """A sweep, its supervisord, and a clock."""

    sweep: Sweep
    supervisor: Scripted
    now: datetime

    def look(self, *speaking: Program, later: timedelta = LOOK) -> list[tuple[str, bool]]:
        """Let time pass, let those who speak say that they live, look, and return the incidents there are."""
        self.now += later
        for program in speaking:
            speak(program, self.now)
        self.sweep.cycle(now=self.now)
        return [(each.kind, each.resolved_at is not None) for each in Incident.objects.order_by("opened_at")]


def speak(program: Program, now: datetime, host: str = heartbeats.HOST) -> None:
    details = {"host": host, "pid": program.pid, "queues": ["reading", "writing", "sweeping"], "active": 0}
    if program.kind != "worker":
        del details["queues"]
    facts = {"kind": program.kind, "seen_at": now, "details": details}
    Heartbeat.objects.update_or_create(name=f"{program.name}@{host}", defaults=facts)


@pytest.fixture
def scene(settings: Settings) -> Scene:
    settings.MEMORY_WARNING_PERCENT = settings.DISK_WARNING_PERCENT = settings.CPU_WARNING_PERCENT = 101
    now, supervisor = timezone.now(), Scripted()
    made = Scene(Sweep(supervisor=supervisor, began=now - timedelta(hours=1)), supervisor, now)
    assert made.look(WORKER, BEAT) == []
    return made


def anew(program: Program, **fields: Any) -> Program:
    return replace(program, **{"pid": program.pid + 1, "up_s": 1.0} | fields)


def test_who_takes_long_to_speak_again_is_missed_once(scene: Scene) -> None:
    scene.supervisor.all, scene.supervisor.died = [anew(WORKER), BEAT], {WORKER.name}
    assert scene.look(BEAT) == [("program", False)]
    for _ in range(2 * STARTING // LOOK):
        assert scene.look(BEAT) == [("program", False)]
    assert scene.look(anew(WORKER), BEAT) == [("program", True)]


def test_a_death_that_is_read_after_its_silence_was_seen_is_told_once(scene: Scene) -> None:
    assert scene.look(BEAT) == []  # silent already, while supervisord still shows it running
    scene.supervisor.all, scene.supervisor.died = [anew(WORKER), BEAT], {WORKER.name}
    assert scene.look(BEAT) == [("program", False)]
    assert scene.look(anew(WORKER), BEAT) == [("program", True)]


def test_a_death_seen_only_when_all_is_well_again_is_told_once(scene: Scene) -> None:
    scene.supervisor.all, scene.supervisor.died = [anew(WORKER), BEAT], {WORKER.name}
    assert scene.look(anew(WORKER), BEAT) == [("program", False)]
    assert scene.look(anew(WORKER), BEAT) == [("program", True)]


def test_a_death_between_two_questions_is_told_once(scene: Scene) -> None:
    scene.supervisor.died = {WORKER.name}  # the list of programs was read a moment before
    assert scene.look(WORKER, BEAT) == [("program", False)]
    scene.supervisor.all = [anew(WORKER, state="STARTING"), BEAT]
    assert scene.look(BEAT) == [("program", False)]
    scene.supervisor.all = [anew(WORKER), BEAT]
    assert scene.look(anew(WORKER), BEAT) == [("program", True)]


def test_who_dies_again_while_it_starts_is_missed_once_and_critically(scene: Scene) -> None:
    scene.supervisor.all, scene.supervisor.died = [anew(WORKER, state="BACKOFF", pid=0), BEAT], {WORKER.name}
    assert scene.look(BEAT) == [("program", False)]
    assert Incident.objects.get().severity == Severity.CRITICAL
    scene.supervisor.all, scene.supervisor.died = [anew(WORKER, pid=102), BEAT], {WORKER.name}
    assert scene.look(BEAT) == [("program", False)]
    assert scene.look(anew(WORKER, pid=102), BEAT) == [("program", True)]


def test_who_ends_by_itself_and_is_started_again_is_not_missed(scene: Scene) -> None:
    Heartbeat.objects.filter(kind="worker").delete()  # it said good-bye
    scene.supervisor.all = [anew(WORKER), BEAT]
    assert scene.look(BEAT) == []
    assert scene.look(anew(WORKER), BEAT) == []


def test_a_supervisord_that_does_not_answer_ends_nothing(scene: Scene) -> None:
    scene.supervisor.all, scene.supervisor.died = [WORKER, anew(BEAT)], {BEAT.name}
    assert scene.look(WORKER) == [("program", False)]
    scene.supervisor.all = []
    assert scene.look(WORKER) == [("program", False)]
    scene.supervisor.all = [WORKER, anew(BEAT)]
    assert scene.look(WORKER, anew(BEAT)) == [("program", True)]


def test_who_hangs_is_missed_once_until_it_speaks_however_often_it_is_restarted(scene: Scene) -> None:
    assert scene.look(BEAT) == []
    assert scene.look(BEAT) == []
    assert scene.look(BEAT) == [("program", False)]
    scene.supervisor.all = [anew(WORKER), BEAT]
    assert scene.look(BEAT) == [("program", False)]
    assert Incident.objects.get().severity == Severity.WARNING
    scene.supervisor.all = [anew(WORKER, up_s=YOUNG + 1), BEAT]
    assert scene.look(BEAT) == [("program", False)]
    assert Incident.objects.get().severity == Severity.CRITICAL
    assert scene.supervisor.restarts == [WORKER.name]  # it may only be slow
    scene.supervisor.all = [anew(WORKER, up_s=AGAIN + 1), BEAT]
    assert scene.look(BEAT) == [("program", False)]
    assert scene.supervisor.restarts == [WORKER.name] * 2
    scene.supervisor.all = [anew(WORKER, pid=102), BEAT]
    assert scene.look(anew(WORKER, pid=102), BEAT) == [("program", True)]


def test_what_somebody_stopped_is_missed_for_what_it_did(scene: Scene) -> None:
    scene.supervisor.all = [replace(WORKER, state="STOPPED", pid=0), BEAT]
    assert scene.look(BEAT) == [("worker", False)]
    scene.supervisor.all = [anew(WORKER), BEAT]
    assert scene.look(BEAT) == [("worker", False)]
    assert scene.look(anew(WORKER), BEAT) == [("worker", True)]


@pytest.mark.parametrize("sweeps", [True, False])
def test_another_hosts_program_explains_what_is_missing_while_somebody_looks_after_it(
    scene: Scene, sweeps: bool
) -> None:
    scene.supervisor.all = [WORKER]
    facts = {"severity": Severity.CRITICAL, "summary": "beat died", "details": {}}
    incidents.report(kind=IncidentKind.PROGRAM, fingerprint="sweep/other/program/beat", now=scene.now, **facts)  # type: ignore[arg-type]
    if sweeps:
        speak(Program(name="sweep", group="newsforge", state="RUNNING", pid=9, up_s=1), scene.now + LOOK, "other")
    assert scene.look(WORKER) == [("program", False), *([] if sweeps else [("beat", False)])]


class Written(Supervisor):
    """A supervisord with a log."""

    log = ""

    def _ask(self, question: Any) -> Any:
        return self.log


def death(at: str, name: str) -> str:
    return f"2026-11-29 {at},000 WARN exited: {name} (terminated by SIGKILL; not expected)\n"


def test_a_death_is_new_by_its_place_in_the_log_and_not_by_the_clock() -> None:
    written = Written()
    assert written.deaths() == set()
    written.log += death("02:30:00", "beat")
    assert written.deaths() == {"beat"}
    written.log += death("01:30:00", "web") + death("02:30:00", "worker")  # the clock was set back
    assert written.deaths() == {"web", "worker"}
    assert written.deaths() == set()
    written.log = death("02:31:00", "beat")  # a new file
    assert written.deaths() == {"beat"}
