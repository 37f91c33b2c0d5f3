"""Read articles on the command line, without database or broker."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from conversions import tools
from conversions.management.jsonl import Line, answer_line, failure_fields, file_of
from conversions.reading import ReadingTimedOut
from newsforge.lib.isolate import run_isolated

SECONDS = 20
"""What one page may take, fetching included; a real page takes a tenth of a second."""


class Command(BaseCommand):
    help = (
        'Read articles. Standard input: a JSON object a line with "file", "path" (may end in .gz) or "url", and '
        '"content_type". Standard output: one a line, in the same order, with the article or an "error" code.'
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--jsonl", action="store_true", required=True, help="lines of JSON in, lines of JSON out")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes; default: one a core")

    def handle(self, *, workers: int, **_options: Any) -> None:
        answers = run_isolated(
            function=answer_line, items=_lines(), seconds=SECONDS, workers=max(1, workers), too_slow=ReadingTimedOut()
        )
        for done in answers:
            told = done.value
            if done.failure is not None:
                told = {"file": file_of(done.item.text), **failure_fields(done.failure)}
            line = json.dumps(told, ensure_ascii=False)
            self.stdout.write(
                line.encode(errors="backslashreplace").decode()
            )  # half a surrogate pair cannot be written
            self.stdout.flush()


def _lines() -> Iterator[Line]:
    policy = tools.http_policy()
    for text in sys.stdin.buffer:
        if text.strip():
            yield Line(text=text, policy=policy)
