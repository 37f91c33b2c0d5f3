"""Score grounding on faithful and falsified summaries, and on instructions hidden in posts.

``python -m bench.evaluate.grounding CORPUS`` reads CORPUS/grounding/pairs.jsonl and CORPUS/injection/corpus.jsonl.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from conversions.enums import Platform, Provider
from conversions.pipeline.grounding import ground
from conversions.pipeline.grounding.leaks import check_leaks
from conversions.pipeline.sentences import sentences
from conversions.pipeline.types import Article, Finding, Post

MOST_FALSE_ALARMS = 0.25
"""Share of faithful summaries that may be flagged without need."""

FACTS = frozenset({"number", "quote", "name", "allegation", "claim", "stale"})
WITHOUT_QUOTATIONS = FACTS - {"quote"}
"""What flags a quarter of the faithful summaries, the cut-off of the figures published for this benchmark."""

UNFOUNDED = frozenset({21, 32, 98, 150, 165})
"""Flagged summaries in which, read beside the article on 2026-11-23, nothing was wrong (32: a name misspelt there).

All other flagged ones say something their article does not: a date, a name, an amount, words in quotation marks.
"""


def run(corpus: Path) -> int:
    """Print recall by kind of error beside the false alarms; return 1 if there are too many of these."""
    pairs = _lines(corpus / "grounding/pairs.jsonl")
    flagged = {row["id"]: _facts(row["article"], row["reference_summary"]) for row in pairs}
    changed = {row["id"]: _facts(row["article"], row["edited_summary"]) for row in pairs}
    for kinds, name in ((FACTS, "all checks"), (WITHOUT_QUOTATIONS, "without quotations")):
        _print_recall(pairs, _of(flagged, kinds), _of(changed, kinds), name)
    unfounded = sum(bool(found) for at, found in flagged.items() if at in UNFOUNDED)
    print(f"of the flagged faithful summaries, {unfounded} ({unfounded / len(pairs):.0%} of all) say nothing wrong")
    if (corpus / "injection/corpus.jsonl").exists():
        _print_injection(_lines(corpus / "injection/corpus.jsonl"), pairs)
    return int(unfounded / len(pairs) > MOST_FALSE_ALARMS)


Found = dict[int, set[tuple[str, str]]]


def _of(found: Found, kinds: frozenset[str]) -> Found:
    return {at: {each for each in findings if each[0] in kinds} for at, findings in found.items()}


def _print_recall(pairs: list[dict[str, Any]], flagged: Found, changed: Found, name: str) -> None:
    share = sum(map(bool, flagged.values())) / len(pairs)
    print(f"{name}: {share:.1%} of {len(pairs)} faithful summaries flagged")
    by_type: dict[str, list[int]] = defaultdict(list)
    for row in pairs:
        by_type[row["error_type"]].append(row["id"])
    for kind, rows in sorted(by_type.items()):
        told = sum(bool(changed[at]) for at in rows)
        new = sum(bool(changed[at] - flagged[at]) for at in rows)
        print(f"  {kind:<24}{len(rows):>4} falsified, {told / len(rows):>4.0%} flagged, {new / len(rows):>4.0%} newly")


def _print_injection(strings: list[dict[str, Any]], pairs: list[dict[str, Any]]) -> None:
    """Print how many hidden instructions are told when they stand in a post about something else, and of plain news."""
    article = pairs[0]["article"]
    first = sentences(article)[0]
    told = [_kinds(article, f"{first} {row['text']}") for row in strings]
    instructions = sum("instruction" in kinds for kinds in told)
    links = sum("instruction" not in kinds and "link" in kinds for kinds in told)
    plain = [(row["article"], sentence) for row in pairs for sentence in sentences(row["article"])[:20]]
    alarms = sum(any(check_leaks(text=text, article=_article(source))) for source, text in plain)
    print(f"hidden instructions told: {instructions} of {len(strings)}, and {links} more by their link")
    print(f"plain sentences of news told as instructions: {alarms} of {len(plain)}")


def _facts(article: str, summary: str) -> set[tuple[str, str]]:
    return {(each.kind, each.excerpt) for each in _findings(article, summary) if each.kind in FACTS}


def _kinds(article: str, text: str) -> set[str]:
    return {each.kind for each in _findings(article, text)}


def _findings(article: str, text: str) -> tuple[Finding, ...]:
    post = Post(
        text=text, platform=Platform.LINKEDIN, language="en", length=len(text), limit=3000, provider=Provider.OPENAI
    )
    return ground(post=post, article=_article(article))


def _article(text: str) -> Article:
    return Article(url=None, text=text, language="en")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
