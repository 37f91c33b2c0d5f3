"""``manage.py extract --jsonl``: lines in, lines out, with no database; a bad line is answered and the rest goes on."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lib.loopback import answer, loopback
from tests.pipeline.articles import FIXTURES, read_fixture

ROOT = Path(__file__).parents[2]
HALF = "half \ud83d of a pair"


def extract_lines(*lines: str, **environment: str) -> list[dict[str, Any]]:
    dead = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}
    done = subprocess.run(
        [sys.executable, "manage.py", "extract", "--jsonl", "--workers", "2"],
        input="\n".join(lines).encode(),
        capture_output=True,
        cwd=ROOT,
        env=os.environ | dead | environment,
        timeout=100,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("pages")
    korean = read_fixture("ko_local").encode("cp949", "xmlcharrefreplace")
    (folder / "ko.html.gz").write_bytes(gzip.compress(korean))
    (folder / "bad.gz").write_bytes(b"not gzip")
    (folder / "cut.gz").write_bytes(gzip.compress(korean)[:-20])
    (folder / "bomb.gz").write_bytes(gzip.compress(b"<p>" + b"a" * 6_000_000))
    with loopback() as server:
        server.pages["/1"] = answer(body=read_fixture("ko_agency").encode(), kind="text/html; charset=utf-8")
        return extract_lines(
            json.dumps({"file": "a", "path": str(folder / "ko.html.gz"), "url": "https://www.dure.example/n/1"}),
            "no json",
            "",
            json.dumps({"file": "b"}),
            json.dumps({"file": "c", "path": str(folder / "missing.html")}),
            json.dumps({"file": "d", "path": str(folder / "bad.gz")}),
            json.dumps({"file": "e", "path": str(folder / "cut.gz")}),
            json.dumps({"file": "f", "path": str(folder / "bomb.gz")}),
            json.dumps({"file": "g", "path": 7}),
            json.dumps({"file": "h", "url": "http://169.254.169.254/latest"}),
            json.dumps({"file": "i", "url": f"{server.base}/1"}),
            '{"file": "half \\ud83d of a pair"}',
            json.dumps({"file": "j", "path": str(FIXTURES / "js_shell.html"), "content_type": "text/html"}),
            NEWSFORGE_FETCH_ALLOW=server.base.removeprefix("http://"),
        )


def test_every_line_is_answered_in_order(answers: list[dict[str, Any]]) -> None:
    assert [each["file"] for each in answers] == ["a", None, "b", "c", "d", "e", "f", "g", "h", "i", HALF, "j"]


def test_a_gzipped_page_becomes_an_article(answers: list[dict[str, Any]]) -> None:
    first = answers[0]
    assert first["title"] == "자전거 도서관, 골목을 누빈다"
    assert first["text"].startswith("책 이백 권을 실은")
    assert first["authors"] == ["문하람"]
    assert first["published_at"] == "2026-03-02T14:20:00+09:00"
    assert (first["language"], first["site"], first["verdict"], first["reason"]) == ("ko", "두레신문", "ok", "")
    assert first["canonical_url"] == "https://www.dure.example/n/1"
    assert "image" in first


def test_an_address_is_fetched(answers: list[dict[str, Any]]) -> None:
    assert answers[9]["authors"] == ["윤서후"]


def test_a_page_that_is_no_article_has_its_verdict(answers: list[dict[str, Any]]) -> None:
    assert answers[11]["verdict"] == "js_shell"
    assert answers[11]["reason"]


def test_bad_lines_have_a_code_and_a_sentence(answers: list[dict[str, Any]]) -> None:
    codes = {each["file"]: each["error"] for each in answers if "error" in each}
    assert codes == {
        None: "bad-line",
        "b": "bad-line",
        "c": "unreadable-file",
        "d": "unreadable-file",
        "e": "unreadable-file",
        "f": "too-large",
        "g": "bad-line",
        "h": "address-not-allowed",
        HALF: "bad-line",
    }
    assert all(each["reason"].endswith((".", "?")) for each in answers if "error" in each)
