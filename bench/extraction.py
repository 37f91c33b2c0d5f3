"""What it costs to read a page, beside bare trafilatura and a bare parse by lxml, in one process and one run.

Ours decodes, reads by trafilatura's rules and its own, and judges what it found; the pages are our own samples, and the
same amid what a newspaper puts around an article.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import trafilatura
from lxml import html

from bench.report import Line
from conversions.pipeline.extract import extract
from conversions.pipeline.types import Page
from newsforge.embedded.demo import SAMPLES

ROUNDS = 5
AROUND = 500
"""Links to other articles, each with a picture and a lead, half before and half behind the article."""

TEASER = (
    '<li class="teaser card-{n}"><a href="/news/2026/{n}" data-track="teaser-{n}">'
    '<img src="/img/{n}-320.webp" srcset="/img/{n}-640.webp 2x" alt="" loading="lazy"><h3>Council meets again, part {n}'
    '</h3></a><p class="lead">What was said in meeting {n}, and by whom.</p><span class="ago">{n} min ago</span></li>'
)


def run() -> Iterator[Line]:
    """Print CPU milliseconds per page of each reader, the cheapest round of each."""
    print(f"{'Reading a page, CPU ms':<40}{'kB':>6}{'ours':>9}{'trafilatura':>13}{'lxml alone':>12}{'ratio':>8}")
    for name, content in pages().items():
        page = Page(url="https://news.example/1", content=content, content_type="text/html; charset=utf-8")
        text = content.decode()
        readers: list[Callable[[], object]] = [
            lambda page=page: extract(page=page),  # type: ignore[misc] # mypy does not infer defaults of lambdas
            lambda text=text: trafilatura.bare_extraction(text, with_metadata=True),  # type: ignore[misc] # as above
            lambda content=content: html.fromstring(content),  # type: ignore[misc] # as above
        ]
        ours, peer, bare = _cheapest(readers, times=max(1, 100_000 // len(content)))
        print(f"  {name:<38}{len(content) / 1000:>6.0f}{ours:>9.2f}{peer:>13.2f}{bare:>12.2f}{ours / peer:>8.2f}")
        yield Line(
            section="extraction", what=name, ours=ours, beside=peer, name="bare trafilatura", unit="CPU ms", cpu=ours
        )


def pages() -> dict[str, bytes]:
    """Return our samples, and the same as a newspaper's site would send them."""
    found = {}
    for language in ("ko", "en"):
        text = (SAMPLES / f"{language}.html").read_text("utf-8")
        found[f"{language}, the sample"] = text.encode()
        half = [TEASER.format(n=number) for number in range(AROUND // 2)]
        head, body, rest = text.partition("<body>")
        inner, end, tail = rest.rpartition("</body>")
        around = f'<nav><ul class="related">{"".join(half)}</ul></nav>'
        aside = f'<aside><ul class="related">{"".join(half)}</ul></aside>'
        found[f"{language}, the sample amid {AROUND} teasers"] = (
            f"{head}{body}{around}{inner}{aside}{end}{tail}".encode()
        )
    return found


def _cheapest(readers: list[Callable[[], object]], *, times: int) -> list[float]:
    """Return the CPU ms of each reader; they take turns, and what is loaded once is loaded before."""
    for read in readers:
        read()
    cheapest = [9e9] * len(readers)
    for _ in range(ROUNDS):
        for number, read in enumerate(readers):
            began = time.process_time()
            for _ in range(times):
                read()
            cheapest[number] = min(cheapest[number], (time.process_time() - began) * 1000 / times)
    return cheapest
