"""Clean lines to the story's own lines: heading, repeats, pointers elsewhere and notices go."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from conversions.pipeline.extract.lines import ends_sentence, key, length, prose_length, sentence_keys
from conversions.pipeline.extract.notices import (
    cites_us,
    is_byline,
    is_channel,
    is_notice,
    is_staff_credit,
    strip_end_mark,
)

_HEAD_LINES: Final = 10
"""How far from the top a page's own headline may stand above its body."""
_REPEAT_RUN: Final = 60
"""Characters in a run of repeated lines that make it a second copy; answers like "네." repeat one at a time."""
_REPEAT_LINE: Final = 40
_TAIL_SHARE: Final = 0.5
_POINTER_LENGTH: Final = 15
_MENU: Final = 3
_FEW: Final = 0.3

_BY_WORDS: Final = frozenset(
    [
        "",
        "by",
        "von",
        "par",
        "por",
        "di",
        "door",
        "av",
        "text",
        "writtenby",
        "기자",
        "특파원",
        "글",
        "취재",
        "reporter",
        "文",
    ]
)

_TAIL_HEADING = re.compile(
    r"^\W*(?:.{0,12}(?:관련|주요|인기|추천|최신|많이\s?본|핫|실시간|오늘의|화제의)\s?(?:뉴스|기사|포토|영상|이슈|키워드)(?:\s?순위)?|"
    r"이\s?시각\s?.{0,8}뉴스|당신이\s?좋아할.{0,10}|.{0,10}베스트\s?(?:클릭|뉴스|기사)|댓글\s?\d*개?|"
    r"related (?:articles?|stories|topics|news|content|posts|links)|more (?:stories|news|from)\b.{0,30}|"
    r"recommended.{0,30}|"
    r"most (?:read|popular).{0,20}|trending.{0,20}|latest news|top stories|you (?:may|might) also like.{0,20}|"
    r"what to read next|"
    r"comments?(?: \(\d+\))?|leave a (?:comment|reply).{0,20}|about the author|follow us.{0,40}|disclaimer\b.{0,20}|"
    r"mehr zum thema|meistgelesen|weitere artikel|\w+ le même sujet|lire aussi|te puede interesar|más información|"
    r"leggi anche|関連記事|おすすめ.{0,6}|相关新闻|推荐阅读)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known of a page besides its body: keys as ``lines.key`` makes them."""

    titles: frozenset[str] = frozenset()
    """The page's own headlines."""
    links: frozenset[str] = frozenset()
    """The texts of links to other pages."""
    authors: frozenset[str] = frozenset()


def story_lines(lines: Sequence[str], *, around: Surroundings) -> list[str]:
    """Return the lines that belong to the story, in order."""
    kept = _without_heading(list(lines), around.titles)
    kept = _without_repeats(kept)
    kept = _without_pointers(kept, around.links)
    kept = _without_tail(kept)
    kept = _without_notices(kept)
    return _without_credits(kept, around.authors)


def _without_heading(lines: list[str], titles: frozenset[str]) -> list[str]:
    """Drop the headline, and what stands above it when that is short: section names, screen-reader labels."""
    at = max((index for index, line in enumerate(lines[:_HEAD_LINES]) if _is_heading(line, titles)), default=-1)
    above = [line for line in lines[: at + 1] if len(line) > 100 and not _is_heading(line, titles)]
    return above + [line for line in lines[at + 1 :] if key(line) not in titles]


def _is_heading(line: str, titles: frozenset[str]) -> bool:
    """Return whether a line is a headline, alone or behind a kicker."""
    words = key(line)
    return words in titles or (
        len(line) <= 200
        and any(len(title) >= 10 and words.endswith(title) and len(words) <= 2 * len(title) for title in titles)
    )


def _without_repeats(lines: list[str]) -> list[str]:
    """Drop second copies of the body (for print or mail), whatever their line breaks."""
    seen: set[str] = set()
    kept: list[str] = []
    run: list[str] = []
    for line in lines:
        sentences = sentence_keys(line)
        if sentences and (sentences <= seen or key(line) in seen):
            run.append(line)
            continue
        kept.extend(_unless_copy(run))
        run = []
        kept.append(line)
        seen.update(sentences, (key(line),))
    return kept + _unless_copy(run)


def _unless_copy(run: list[str]) -> list[str]:
    if len(run) == 1:
        return [] if len(run[0]) >= _REPEAT_LINE else run
    return [] if length(run) >= _REPEAT_RUN else run


def _without_pointers(lines: list[str], links: Collection[str]) -> list[str]:
    """Drop lines that are nothing but a link: they point to other stories. A page made of them keeps them.

    Short ones may be a name or a source; three and more in a row are a menu.
    """
    linked = [key(line) in links for line in lines]
    pointers = {
        index
        for index, line in enumerate(lines)
        if linked[index] and (len(line) >= _POINTER_LENGTH or _in_row(linked, index) >= _MENU)
    }
    rest = [line for index, line in enumerate(lines) if index not in pointers]
    few = length(lines) - length(rest) <= _FEW * length(lines)
    return rest if few or prose_length(rest) > 0.5 * length(rest) else lines


def _in_row(linked: list[bool], index: int) -> int:
    """Return how many lines around an index, itself included and three each way at most, are links without a gap."""
    before = next((step for step in range(1, _MENU + 1) if index < step or not linked[index - step]), _MENU + 1)
    after = next(
        (step for step in range(1, _MENU + 1) if index + step >= len(linked) or not linked[index + step]), _MENU + 1
    )
    return before + after - 1


def _without_tail(lines: list[str]) -> list[str]:
    """Cut what follows a heading such as "관련기사" in the second half, when no further prose follows it."""
    total = length(lines)
    before = 0
    prose = sum(len(line) for line in lines if _is_prose(line))
    for index, line in enumerate(lines):
        prose -= len(line) if _is_prose(line) else 0
        if before >= _TAIL_SHARE * total and prose <= 0.25 * total and len(line) <= 60 and _TAIL_HEADING.match(line):
            return lines[:index]
        before += len(line)
    return lines


def _is_prose(line: str) -> bool:
    return len(line) >= 60 and ends_sentence(line)


def _without_notices(lines: list[str]) -> list[str]:
    """Drop notices one by one, and whole blocks of tip-line channels and citing rules."""
    kept: list[str] = []
    in_block = False
    for line in map(strip_end_mark, lines):
        notice = is_notice(line) or cites_us(line)
        if notice or (in_block and (is_channel(line) or _is_label(line))):
            in_block = True
            continue
        in_block = False
        kept.append(line)
    return kept


def _is_label(line: str) -> bool:
    """Return whether a line is a bracketed name such as a programme's, which closes a block of notices."""
    return bool(re.fullmatch(r"[\[<(【].{1,40}[\])>】]", line))


def _without_credits(lines: list[str], authors: frozenset[str]) -> list[str]:
    """Drop lines that only name an author, bylines at either end, and staff credits at the end."""
    lines = [line for line in lines if len(line) > 100 or not _names_author(line, authors)]
    while lines and is_byline(lines[0]):
        lines = lines[1:]
    while lines and (is_byline(lines[-1]) or is_staff_credit(lines[-1])):
        lines = lines[:-1]
    return lines


def _names_author(line: str, authors: frozenset[str]) -> bool:
    words = key(line)
    return any(author in words and words.replace(author, "", 1) in _BY_WORDS for author in authors)
