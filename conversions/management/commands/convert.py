"""Convert articles from the command line, without database, broker or account."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from conversions import tools
from conversions.enums import AUTO, Language, Platform, Provider, Tone
from conversions.pipeline import convert
from conversions.pipeline.extract import from_text, require_ok
from conversions.pipeline.types import Article, Brief, Outcome, Page
from newsforge.lib.errors import NewsforgeError


class Command(BaseCommand):
    help = "Write posts from articles: addresses, .html files, or - for a text on standard input."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="+", metavar="SOURCE", help="an address, an .html file, or -")
        parser.add_argument("--platform", action="append", choices=[*Platform], dest="platforms", help="default: x")
        parser.add_argument("--language", choices=[*Language], default=Language.SOURCE)
        parser.add_argument("--tone", choices=[*Tone], default=Tone.NEUTRAL)
        parser.add_argument("--provider", choices=[AUTO, *Provider], default=AUTO)
        parser.add_argument("--json", action="store_true", help="one JSON object a post")

    def handle(self, *, sources: list[str], **options: Any) -> None:
        failed = False
        for source in sources:
            try:
                article = _read(source)
            except NewsforgeError as failure:
                failed = True
                self._tell_failure(source, "", failure, options["json"])
                continue
            for platform in options["platforms"] or [Platform.X]:
                failed |= not self._convert(source, article, Platform(platform), options)
        if failed:
            sys.exit(1)

    def _convert(self, source: str, article: Article, platform: Platform, options: dict[str, Any]) -> bool:
        brief = Brief(
            platform=platform,
            language=Language(options["language"]),
            tone=Tone(options["tone"]),
            limit=settings.PLATFORM_LIMITS.get(platform),
            label=settings.AI_LABEL,
        )
        try:
            outcome = convert.write(
                article=article, brief=brief, tools=tools.tools_for_command_line(provider=options["provider"])
            )
        except NewsforgeError as failure:
            self._tell_failure(source, platform, failure, options["json"])
            return False
        self._tell(source, outcome, options["json"])
        return True

    def _tell(self, source: str, outcome: Outcome, as_json: bool) -> None:
        post = outcome.post
        if as_json:
            facts = {
                "source": source,
                **asdict(post),
                "findings": [asdict(each) for each in outcome.findings],
                "article": {"title": outcome.article.title, "url": outcome.article.url},
            }
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
            return
        limit = f"/{post.limit}" if post.limit else ""
        self.stdout.write(f"── {post.platform} · {post.length}{limit} · {post.provider} {post.model}".rstrip())
        self.stdout.write("\n".join(filter(None, [post.title, post.text, ""])))
        for finding in outcome.findings:
            self.stdout.write(f"   check by eye ({finding.kind}): {finding.message}")
        self.stdout.write("")

    def _tell_failure(self, source: str, platform: str, failure: NewsforgeError, as_json: bool) -> None:
        if as_json:
            facts = {"source": source, "platform": platform, "error": failure.code, "detail": failure.detail}
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            self.stderr.write(f"{source}: {failure.detail} ({failure.code})")


def _read(source: str) -> Article:
    if source == "-":
        article = from_text(text=sys.stdin.read())
        require_ok(article)
        return article
    if source.startswith(("http://", "https://")) or not Path(source).exists():
        return convert.read(source=source, fetch=tools.fetch_page)
    return convert.read(source=Page(url=None, content=Path(source).read_bytes()), fetch=tools.fetch_page)
