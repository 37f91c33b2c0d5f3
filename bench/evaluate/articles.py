"""How well articles are read: our reading of a corpus of pages, and its score where a scorer lies beside the corpus.

``python -m bench.evaluate.articles CORPUS`` reads CORPUS/articles: expected.jsonl names the pages (file, url,
http_content_type), which lie beside it, gzipped or not. Prints our speed next to bare trafilatura's in the same run.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import trafilatura

from conversions.management.jsonl import article_fields
from conversions.pipeline.extract import extract
from conversions.pipeline.extract.charset import decode
from conversions.pipeline.types import Page
from newsforge.lib.errors import PermanentError


def run(corpus: Path) -> int:
    """Read the pages of CORPUS/articles, print how fast and how well, and return the scorer's exit code, or 0."""
    articles = corpus / "articles"
    rows = [json.loads(line) for line in (articles / "expected.jsonl").read_text("utf-8").splitlines() if line.strip()]
    pages = {row["file"]: _page(articles, row) for row in rows}
    _warm_up(next(iter(pages.values())))
    started = time.process_time()
    predictions = [{"file": name} | _predict(page) for name, page in pages.items()]
    ours = time.process_time() - started
    started = time.process_time()
    for page in pages.values():
        _bare(page)
    bare = time.process_time() - started
    print(f"{len(pages)} pages: {len(pages) / ours:.1f} a second and core, bare trafilatura {len(pages) / bare:.1f}")
    print("verdicts: " + ", ".join(f"{name} {times}" for name, times in _verdicts(predictions).most_common()))
    return _score(articles, predictions, corpus.parent / "tools" / "score_extraction.py")


def _page(articles: Path, row: dict[str, Any]) -> Page:
    content = (articles / row["file"]).read_bytes()
    if row["file"].endswith(".gz"):
        content = gzip.decompress(content)
    return Page(url=row.get("url"), content=content, content_type=row.get("http_content_type"))


def _predict(page: Page) -> dict[str, Any]:
    try:
        return article_fields(extract(page=page))
    except PermanentError as failure:
        return {"verdict": failure.code, "text": ""}


def _bare(page: Page) -> None:
    text = decode(content=page.content, content_type=page.content_type)
    trafilatura.bare_extraction(text, url=page.url, with_metadata=True)


def _warm_up(page: Page) -> None:
    """Load what is loaded once, so that neither side pays for it."""
    _bare(page)
    _predict(page)


def _verdicts(predictions: list[dict[str, Any]]) -> Counter[str]:
    return Counter(str(row["verdict"]) for row in predictions)


def _score(articles: Path, predictions: list[dict[str, Any]], scorer: Path) -> int:
    if not scorer.exists():
        return 0
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in predictions)
        file.flush()
        return subprocess.run([sys.executable, str(scorer), str(articles), file.name], check=False).returncode


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
