"""``make eval CORPUS=folder``: score reading, counting, checking and the door out on a corpus of your own."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

PARTS = {
    "articles": "bench.evaluate.articles",
    "twitter-text": "bench.evaluate.posts",
    "grounding": "bench.evaluate.grounding",
    "ssrf": "bench.evaluate.ssrf",
}


def main(corpus: Path) -> int:
    """Run every part whose folder is there, in a fixed order; return how many failed."""
    failed = 0
    for folder, module in PARTS.items():
        print(f"\n== {folder}", flush=True)
        if not (corpus / folder).is_dir():
            print(f"skipped: there is no {corpus / folder}")
            continue
        failed += bool(importlib.import_module(module).run(corpus))
    return failed


if __name__ == "__main__":
    sys.exit(min(1, main(Path(sys.argv[1]))))
