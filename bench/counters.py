r"""What counting as the platforms count costs, beside counting as anybody would, in one process and one run.

X's count is beside the naive one: NFC, then a weight for each code point, blind to links and emoji. Mastodon's and
graphemes are beside ``regex``'s ``\X`` alone, that of Threads beside ``str.encode``.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterator

import regex

from bench.report import Line
from conversions.pipeline.platforms.counters import graphemes, mastodon_length, threads_length
from conversions.pipeline.platforms.weighted import weighted_length

ROUNDS = 5
SECONDS = 0.02
"""Of each round of each counter, at least."""

POST = (
    "수원시가 밤새 일하는 사람들을 위해 24시간 도서관을 열었습니다 🎉 38,000권, 하루 1,200명 👨‍👩‍👧 "
    "https://news.example/suwon/library?from=x 자세히: hanbit.example @suwon@mastodon.example #수원 #도서관"
)
LONG = "도서관" * 5_000
"""Without a space: what twitter-text's own patterns need half a minute for (docs/decisions/005)."""

_GRAPHEME = regex.compile(r"\X")


def naive(text: str) -> int:
    """Return NFC's code points, those beyond Latin and its neighbours twice."""
    return sum(1 if point <= "\u10ff" else 2 for point in unicodedata.normalize("NFC", text))


def bare_graphemes(text: str) -> int:
    """Return the clusters ``regex`` finds."""
    return len(_GRAPHEME.findall(text))


def bare_bytes(text: str) -> int:
    """Return UTF-8's bytes."""
    return len(text.encode())


PAIRS: tuple[tuple[str, Callable[[str], int], str, Callable[[str], int]], ...] = (
    ("X, weighted", weighted_length, "NFC and a weight for each code point", naive),
    ("Mastodon", mastodon_length, "regex's \\X", bare_graphemes),
    ("graphemes", graphemes, "regex's \\X", bare_graphemes),
    ("Threads", threads_length, "str.encode", bare_bytes),
)


def run() -> Iterator[Line]:
    """Print CPU microseconds per text, the cheapest round of each."""
    print(f"{'Counting, CPU µs a text':<48}{'characters':>12}{'ours':>10}{'beside':>10}{'ratio':>8}")
    for kind, text in (("a post", POST), ("Korean without a space", LONG)):
        for name, ours, beside, bare in PAIRS:
            mine, theirs = _cheapest(ours, bare, text)
            print(f"  {name + ', ' + kind:<46}{len(text):>12,}{mine:>10.1f}{theirs:>10.1f}{mine / theirs:>8.1f}")
            yield Line(
                section="counters",
                what=f"{name}, {kind}",
                ours=mine,
                beside=theirs,
                name=beside,
                unit="CPU µs",
                cpu=mine / 1000,
            )


def _cheapest(ours: Callable[[str], int], bare: Callable[[str], int], text: str) -> list[float]:
    cheapest = [9e9, 9e9]
    for _ in range(ROUNDS):
        for number, count in enumerate((ours, bare)):
            times, began = 0, time.process_time()
            while (used := time.process_time() - began) < SECONDS:
                count(text)
                times += 1
            cheapest[number] = min(cheapest[number], used * 1e6 / times)
    return cheapest
