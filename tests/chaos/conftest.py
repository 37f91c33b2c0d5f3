"""One installation for all tests of survival; what one of them breaks stands again before the next begins.

What its processes said stands under the report of a test that failed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from newsforge.embedded.home import prepare
from tests.chaos import far_side, servers
from tests.chaos.client import Caller
from tests.chaos.far_side import LATENCY
from tests.chaos.installation import Installation, installed

SHOWN = 4000
"""Characters of each log's end."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    made = item.funcargs.get("web") or item.funcargs.get("installation")
    if report.failed and isinstance(made, Installation):
        for log in sorted(made.home.log("any").parent.glob("*.log")):
            report.sections.append((log.name, log.read_text("utf-8", "replace")[-SHOWN:]))
    return report


@pytest.fixture(scope="package")
def web() -> Iterator[Installation]:
    """Web and servers; nobody works on what is accepted."""
    path = Path(tempfile.mkdtemp(prefix="newsforge-chaos-"))
    try:
        home = prepare(path)
        with far_side.serving() as side, servers.serving(home) as both, installed(home, both, side) as made:
            yield made
    finally:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="package")
def installation(web: Installation) -> Iterator[Installation]:
    """With a reading worker, two that write, and two beats; at the end nothing is open, not even a cent."""
    web.start("reading", "writing-1", "writing-2", "beat-1", "beat-2")
    yield web
    web.settle()
    web.pass_deadlines()
    web.settle(with_money=True)


@pytest.fixture
def caller(installation: Installation) -> Iterator[Caller]:
    """Somebody with an endpoint; afterwards everything has ended and all invariants hold."""
    yield installation.add_caller()
    installation.side.latency = LATENCY
    installation.servers.keep_up()
    installation.settle()
