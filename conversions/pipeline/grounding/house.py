"""The house's own rules: language as asked, no headline tricks, no stale day, few emoji, no foreign link or tag."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from conversions.enums import Provider
from conversions.pipeline.extract.language import detect_language
from conversions.pipeline.fit.clean import MOST_EMOJI, emoji_in
from conversions.pipeline.grounding.names import NOT_IN_ARTICLE
from conversions.pipeline.platforms import hashtags_in, links_in, percent_encoded
from conversions.pipeline.sentences import sentences
from conversions.pipeline.types import Article, Finding, Post
from conversions.pipeline.words import is_korean
from newsforge.lib.sentences import stored

MANY_EMOJI = stored("There are %(count)s emoji; %(most)s is the most.")
OTHER_LANGUAGE = stored("The post is not in the language asked for (%(language)s).")
FOREIGN = stored("%(excerpt)s is in neither the post's nor the article's language.")
NOT_KOREAN = stored("Part of the post is not in Korean.")
MIXED = stored("The post mixes %(registers)s.")
ADDED = stored("“%(excerpt)s” is not the article's word.")
HEADLINE = stored("The post begins with a headline and a colon.")
STALE = stored("“%(excerpt)s” is not the article's word; read later it is wrong.")
OTHER_LINK = stored("This link is neither the article's nor in it.")

_LETTER = regex.compile(r"\p{L}")
_HANGUL = regex.compile(r"\p{Hangul}")
_LATIN = regex.compile(r"\p{Latin}")
_OTHER_SCRIPT = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Cyrillic}\p{Thai}\p{Arabic}\p{Devanagari}\p{Hebrew}]{2,}"
)
_HANGUL_WORDS = regex.compile(r"\p{Hangul}{2,}")
_LATIN_WORDS = regex.compile(r"(?:\p{Latin}[\p{Latin}'’-]*[ ,]+){5,}")
_QUOTED = regex.compile(r"[\"“‘「『][^\"”’」』\n]{1,400}[\"”’」』]")
_URGENT = regex.compile(r"속보|긴급|단독|\bbreaking\b|\bjust in\b|\bexclusive(?:ly)?\b", regex.I)
_COLON = regex.compile(r"^[^\n:：]{2,60}(?<!\d)[:：](?!//)\s*\S")
_STALE = regex.compile(
    r"\b(?:today|yesterday|tomorrow|tonight|just now|minutes ago|this (?:morning|afternoon|evening))\b"
    r"|(?<![가-힣])(?:오늘|어제|내일|방금|조금 전|지금 막)",
    regex.I,
)
_REGISTERS = {
    "합니다체": regex.compile(r"(?:니다|니까|십시오)[.!?…]*$"),
    "해요체": regex.compile(r"(?:[요죠])[.!?…~]*$"),
    "한다체": regex.compile(r"(?<!니)다[.!?…]*$"),
}
_LEAST_LETTERS = 20
_FOREIGN_SHARE = 0.15
_KOREAN_SHARE = 0.5
"""Of the letters; Korean news is full of Latin names."""


def check_house(*, post: Post, body: str, article: Article) -> Iterator[Finding]:
    """Return a finding for each rule of the house the post breaks; ``body`` is its own words without link and tags."""
    source = f"{article.title}\n{article.text}"
    yield from _check_language(post, body, source)
    yield from _check_headline(body, source)
    yield from _check_stale(body, source)
    yield from _check_links(post, article, source)
    yield from _check_hashtags(post, source)
    emoji = emoji_in(post.text)
    if len(emoji) > MOST_EMOJI:
        yield Finding(
            kind="emoji", excerpt="".join(emoji), message=MANY_EMOJI % {"count": len(emoji), "most": MOST_EMOJI}
        )


def _check_language(post: Post, body: str, source: str) -> Iterator[Finding]:
    if not post.language:
        return
    plain = _QUOTED.sub("", body) if _QUOTED.sub("", body).strip() else body
    if not _is_in(post.language[:2], plain):
        yield Finding(kind="language", excerpt=body[:60], message=OTHER_LANGUAGE % {"language": post.language})
        return
    others = _OTHER_SCRIPT.findall(plain) if post.language[:2] in {"ko", "en"} else []
    if post.language[:2] != "ko":
        others += _HANGUL_WORDS.findall(plain)
    script = next((each for each in others if each not in source or is_korean(source)), "")
    if script:
        yield Finding(kind="language", excerpt=script, message=FOREIGN % {"excerpt": script})
    if post.language[:2] == "ko":
        yield from _check_korean(post, plain, source)


def _check_korean(post: Post, plain: str, source: str) -> Iterator[Finding]:
    english = _LATIN_WORDS.search(plain)
    if english and english.group().strip(" ,") not in source:
        yield Finding(kind="language", excerpt=english.group()[:60], message=NOT_KOREAN)
    if post.provider is not Provider.EXTRACTIVE:
        used = {name for name, ending in _REGISTERS.items() for each in sentences(plain) if ending.search(each)}
        if len(used) > 1:
            message = MIXED % {"registers": ", ".join(sorted(used))}
            yield Finding(kind="language", excerpt=plain[:60], message=message)


def _is_in(language: str, text: str) -> bool:
    letters = len(_LETTER.findall(text))
    if letters < _LEAST_LETTERS:
        return True
    hangul = len(_HANGUL.findall(text))
    if language == "ko":
        return hangul >= _KOREAN_SHARE * letters
    if hangul > _FOREIGN_SHARE * letters:
        return False
    if language == "en" and len(_LATIN.findall(text)) < (1 - _FOREIGN_SHARE) * letters:
        return False
    return (detect_language(text) or language) == language


def _check_headline(body: str, source: str) -> Iterator[Finding]:
    for match in _URGENT.finditer(body):
        if match.group().lower() not in source.lower():
            message = ADDED % {"excerpt": match.group()}
            yield Finding(kind="headline", excerpt=match.group(), message=message)
    colon = _COLON.match(body)
    first = body.split("\n", 1)[0]
    if colon and colon.group().rstrip() not in source and not links_in(colon.group()):
        yield Finding(kind="headline", excerpt=first[:80], message=HEADLINE)


def _check_stale(body: str, source: str) -> Iterator[Finding]:
    for match in _STALE.finditer(body):
        if match.group().lower() not in source.lower():
            message = STALE % {"excerpt": match.group()}
            yield Finding(kind="stale", excerpt=match.group(), message=message)


def _check_links(post: Post, article: Article, source: str) -> Iterator[Finding]:
    own = {percent_encoded(address) for address in (article.url, article.canonical_url) if address}
    for link in dict.fromkeys(links_in(post.text)):
        if link in source or (percent_encoded(link) if "://" in link else link) in own:
            continue
        if not any(address.removeprefix("https://").removeprefix("http://").startswith(link) for address in own):
            yield Finding(kind="link", excerpt=link, message=OTHER_LINK)


def _check_hashtags(post: Post, source: str) -> Iterator[Finding]:
    """Return the tags that are no word of the article; in another script they cannot be looked up."""
    compact = "".join(char for char in source.casefold() if char.isalnum() or char == "_")
    for tag in dict.fromkeys(hashtags_in(post.text)):
        if is_korean(tag) == is_korean(source) and tag.casefold().replace("_", "") not in compact:
            yield Finding(kind="hashtag", excerpt=f"#{tag}", message=NOT_IN_ARTICLE % {"excerpt": f"#{tag}"})
