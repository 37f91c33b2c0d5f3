"""Pictures of numbers: their words say all they show, and nothing in them is styled by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from django.utils.safestring import SafeString

from newsforge.lib import charts
from newsforge.lib.charts import Cell

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVIL = '<script>alert("&")</script>'


def bars(title: str = "Posts", values: tuple[int, ...] = (3, 0, 5)) -> SafeString:
    labels = [str(at) for at in range(len(values))]
    return charts.bars(title=title, labels=labels, series={"good": values, "bad": tuple(1 for _ in values)})


def line(title: str = "CPU", values: tuple[float, ...] = (1.5, 80.0, 20.0)) -> SafeString:
    points = [(NOON + timedelta(minutes=10 * at), value) for at, value in enumerate(values)]
    return charts.line(title=title, points=points, start=NOON, end=NOON + timedelta(hours=1))


def strip(title: str = "Calls") -> SafeString:
    states = ("ok", "ok", "failed", "none", "slow")
    return charts.strip(
        title=title, cells=[Cell(state=state, label=f"{at} {state}") for at, state in enumerate(states)]
    )


def ratio(title: str = "Used", part: float = 4, whole: float = 5) -> SafeString:
    return charts.ratio(title=title, part=part, whole=whole)


KINDS: list[Callable[..., SafeString]] = [bars, line, strip, ratio]


def tree(picture: str) -> Element:
    return fromstring(picture)  # noqa: S314 - made by the code under test


def described(picture: str) -> str:
    return tree(picture).findtext("desc") or ""


def marks(picture: str, name: str, **attributes: Any) -> list[Element]:
    return [
        each for each in tree(picture).iter(name) if all(each.get(key) == value for key, value in attributes.items())
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_an_image_with_a_name_and_its_numbers_in_words(kind: Callable[..., SafeString]) -> None:
    picture = kind()
    root = tree(picture)
    assert isinstance(picture, SafeString)
    assert root.get("role") == "img"
    assert [each.tag for each in root][:2] == ["title", "desc"]
    assert described(picture)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_styled_in_place_and_nothing_runs(kind: Callable[..., SafeString]) -> None:
    picture = kind(title=EVIL)
    assert tree(picture).findtext("title") == EVIL
    for each in tree(picture).iter():
        assert each.tag != "script"
        assert {"style", "fill", "stroke", "onclick"} & set(each.keys()) == set()


def test_bars_tell_every_number_and_draw_what_is_not_nothing() -> None:
    assert described(bars()) == "0: good 3, bad 1; 1: good 0, bad 1; 2: good 5, bad 1"
    assert len(marks(bars(), "rect", **{"class": "series-0"})) == 2
    assert len(marks(bars(), "rect", **{"class": "series-1"})) == 3


def test_a_bar_twice_as_high_is_drawn_twice_as_high_and_stays_inside() -> None:
    heights = [float(each.get("height", 0)) for each in marks(bars(values=(4, 8)), "rect", **{"class": "series-0"})]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    for each in marks(bars(values=(1, 999)), "rect"):
        assert float(each.get("y", 0)) >= charts.TOP - 0.1
        assert float(each.get("y", 0)) + float(each.get("height", 0)) <= charts.HEIGHT - charts.BOTTOM + 0.1


def test_bars_need_a_value_for_each_label() -> None:
    with pytest.raises(ValueError, match="2 labels for 1 bars"):
        charts.bars(title="x", labels=["a", "b"], series={"good": [1]})


def test_only_every_so_many_labels_are_written_under_the_bars() -> None:
    labels = [f"{hour:02}" for hour in range(24)]
    picture = charts.bars(title="x", labels=labels, series={"good": [1] * 24}, every=6)
    written = [each.text for each in marks(picture, "text", **{"text-anchor": "middle"})]
    assert written == ["00", "06", "12", "18"]


def test_a_line_tells_its_extremes_and_where_it_ended() -> None:
    assert described(line()) == "min 1.5 (12:00); max 80 (12:10); last 20 (12:20)"
    assert [each.text for each in marks(line(), "text")] == ["0", "50", "100", "12:00", "12:30", "13:00"]


def test_a_line_breaks_where_nothing_was_measured() -> None:
    points = [(NOON, 1), (NOON + timedelta(minutes=1), 2), (NOON + timedelta(minutes=30), 3)]
    end = NOON + timedelta(hours=1)
    broken = charts.line(title="x", points=points, start=NOON, end=end, gap=timedelta(minutes=5))
    assert len(marks(broken, "polyline")) == 2
    assert len(marks(charts.line(title="x", points=points, start=NOON, end=end), "polyline")) == 1


def test_nothing_measured_is_an_empty_picture() -> None:
    empty = charts.line(title="x", points=[], start=NOON, end=NOON + timedelta(hours=1))
    assert (described(empty), marks(empty, "polyline")) == ("–", [])
    assert described(charts.bars(title="x", labels=[], series={})) == ""


def test_a_strip_tells_where_its_state_changes() -> None:
    assert described(strip()) == "0 ok; 2 failed; 3 none; 4 slow"
    assert [each.get("class") for each in marks(strip(), "rect")] == [
        "cell-ok", "cell-ok", "cell-failed", "cell-none", "cell-slow",
    ]  # fmt: skip


def test_states_of_a_strip_differ_without_colour() -> None:
    heights = {each.get("class"): each.get("height") for each in marks(strip(), "rect")}
    assert len(set(heights.values())) == 4


@pytest.mark.parametrize(
    ("part", "whole", "level", "told"),
    [
        (1, 5, "low", "1 / 5"),
        (4, 5, "high", "4 / 5"),
        (5, 5, "full", "5 / 5"),
        (7, 5, "full", "7 / 5"),
        (1, 0, "full", "1 / 0"),
    ],
)
def test_a_ratio_says_when_it_is_nearly_full(part: int, whole: int, level: str, told: str) -> None:
    picture = ratio(part=part, whole=whole)
    assert described(picture) == told
    (used,) = marks(picture, "rect", **{"class": f"used-{level}"})
    assert 0 < float(used.get("width", 0)) <= charts.WIDTH


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (3, 5), (7, 10), (12, 20), (200, 200), (201, 500), (0.03, 0.05)]
)
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert charts.nice(value) == pytest.approx(top)
