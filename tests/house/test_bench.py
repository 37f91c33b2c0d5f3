"""The bench tells what it does, keeps to its time and ends with a table; the paper on scaling has the model's."""

from __future__ import annotations

import re
import subprocess
import sys

from bench import queueing
from newsforge.embedded.home import ROOT
from newsforge.embedded.postgres import SETTINGS
from newsforge.env import TABLE


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_section_by_name_ends_with_its_lines_and_how_they_came_about() -> None:
    done = bench("counters")
    assert done.returncode == 0, done.stderr
    progress, summary = done.stdout.split("\nSummary")
    assert "counters, at most 30 s" in progress
    lines = re.findall(r"^  counters +(.+?)  +[\d.,]+ +[\d.,]+ +([\d.]+) +[\d.]+  CPU µs; ", summary, re.MULTILINE)
    assert "X, weighted, a post" in dict(lines)
    assert all(float(ratio) > 0.5 for _, ratio in lines), "ours does all that the bare one does"
    assert re.search(r"UTC, .+, Python 3\.11\.\d+, \d+ processors, load [\d.]+ at the start and [\d.]+ at the", summary)


def test_when_its_time_is_over_it_stops_with_a_sentence() -> None:
    done = bench("counters", "extraction", "--minutes", "0.02")
    assert done.returncode == 1
    assert "was stopped: the run's 1 s are over." in done.stdout
    assert re.search(r"Not whole, for want of time: .*counters\.", done.stdout)


def test_what_does_not_exist_is_not_measured() -> None:
    assert bench("nothing").returncode == 2


def test_the_paper_shows_the_models_table() -> None:
    text = queueing.PAGE.read_text("utf-8")
    assert text.count(queueing.BEGIN) == text.count(queueing.END) == 1
    assert text == queueing.page(text), "run: python -m bench.queueing"


def test_the_model_is_of_what_is_shipped() -> None:
    shipped = (ROOT / "deploy/supervisor/newsforge.conf").read_text("utf-8")
    writing = shipped.split("[program:worker-writing]")[1]
    assert f"\nnumprocs={queueing.WRITERS}\n" in writing
    assert f"--pool threads --concurrency {queueing.THREADS} " in writing
    assert TABLE["NEWSFORGE_DB_POOL"].default == queueing.POOL
    assert SETTINGS["max_connections"] == str(queueing.CONNECTIONS)


def test_what_it_asks_for_is_enough_and_grows_with_the_rate() -> None:
    needs = [queueing.need(rate=rate) for rate in queueing.RATES]
    for field in ("web", "readers", "writers", "slots", "database"):
        stations = [getattr(each, field) for each in needs]
        assert all(0 < station.wait.utilisation <= queueing.BUSY for station in stations)
        counts = [station.servers for station in stations]
        assert counts == sorted(counts)
        assert counts[-1] > counts[0]
    assert [each.cores for each in needs] == sorted(each.cores for each in needs)


def test_what_cannot_be_added_is_said_to_be_too_little() -> None:
    beyond = queueing.need(rate=1 / queueing.ROW_LOCK)  # each conversion changes the row twice
    assert str(beyond.row) == "**1: cannot** (200%)"
