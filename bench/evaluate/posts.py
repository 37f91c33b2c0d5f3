"""Score counting on twitter-text's own conformance cases: ``python -m bench.evaluate.posts CORPUS``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from conversions.enums import Platform
from conversions.pipeline.platforms import count
from conversions.pipeline.platforms.weighted import has_invalid_characters

GROUPS = ("WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest")
"""The groups of the configuration in force, v3; the others' expectations are those of v1 and v2."""

OLDER = "WeightedTweetsCounterTest"
"""v2, which differs only where it counts an emoji sequence by its code points."""


def run(corpus: Path) -> int:
    """Print each group's score and return how many cases failed."""
    cases = yaml.safe_load((corpus / "twitter-text/conformance/validate.yml").read_text("utf-8"))["tests"]
    chosen = {group: cases[group] for group in GROUPS}
    repeated = {case["text"] for case in cases[GROUPS[0]]}
    chosen[f"{OLDER}, what v3 does not repeat"] = [case for case in cases[OLDER] if case["text"] not in repeated]
    failed = 0
    for group, rows in chosen.items():
        wrong = [case for case in rows if not _passes(case)]
        failed += len(wrong)
        print(f"{group}: {len(rows) - len(wrong)} of {len(rows)}")
        for case in wrong:
            length = count(platform=Platform.X, text=case["text"])
            print(f"  {case['description']}: {length}, expected {case['expected']}")
    return failed


def _passes(case: dict[str, Any]) -> bool:
    expected, length = case["expected"], count(platform=Platform.X, text=case["text"])
    valid = 0 < length <= 280 and not has_invalid_characters(case["text"])
    return bool(length == expected["weightedLength"] and valid == expected["valid"])


if __name__ == "__main__":
    sys.exit(min(1, run(Path(sys.argv[1]))))
