"""Many conversions while everything below them is killed: what is asked for, and when the blows fall."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum

from tests.chaos.client import Answer, Caller
from tests.chaos.installation import PATIENCE, Installation, wait_until
from tests.chaos.points import POINTS, READING

WORKERS = ("writing-1", "writing-2", "reading")
LATENCY = 1.0
CLIENTS = 4
LEAVES_WORK, TAKES_WORK = "conversion claimed", "taken back, no worker told"
"""Nobody comes to the second point unless somebody has died before, as at the first."""


class Victim(StrEnum):
    """Who is killed."""

    WORKER = "worker"
    BROKER = "broker"
    DATABASE = "database"


@dataclass(frozen=True)
class Blow:
    """One kill; of a worker at a named point or, by its name, wherever it is."""

    victim: Victim
    where: str = ""

    def __str__(self) -> str:
        return f"{self.victim}, at “{self.where}”" if self.where in POINTS else f"{self.victim} {self.where}".strip()


def plan(*, workers: int, brokers: int, databases: int, seed: int) -> list[Blow]:
    """Return the blows in a random order: at each point of the staircase, the other workers wherever they are."""
    rng = random.Random(seed)  # noqa: S311 - keeps no secret
    points = [each for each in POINTS if each not in {LEAVES_WORK, TAKES_WORK}]
    rng.shuffle(points)
    pair = [Blow(Victim.WORKER, LEAVES_WORK), Blow(Victim.WORKER, TAKES_WORK)]
    groups = [pair] + [[Blow(Victim.WORKER, point)] for point in points[: workers - 2]]
    groups += [[Blow(Victim.WORKER, WORKERS[number % 3])] for number in range(workers - 1 - len(groups))]
    groups += [[Blow(Victim.BROKER)]] * brokers + [[Blow(Victim.DATABASE)]] * databases
    rng.shuffle(groups)
    return [blow for group in groups for blow in group]


@dataclass
class Storm:
    """One run over ``total`` conversions, six or more for each blow; ``tell`` hears how it goes."""

    installation: Installation
    total: int
    blows: list[Blow]
    tell: Callable[[str], object] = bool
    callers: list[Caller] = field(default_factory=list)
    accepted: dict[str, str] = field(default_factory=dict)
    """The id of the conversion that each case became."""
    struck: list[Blow] = field(default_factory=list)
    refusals: list[Answer | None] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    is_over: bool = False

    def run(self, *, with_money: bool, seconds: float = PATIENCE) -> None:
        """Ask for everything, strike every blow amid the work, and wait until all has ended."""
        self.callers = [self.installation.add_caller(limit=self.total) for _ in range(CLIENTS)]
        self.installation.side.latency = LATENCY
        asked: list[Future[None]] = []
        with ThreadPoolExecutor(CLIENTS) as clients:

            def ask(case: str) -> None:
                asked.append(clients.submit(self._ask, case))

            try:
                for number, blow in enumerate(self.blows):
                    self._strike(
                        blow, self._portion(number), lambda case: asked.append(clients.submit(self._ask, case))
                    )
                    self.struck.append(blow)
                    self._say(f"{len(self.struck)} of {len(self.blows)} killed: {blow}")
                wait_until(lambda: all(each.done() for each in asked), meanwhile=self._keep_up, what="Every answer")
            finally:
                self.is_over = True
        for each in asked:
            each.result()
        self._say("all is asked for; waiting for the ends" + (", also of what dead workers set aside" * with_money))
        self.installation.settle(with_money=with_money, seconds=seconds, meanwhile=self._keep_up)
        self._say("all has ended")

    def _portion(self, number: int) -> list[str]:
        """Return the cases asked for around a blow: the second the provider refuses, the third comes by address."""
        first, last = (self.total * each // len(self.blows) for each in (number, number + 1))
        kinds = {first + 1: "-refused", first + 2: "-page"}
        return [f"storm-{each}{kinds.get(each, '')}" for each in range(first, last)]

    def _ask(self, case: str) -> None:
        caller = self.callers[int(case.split("-")[1]) % CLIENTS]
        by_address = case.endswith("-page")
        answer = caller.convert_until_taken(case, by_address=by_address, seconds=PATIENCE, refused=self._note)
        self.accepted[case] = answer.body["conversions"][0]["id"]

    def _note(self, refusal: Answer | None) -> None:
        assert not self.is_over, "The storm was broken off."
        self.refusals.append(refusal)

    def _strike(self, blow: Blow, portion: list[str], ask: Callable[[str], object]) -> None:
        """Ask for half of the portion, strike when that is being worked on, and ask for the rest while it hurts."""
        if blow.where in POINTS:
            self.installation.arm(blow.where, with_parent=blow.where in READING)
        half = len(portion) // 2
        for case in portion[:half]:
            ask(case)
        calls = self.installation.side.calls
        self._until(lambda: any(calls[case] for case in portion[:half]), "A call to the provider")
        hurt = {
            Victim.WORKER: self._kill_worker,
            Victim.BROKER: self._kill_broker,
            Victim.DATABASE: self._kill_database,
        }
        hurt[blow.victim](blow.where, lambda: [ask(case) for case in portion[half:]])
        self._keep_up()

    def _kill_worker(self, where: str, ask_rest: Callable[[], object]) -> None:
        if where in POINTS:
            ask_rest()
            self._until(lambda: not self.installation.is_armed(where), f"A death at “{where}”")
        else:
            self.installation.kill(where)
            ask_rest()

    def _kill_broker(self, _: str, ask_rest: Callable[[], object]) -> None:
        self.installation.servers.kill_broker()
        before = len(self.accepted)
        ask_rest()
        self._until(lambda: len(self.accepted) > before, "A request taken without a broker")
        self.installation.servers.start_broker()

    def _kill_database(self, _: str, ask_rest: Callable[[], object]) -> None:
        self.installation.servers.kill_database()
        before = len(self.refusals)
        ask_rest()
        self._until(lambda: len(self.refusals) > before, "A refusal without a database")
        self.installation.servers.start_database()

    def _until(self, ready: Callable[[], object], what: str) -> None:
        wait_until(ready, what=what, meanwhile=self._keep_up)

    def _keep_up(self) -> None:
        self.restarted += self.installation.keep_up()

    def _say(self, words: str) -> None:
        self.tell(f"{len(self.accepted):>4} accepted   {words}")
