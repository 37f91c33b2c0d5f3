"""Is this an article one can write about? An honest verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from conversions.enums import Verdict
from conversions.pipeline.extract import phrases
from conversions.pipeline.extract.declared import Declared
from conversions.pipeline.extract.lines import length, prose_length

TOO_SHORT: Final = 200
"""Characters: under this a writer has nothing to summarise and begins to invent."""
_SOMETHING: Final = 80
"""Characters that are a story, however short, rather than a page's leftovers."""
_LOOK: Final = 10_000
_WALL_BODY: Final = 1_000
_WALL_PAGE: Final = 4_000
"""A wall says little; a page with more text than this only mentions one."""
_FRONT_PATHS: Final = frozenset({"", "index.html", "index.htm", "index.php", "main", "home", "ko", "kr", "en"})
_ARTICLE_META: Final = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "dable:item_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a verdict rests on."""

    declared: Declared
    lines: list[str]
    """The lines a reader sees on the whole page."""
    body: list[str]
    title: str
    html: str
    url: str | None


def judge(seen: Evidence) -> tuple[Verdict, str]:
    """Return what the page is, and one sentence why when it is not an article."""
    size = len("\n".join(seen.body))
    for verdict, found, reason in (
        (Verdict.BLOCKED, _is_bot_wall, "The site answered with a check against robots."),
        (Verdict.CONSENT_WALL, _is_consent_wall, "The site shows a consent page instead of the article."),
        (Verdict.PAYWALLED, _is_paywalled, "Only the beginning can be read without a subscription."),
        (Verdict.JS_SHELL, _is_shell, "The page has no text until scripts have run."),
        (Verdict.NOT_AN_ARTICLE, _is_error_page, "The page says that there is nothing at this address."),
        (Verdict.NOT_AN_ARTICLE, _is_front_page, "The address is a front page."),
        (Verdict.NOT_AN_ARTICLE, _is_list, "The page is a list or a form rather than a text."),
    ):
        if found(seen, size):
            return verdict, reason
    return judge_length(size)


def judge_length(size: int) -> tuple[Verdict, str]:
    """Return whether a text of ``size`` characters is long enough to write about."""
    if size < TOO_SHORT:
        return Verdict.TOO_SHORT, f"The text has {size} characters; fewer than {TOO_SHORT} are too few to write about."
    return Verdict.OK, ""


def is_free(declared: Declared) -> bool:
    """Return whether the page lets everybody read its text, as far as it says."""
    free = declared.article.get("isAccessibleForFree", True)
    return str(free).lower() not in ("false", "no", "0") and declared.meta("article:content_tier").lower() != "locked"


def _is_bot_wall(seen: Evidence, size: int) -> bool:
    if size >= _WALL_BODY or length(seen.lines) >= _WALL_PAGE or _is_declared_article(seen.declared):
        return False
    return bool(phrases.BOT_WALL.search(_shown(seen, 80)))


def _is_consent_wall(seen: Evidence, size: int) -> bool:
    host = urlsplit(seen.url).hostname or "" if seen.url else ""
    if host.startswith(("consent.", "guce.")):
        return True
    if size >= _WALL_BODY and length(seen.lines) >= _WALL_PAGE:
        return False
    shown = "\n".join([_shown(seen, 80), *seen.body[:40]])[: 2 * _LOOK]
    asks = len({found.group().lower() for found in phrases.CONSENT.finditer(shown)})
    story = prose_length(line for line in seen.body if not phrases.CONSENT.search(line[:_LOOK]))
    return asks >= 2 and (story < TOO_SHORT or (story < 600 and not _is_declared_article(seen.declared)))


def _is_paywalled(seen: Evidence, size: int) -> bool:
    """Return whether the text is a teaser; Hangul, kana and Han say twice as much a character."""
    told = size + sum(1 for line in seen.body for ch in line if "가" <= ch <= "힣" or "\u3040" <= ch <= "\u9fff")
    asks = any(len(line) <= 240 and phrases.PAY_PROMPT.search(line) for line in seen.lines)
    if is_free(seen.declared):
        return asks and told < 500 and _is_declared_article(seen.declared)
    return told < (3_000 if asks else 900)


def _is_shell(seen: Evidence, size: int) -> bool:
    visible = length(seen.lines)
    if size >= _SOMETHING or visible >= 1_000:
        return False
    if phrases.APP_ROOT.search(seen.html) or phrases.NEEDS_SCRIPT.search(seen.html):
        return True
    return seen.html.lower().count("<script") >= 3 and visible < TOO_SHORT and size < 20


def _is_error_page(seen: Evidence, size: int) -> bool:
    if size >= _WALL_BODY or _is_declared_article(seen.declared):
        return False
    return bool(phrases.ERROR_PAGE.search(_shown(seen, 5)))


def _is_front_page(seen: Evidence, _size: int) -> bool:
    if not seen.url or _mentions_article(seen.declared):
        return False
    parts = urlsplit(seen.url)
    return not parts.query and parts.path.strip("/").lower() in _FRONT_PATHS


def _is_list(seen: Evidence, size: int) -> bool:
    if _is_declared_article(seen.declared):
        return False
    return prose_length(seen.body) < 0.35 * size or (size < _SOMETHING and not _mentions_article(seen.declared))


def _shown(seen: Evidence, lines: int) -> str:
    return "\n".join([seen.title, seen.declared.title_tag, *seen.lines[:lines]])[:_LOOK]


def _is_declared_article(declared: Declared) -> bool:
    return bool(declared.article.get("headline") or any(declared.metas.get(name) for name in _ARTICLE_META))


def _mentions_article(declared: Declared) -> bool:
    return declared.meta("og:type").lower() == "article"
