"""Mend what can be mended on this host: ask supervisor to start what fell and to restart what no longer answers."""

from __future__ import annotations

import os
import re
import xmlrpc.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException  # noqa: TID251 - supervisor's transport raises it
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from supervisor.xmlrpc import SupervisorTransport

from monitoring import heartbeats
from monitoring.models import Heartbeat

log = structlog.get_logger(__name__)

YOUNG = 180.0
"""Seconds a program has to import, connect and say that it lives, on a machine that has too much to do."""
SILENT = timedelta(minutes=2)
"""How long a program may say nothing until it is restarted: restarting what is merely slow makes it slower."""

SPEAKS = frozenset({"worker", "beat", "sweep"})
"""Programs whose own process sends heartbeats, by the beginning of their name; web sends them from its children."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program as supervisor sees it."""

    name: str
    group: str
    state: str
    pid: int
    up_s: float

    @property
    def full_name(self) -> str:
        """Return the name supervisor takes orders for."""
        return f"{self.group}:{self.name}"

    @property
    def kind(self) -> str:
        """Return what the program is."""
        return kind_of(self.name)


def kind_of(name: str) -> str:
    """Return what a program is, from its name: web, worker, beat or sweep."""
    return name.split("-", maxsplit=1)[0].split("_", maxsplit=1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The programs of this host at one look."""

    programs: list[Program]
    unheard: list[Program]
    """Those that should run and do not say that they live."""
    quiet: list[Program]
    """Those a restart may mend."""
    died: set[str]
    """Names of those that died since the look before, most of them running again."""


LOG_TAIL = 50_000
"""Bytes of supervisord's own log that are read at each look: hundreds of deaths."""
_DIED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \w+ exited: (\S+) \(.*; not expected\)$", re.MULTILINE)
"""What supervisord 4 writes of a program that ended although nobody asked it to; its API forgets at the next start."""


@dataclass(slots=True)
class Supervisor:
    """The supervisord of this host, if there is one."""

    socket: Path = field(default_factory=lambda: Path(settings.HOME) / "run/supervisor.sock")
    _last: tuple[str, str] | None = None
    """When and who: the last death we heard of; None before the first look."""

    def programs(self) -> list[Program]:
        """Return its programs; none when no supervisord runs here or it does not answer."""
        return [_program(info) for info in self._ask(lambda ask: ask.getAllProcessInfo()) or ()]

    def deaths(self) -> set[str]:
        """Return the names of programs that died since this was asked last; the first time, none.

        What is new is what stands below the last one, not what is later: clocks are set back, and logs are begun anew.
        """
        said = self._ask(lambda ask: ask.readLog(-LOG_TAIL, 0))
        if said is None:
            return set()
        found: list[tuple[str, str]] = _DIED.findall(said)
        before, self._last = self._last, found[-1] if found else self._last or ("", "")
        if before is None:
            return set()
        return {name for _, name in found[found.index(before) + 1 if before in found else 0 :]}

    def restart(self, program: Program) -> bool:
        """Stop the program if it runs and start it; tell whether supervisor did."""

        def anew(ask: Any) -> bool:
            if program.state in {"RUNNING", "STARTING"}:
                ask.stopProcess(program.full_name)
            return bool(ask.startProcess(program.full_name, False))

        return bool(self._ask(anew))

    def _ask(self, question: Callable[[Any], Any]) -> Any:
        """Return what supervisor answers, None if nobody is there or it refuses, which is logged."""
        if not self.socket.exists():
            return None
        transport = SupervisorTransport(serverurl=f"unix://{self.socket}")
        try:
            return question(xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor)
        except (OSError, HTTPException, xmlrpc.client.Error) as error:
            log.warning("supervisor does not do it", error=type(error).__name__)
            return None
        finally:
            transport.close()


DOWN = frozenset({"FATAL", "EXITED", "BACKOFF", "UNKNOWN"})
"""Supervisor's states of a program that should run and does not; STOPPED is somebody's wish."""


def unheard(programs: list[Program], beats: tuple[Heartbeat, ...], *, now: datetime) -> list[Program]:
    """Return programs of this host that should run and do not say that they live, be it because they only start."""
    heard = _heard(beats, now=now, within=heartbeats.STALE)
    return [
        program
        for program in programs
        if program.state != "STOPPED"
        and (program.state != "RUNNING" or (program.kind in SPEAKS and program.pid not in heard))
    ]


def silent(programs: list[Program], beats: tuple[Heartbeat, ...], *, now: datetime) -> list[Program]:
    """Return running programs of this host that have not said for long that they live."""
    heard = _heard(beats, now=now, within=SILENT)
    return [
        program
        for program in programs
        if program.state == "RUNNING" and program.kind in SPEAKS and program.up_s > YOUNG and program.pid not in heard
    ]


def _heard(beats: tuple[Heartbeat, ...], *, now: datetime, within: timedelta) -> set[int | None]:
    """Return the processes of this host that have said that they live, and ours: who looks, lives."""
    return {os.getpid()} | {
        beat.details.get("pid")
        for beat in beats
        if beat.details.get("host") == heartbeats.HOST and now - beat.seen_at <= within
    }


def serving(programs: list[Program], beats: tuple[Heartbeat, ...], *, queue: str) -> list[Program]:
    """Return programs of this host whose worker takes from a queue."""
    pids = {beat.details.get("pid") for beat in beats if queue in beat.details.get("queues", ())}
    return [program for program in programs if program.pid in pids]


@dataclass(slots=True)
class Stall:
    """See a queue that grows older from look to look while its workers claim to have nothing to do."""

    looks: int = 3
    _ages: list[float] = field(default_factory=list)

    def look(self, *, age_s: float, idle: bool) -> bool:
        """Take one look; tell whether the queue has stalled."""
        if not idle or age_s < settings.QUEUE_WARNING_SECONDS or (self._ages and age_s <= self._ages[-1]):
            self._ages.clear()
            return False
        self._ages.append(age_s)
        return len(self._ages) >= self.looks


@dataclass(slots=True)
class Level:
    """A measure that warns from a bound on and calms down only well below it."""

    bound: float
    calm: float
    looks: int = 3
    high: bool = False
    _last: list[float] = field(default_factory=list)

    def look(self, value: float) -> bool:
        """Take one measure; tell whether it is too high, over the last looks together."""
        self._last = [*self._last, value][-self.looks :]
        mean = sum(self._last) / len(self._last)
        if len(self._last) == self.looks and mean >= self.bound:
            self.high = True
        elif mean < self.calm:
            self.high = False
        return self.high


def _program(info: Mapping[str, Any]) -> Program:
    return Program(
        name=info["name"],
        group=info["group"],
        state=info["statename"],
        pid=info["pid"],
        up_s=float(info["now"] - info["start"]),
    )
