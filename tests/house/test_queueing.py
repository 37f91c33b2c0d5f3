"""The queueing model is the textbooks', agrees with a simulation, and the paper shows what it says."""

from __future__ import annotations

import heapq
import random
from statistics import fmean

import pytest

from bench.erlang import closed_rate, erlang_b, erlang_c, wait

CUSTOMERS = 60_000


@pytest.mark.parametrize(
    ("servers", "traffic", "expected"),
    # Tables of Erlang B: 1 % of the calls are lost at these traffics (ITU-T, Teletraffic Engineering Handbook, 2005).
    [(1, 0.0101, 0.01), (5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (100, 84.06, 0.01)],
)
def test_lost_calls_are_those_of_the_tables(servers: int, traffic: float, expected: float) -> None:
    assert erlang_b(servers=servers, traffic=traffic) == pytest.approx(expected, rel=0.005)


def test_waiting_calls_are_those_of_the_formula() -> None:
    assert erlang_c(servers=1, traffic=0.8) == pytest.approx(0.8)  # M/M/1: all that is busy
    assert erlang_c(servers=2, traffic=1.0) == pytest.approx(1 / 3)  # 2ρ²/(1+ρ)
    assert erlang_c(servers=2, traffic=1.5) == pytest.approx(2 * 0.75**2 / 1.75)
    # Gross et al., example 2.2 (an eye clinic): 6 an hour, 20 min each, three doctors.
    assert wait(rate=6, service=1 / 3, servers=3).mean * 6 == pytest.approx(8 / 9)
    assert erlang_c(servers=3, traffic=3.0) == 1.0


def test_one_server_and_any_service_is_pollaczek_and_khinchine() -> None:
    assert wait(rate=0.5, service=1, servers=1, variation=0).mean == pytest.approx(0.5)  # M/D/1: ρ / 2(1-ρ)
    assert wait(rate=0.5, service=1, servers=1).mean == pytest.approx(1.0)  # M/M/1: ρ / (1-ρ)
    assert wait(rate=0.5, service=1, servers=1).percentile(0.95) == pytest.approx(4.605, abs=0.001)  # 2 ln 10
    assert wait(rate=0.04, service=1, servers=1).percentile(0.95) == 0.0


def test_what_cannot_keep_up_waits_for_ever() -> None:
    over = wait(rate=3, service=1, servers=2)
    assert over.utilisation == pytest.approx(1.5)
    assert over.mean == over.percentile(0.95) == float("inf")


@pytest.mark.parametrize(("servers", "variation"), [(1, 1.0), (4, 1.0), (4, 0.0), (12, 1.0)])
def test_a_simulation_waits_as_long(servers: int, variation: float) -> None:
    waits = simulated(rate=0.8 * servers, servers=servers, variation=variation)
    expected = wait(rate=0.8 * servers, service=1, servers=servers, variation=variation)
    assert fmean(waits) == pytest.approx(expected.mean, rel=0.15)
    assert sorted(waits)[int(len(waits) * 0.95)] == pytest.approx(expected.percentile(0.95), rel=0.2)


def test_a_closed_system_is_bound_by_what_there_is_least_of() -> None:
    assert closed_rate(jobs=1, think=2, service=0.5, servers=1) == pytest.approx(1 / 2.5)  # one never meets another
    assert closed_rate(jobs=200, think=2, service=0.001, servers=2) == pytest.approx(
        200 / 2.001, rel=1e-5
    )  # by the jobs
    assert closed_rate(jobs=200, think=2, service=0.05, servers=1.5) == pytest.approx(30, rel=1e-6)  # by the servers
    assert closed_rate(jobs=2, think=1, service=1, servers=1) == pytest.approx(0.8)  # states 1 : 2 : 2


def test_a_closed_simulation_finishes_as_many() -> None:
    assert simulated_closed(jobs=30, think=2, service=0.1, servers=2) == pytest.approx(
        closed_rate(jobs=30, think=2, service=0.1, servers=2), rel=0.03
    )


def simulated(*, rate: float, servers: int, variation: float) -> list[float]:
    """Each customer's wait, first come first served; the service is 1, or exponential around it."""
    chance, now = random.Random(20261129), 0.0  # noqa: S311 - no secret
    free, waits = [0.0] * servers, []
    for _ in range(CUSTOMERS):
        now += chance.expovariate(rate)
        begins = max(now, heapq.heappop(free))
        heapq.heappush(free, begins + (chance.expovariate(1) if variation else 1.0))
        waits.append(begins - now)
    return waits


def simulated_closed(*, jobs: int, think: float, service: float, servers: int) -> float:
    """Return how many a second are finished by jobs that think, queue, are served, and think again."""
    chance = random.Random(20261129)  # noqa: S311 - no secret
    coming, free, ended = [chance.expovariate(1 / think) for _ in range(jobs)], [0.0] * servers, 0.0
    heapq.heapify(coming)
    for _ in range(CUSTOMERS):
        begins = max(heapq.heappop(coming), heapq.heappop(free))
        ended = begins + chance.expovariate(1 / service)
        heapq.heappush(free, ended)
        heapq.heappush(coming, ended + chance.expovariate(1 / think))
    return CUSTOMERS / ended
