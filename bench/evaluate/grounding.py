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
from conversions.pipeline.types import Article, Finding, Post

MOST_FALSE_ALARMS = 0.35
"""Share of faithful summaries that may be flagged; published figures are given at 0.10 and 0.25, our aim."""

FACTS = frozenset({"number", "quote", "name", "allegation", "claim"})


def run(corpus: Path) -> int:
    """Print recall by kind of error beside the false alarms; return 1 if there are too many of these."""
    alarms = _pairs(_lines(corpus / "grounding/pairs.jsonl"))
    if (corpus / "injection/corpus.jsonl").exists():
        _injection(_lines(corpus / "injection/corpus.jsonl"), _lines(corpus / "grounding/pairs.jsonl"))
    return int(alarms > MOST_FALSE_ALARMS)


def _pairs(rows: list[dict[str, Any]]) -> float:
    caught: dict[str, list[bool]] = defaultdict(list)
    alarms = []
    for row in rows:
        reference, falsified = (_facts(row["article"], row[name]) for name in ("reference_summary", "edited_summary"))
        alarms.append(bool(reference))
        caught[row["error_type"]].append(bool(falsified - reference))
    share = sum(alarms) / len(alarms)
    print(f"faithful summaries flagged: {sum(alarms)} of {len(alarms)} ({share:.0%})")
    for kind, hits in sorted(caught.items()):
        print(f"  {kind:<26} new finding in {sum(hits):>3} of {len(hits):>3} falsified ({sum(hits) / len(hits):.0%})")
    return share


def _injection(strings: list[dict[str, Any]], pairs: list[dict[str, Any]]) -> None:
    flagged = sum("instruction" in _kinds("", row["text"]) for row in strings)
    plain = [sentence for row in pairs[:40] for sentence in row["reference_summary"].split(". ")]
    alarms = sum("instruction" in _kinds("", sentence) for sentence in plain)
    print(
        f"instructions in posts flagged: {flagged} of {len(strings)}; plain sentences flagged: {alarms} of {len(plain)}"
    )


def _facts(article: str, summary: str) -> set[tuple[str, str]]:
    return {(each.kind, each.excerpt) for each in _findings(article, summary) if each.kind in FACTS}


def _kinds(article: str, text: str) -> set[str]:
    return {each.kind for each in _findings(article, text)}


def _findings(article: str, text: str) -> tuple[Finding, ...]:
    post = Post(
        text=text, platform=Platform.LINKEDIN, language="en", length=len(text), limit=3000, provider=Provider.OPENAI
    )
    return ground(post=post, article=Article(url=None, text=article, language="en"))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
