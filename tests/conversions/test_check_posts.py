"""``manage.py check_posts --jsonl`` as a person would run it: a process with neither database nor broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from newsforge.embedded.home import ROOT

ARTICLE = (
    "수원시, 24시간 도서관 개관\n수원시가 24억 원을 들여 24시간 여는 도서관을 지었다. 도서관은 월요일에 문을 열었다."
)


def answers(*lines: str) -> list[dict[str, Any]]:
    nothing_runs = {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "newsforge.settings.dev",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check_posts", "--jsonl"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, **nothing_runs},
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def line(**asked: object) -> str:
    return json.dumps(asked, ensure_ascii=False)


def test_posts_are_counted_checked_and_looked_up_line_by_line() -> None:
    good = "수원시가 24억 원을 들여 24시간 도서관을 지었다."
    said = answers(
        line(id=1, post=good, platform="x", article=ARTICLE, language="ko"),
        "not json",
        line(id=2, post=good.replace("24억", "42억"), platform="x", article=ARTICLE, language="ko"),
        line(id=3, post="글" * 141, platform="x"),
        line(id=4, post="글", platform="tiktok"),
        line(id=5, post=7, platform="x"),
        line(id=6, post="#하나 #둘 #셋 #넷 #다섯 #여섯", platform="instagram"),
        line(id=7, post="글" * 200_001, platform="x"),
    )
    assert [each["id"] for each in said] == [1, None, 2, 3, 4, 5, 6, 7]
    first, broken, wrong, long, strange, number, tags, endless = said
    assert (first["fits"], first["limit"], first["problems"]) == (True, 280, [])
    assert first["length"] == 47
    assert broken["error"] == number["error"] == endless["error"] == "bad-line"
    assert [(each["kind"], "42억" in each["excerpt"]) for each in wrong["problems"]] == [("number", True)]
    assert (long["length"], long["fits"], long["problems"][0]["kind"]) == (282, False, "length")
    assert strange["error"] == "unsupported-platform"
    assert "linkedin" in strange["reason"]
    assert [each["kind"] for each in tags["problems"]] == ["hashtag"]


def test_half_characters_and_the_articles_own_language_are_no_trouble() -> None:
    said = answers(
        '{"id": "\\ud800", "post": "반쪽 \\ud800", "platform": "bluesky"}',
        line(id=2, post="도서관이 월요일에 문을 열었다.", platform="x", article=ARTICLE, language="source"),
        line(
            id=3, post="The library opened on Monday, in the language nobody asked for.", platform="x", article=ARTICLE
        ),
    )
    assert (said[0]["id"], [each["kind"] for each in said[0]["problems"]]) == ("\ud800", ["character"])
    assert said[1]["problems"] == []
    assert "language" in {each["kind"] for each in said[2]["problems"]}
