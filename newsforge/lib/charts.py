"""From numbers to pictures: SVG with no style of its own, whose words say all that it shows.

Colours are classes of the stylesheet. Each picture is an image with a title and a description that holds its numbers,
so that nobody needs to see it; each mark has its own title as a tooltip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil, floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 320, 110
LEFT, RIGHT, TOP, BOTTOM = 40, 6, 10, 18
"""Margins around the plot, for the words of its axes."""
GAP = timedelta(hours=2)

Number = int | float | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a strip; its state is a class of the stylesheet: ok, slow, failed or none."""

    state: str
    label: str


def bars(*, title: str, labels: Sequence[str], series: Mapping[str, Sequence[Number]], every: int = 1) -> SafeString:
    """Return stacked bars, one for each label and a colour for each series; ``every`` so many have their label shown.

    :raises ValueError: if a series is not as long as the labels.
    """
    sums = [sum(parts) for parts in zip(*series.values(), strict=True)] if series else []
    if len(sums) != len(labels):
        msg = f"{len(labels)} labels for {len(sums)} bars"
        raise ValueError(msg)
    top = nice(max(sums, default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    told = [_said(label, {name: values[at] for name, values in series.items()}) for at, label in enumerate(labels)]
    groups = format_html_join(
        "", "<g><title>{}</title>{}</g>",
        ((told[at], _stack(at, [values[at] for values in series.values()], step, top)) for at in range(len(labels))),
    )  # fmt: skip
    words = format_html_join(
        "", '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        ((_n(LEFT + (at + 0.5) * step), HEIGHT - 5, label) for at, label in enumerate(labels) if at % every == 0),
    )  # fmt: skip
    return _picture("bars", title, "; ".join(told), format_html("{}{}{}", _scale(top), groups, words))


def line(
    *,
    title: str,
    points: Sequence[tuple[datetime, Number]],
    start: datetime,
    end: datetime,
    time_format: str = "%H:%M",
    gap: timedelta = GAP,
) -> SafeString:
    """Return a line over time, broken where nothing was measured for longer than ``gap``; times as they are zoned."""
    top = nice(max((value for _, value in points), default=0))
    span = max((end - start).total_seconds(), 1.0)
    placed = [(at, _x((at - start).total_seconds() / span), _y(value, top)) for at, value in points]
    paths = format_html_join("", '<polyline class="line" points="{}"/>', ((run,) for run in _runs(placed, gap)))
    times = [start, start + (end - start) / 2, end]
    anchors = ("start", "middle", "end")
    words = format_html_join(
        "", '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        ((_n(_x(at / 2)), HEIGHT - 5, anchors[at], time.strftime(time_format)) for at, time in enumerate(times)),
    )  # fmt: skip
    return _picture("line", title, _summary(points, time_format), format_html("{}{}{}", _scale(top), paths, words))


def strip(*, title: str, cells: Sequence[Cell]) -> SafeString:
    """Return a row of cells, the oldest first; of neighbours in one state the first is told."""
    wide = WIDTH / max(len(cells), 1)
    marks = format_html_join(
        "", '<rect class="cell-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            (cell.state, _n(at * wide), TALL - _CELL[cell.state], _n(wide * 0.8), _CELL[cell.state], cell.label)
            for at, cell in enumerate(cells)
        ),
    )  # fmt: skip
    told = [cell.label for at, cell in enumerate(cells) if at == 0 or cells[at - 1].state != cell.state]
    return _picture("strip", title, "; ".join(told), marks, height=TALL)


def ratio(*, title: str, part: Number, whole: Number) -> SafeString:
    """Return how much of a whole is used; the class says when it is most of it, and when it is all."""
    share = min(float(part) / float(whole), 1.0) if whole else 1.0
    level = "full" if share >= 1 else "high" if share >= _HIGH else "low"
    inside = format_html(
        '<rect class="track" width="{}" height="8"/><rect class="used-{}" width="{}" height="8"/>',
        WIDTH, level, _n(WIDTH * share),
    )  # fmt: skip
    return _picture("ratio", title, f"{_plain(part)} / {_plain(whole)}", inside, height=8)


def nice(value: Number) -> float:
    """Return the next number of one digit and noughts, 1 at least for an axis that has to have a height."""
    most = float(value)
    if most <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(most))
    return float(next(step * unit for step in (1, 2, 5, 10) if ceil(most / unit * 1000) <= step * 1000))


TALL = 16
_CELL = {"ok": TALL, "slow": 12, "failed": 8, "none": 3}
"""Heights: the states differ without their colours too."""
_HIGH = 0.8


def _picture(kind: str, title: str, told: str, inside: SafeString, height: int = HEIGHT) -> SafeString:
    return format_html(
        '<svg class="chart chart-{}" role="img" viewBox="0 0 {} {}" preserveAspectRatio="{}">'
        "<title>{}</title><desc>{}</desc>{}</svg>",
        kind, WIDTH, height, "none" if kind in {"strip", "ratio"} else "xMidYMid meet", title, told, inside,
    )  # fmt: skip


def _scale(top: float) -> SafeString:
    """Return the lines of nothing, half and all, with their numbers."""
    lines = [(LEFT, _n(_y(value, top)), WIDTH - RIGHT, _n(_y(value, top) + 3), value) for value in (0, top / 2, top)]
    return format_html_join(
        "", '<path class="grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        ((left, y, right, LEFT - 5, base, _short(value)) for left, y, right, base, value in lines),
    )  # fmt: skip


def _stack(at: int, parts: Sequence[Number], step: float, top: float) -> SafeString:
    rects, base = [], 0.0
    for index, part in enumerate(parts):
        if part:
            high = _y(base, top) - _y(base + float(part), top)
            y = _y(base + float(part), top)
            rects.append((index, _n(LEFT + step * (at + 0.1)), _n(y), _n(step * 0.8), _n(high)))
            base += float(part)
    return format_html_join("", '<rect class="series-{}" x="{}" y="{}" width="{}" height="{}"/>', rects)


def _runs(placed: Sequence[tuple[datetime, float, float]], gap: timedelta) -> list[str]:
    runs: list[list[str]] = []
    before: datetime | None = None
    for at, x, y in placed:
        if before is None or at - before > gap:
            runs.append([])
        runs[-1].append(f"{_n(x)},{_n(y)}")
        before = at
    return [" ".join(run if len(run) > 1 else run * 2) for run in runs]


def _summary(points: Sequence[tuple[datetime, Number]], time_format: str) -> str:
    if not points:
        return "–"
    low, high = min(points, key=lambda point: point[1]), max(points, key=lambda point: point[1])
    marks = {"min": low, "max": high, "last": points[-1]}
    return "; ".join(f"{name} {_plain(value)} ({at.strftime(time_format)})" for name, (at, value) in marks.items())


def _said(label: str, parts: Mapping[str, Number]) -> str:
    return f"{label}: " + ", ".join(f"{name} {_plain(value)}" for name, value in parts.items())


def _x(share: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0)


def _y(value: Number, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - float(value) / top)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _plain(value: Number) -> str:
    digits = 2 if abs(float(value)) >= 1 else 4  # a post costs a tenth of a cent
    return f"{value:,}" if isinstance(value, int) else f"{float(value):,.{digits}f}".rstrip("0").rstrip(".")


def _short(value: float) -> str:
    """Return an axis' number in four letters or so."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
