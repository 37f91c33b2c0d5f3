"""What ``make chaos`` does, at a small scale: everything is killed amid the work, and everything holds."""

from __future__ import annotations

import pytest

from tests.chaos import tally
from tests.chaos.installation import Installation
from tests.chaos.storm import Blow, Storm, Victim, plan

pytestmark = pytest.mark.timeout(300)

POINT = "answer kept, not judged"


def test_everything_is_killed_amid_the_work(installation: Installation) -> None:
    blows = [Blow(Victim.WORKER, POINT), Blow(Victim.BROKER), Blow(Victim.WORKER, "writing-2"), Blow(Victim.DATABASE)]
    storm = Storm(installation, total=len(blows) * 6, blows=blows)
    storm.run(with_money=False)
    lines = tally.lines_of(storm, with_money=False)
    assert not [str(line) for line in lines if not line.holds]
    assert {line.expected for line in lines} == {0, 1, 2, 4, 20, 24}


def test_the_whole_plan_has_every_point_once() -> None:
    blows = plan(workers=20, brokers=2, databases=1, seed=1)
    assert sorted(blow.victim for blow in blows) == ["broker"] * 2 + ["database"] + ["worker"] * 20
    points = [blow.where for blow in blows if " " in blow.where]
    assert len(points) == len(set(points)) == 14
    assert plan(workers=20, brokers=2, databases=1, seed=1) == blows
