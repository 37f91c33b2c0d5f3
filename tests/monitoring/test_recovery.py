"""Against a real supervisord: what fell is seen, what is silent is restarted, what stalls is told from what is busy."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.utils import timezone

from monitoring import heartbeats
from monitoring.models import Heartbeat
from monitoring.recovery import SILENT, Level, Program, Stall, Supervisor, serving, silent, unheard

CONFIGURATION = """
[supervisord]
nodaemon=true
silent=true
logfile={folder}/log
pidfile={folder}/pid
[unix_http_server]
file={folder}/s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[group:newsforge]
programs=worker-writing,beat
[program:worker-writing]
command={python} -c "import time; time.sleep(600)"
startsecs=0
autorestart=true
stdout_logfile=/dev/null
stderr_logfile=/dev/null
[program:beat]
command={python} -c "import sys; sys.exit(3)"
startsecs=1
startretries=0
autorestart=true
stdout_logfile=/dev/null
stderr_logfile=/dev/null
"""


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    with tempfile.TemporaryDirectory(prefix="nf-") as name:
        folder = Path(name)
        (folder / "conf").write_text(CONFIGURATION.format(folder=folder, python=sys.executable), "utf-8")
        process = subprocess.Popen([sys.executable, "-m", "supervisor.supervisord", "-c", str(folder / "conf")])
        asked = Supervisor(socket=folder / "s")
        try:
            wait_until(lambda: {each.state for each in asked.programs()} == {"RUNNING", "FATAL"})
            yield asked
        finally:
            process.terminate()
            process.wait(30)


def wait_until(done: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def writing(supervisor: Supervisor) -> Program:
    return next(each for each in supervisor.programs() if each.name == "worker-writing")


def beat_of(program: Program, **fields: object) -> Heartbeat:
    details = {"host": heartbeats.HOST, "pid": program.pid, "queues": ["writing"]} | fields
    return Heartbeat(name="writing@host", kind="worker", seen_at=timezone.now(), details=details)


def test_without_supervisord_there_are_no_programs(tmp_path: Path) -> None:
    assert Supervisor(socket=tmp_path / "none").programs() == []
    (tmp_path / "dead").touch()
    assert Supervisor(socket=tmp_path / "dead").programs() == []


def test_a_program_that_died_is_told_of_once(supervisor: Supervisor) -> None:
    supervisor.deaths()
    first = writing(supervisor)
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: writing(supervisor).pid not in {0, first.pid})
    assert supervisor.deaths() == {"worker-writing"}
    assert supervisor.deaths() == set()


def test_who_looks_for_the_first_time_hears_of_no_old_deaths(supervisor: Supervisor) -> None:
    assert Supervisor(socket=supervisor.socket).deaths() == set()


def test_what_is_restarted_on_purpose_did_not_die(supervisor: Supervisor) -> None:
    supervisor.deaths()
    first = writing(supervisor)
    assert supervisor.restart(first)
    wait_until(lambda: writing(supervisor).pid not in {0, first.pid})
    assert not psutil.pid_exists(first.pid)
    assert supervisor.deaths() == set()


def test_a_program_is_silent_when_its_own_process_says_nothing(supervisor: Supervisor) -> None:
    now, program = timezone.now(), writing(supervisor)
    assert silent([program], (), now=now) == []  # it has only just started
    old = Program(name="worker-writing", group="newsforge", state="RUNNING", pid=program.pid, up_s=600)
    assert silent([old], (), now=now) == [old]
    assert silent([old], (beat_of(old),), now=now) == []
    assert silent([old], (beat_of(old, host="elsewhere"),), now=now) == [old]
    late = beat_of(old)
    late.seen_at = now - SILENT - timedelta(seconds=1)
    assert silent([old], (late,), now=now) == [old]
    assert serving([old], (beat_of(old),), queue="writing") == [old]
    assert serving([old], (beat_of(old),), queue="reading") == []


def test_who_looks_is_never_silent_to_itself() -> None:
    sweep = Program(name="sweep", group="newsforge", state="RUNNING", pid=os.getpid(), up_s=600)
    assert silent([sweep], (), now=timezone.now()) == unheard([sweep], (), now=timezone.now()) == []


def test_a_queue_has_stalled_when_it_ages_while_its_workers_are_idle() -> None:
    stall = Stall(looks=3)
    assert [stall.look(age_s=age, idle=True) for age in (70, 130, 190)] == [False, False, True]
    busy = Stall(looks=3)
    assert [busy.look(age_s=age, idle=age != 130) for age in (70, 130, 190, 250)] == [False] * 4
    moving = Stall(looks=3)
    assert [moving.look(age_s=age, idle=True) for age in (70, 130, 65, 70)] == [False] * 4
    young = Stall(looks=3)
    assert [young.look(age_s=age, idle=True) for age in (10, 20, 30, 40)] == [False] * 4


def test_a_level_warns_late_and_calms_later() -> None:
    level = Level(bound=80, calm=70)
    assert [level.look(value) for value in (99, 20, 20, 90, 90, 75, 75, 75, 60, 50)] == [
        *(False, False, False, False, False, True, True, True, True, False)
    ]
