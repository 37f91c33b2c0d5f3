"""The writer that needs no account: the title and the most central sentences of the article, word for word."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import regex

from conversions.enums import Platform, Provider
from conversions.pipeline import platforms
from conversions.pipeline.keyterms import key_terms
from conversions.pipeline.platforms import RULES
from conversions.pipeline.sentences import sentences
from conversions.pipeline.types import Article, Brief, Prompt, Reply
from conversions.pipeline.words import STOP_WORDS, is_korean, stem, without_particle, words

MOST_CHARACTERS = 8_000
"""News says what matters early; what stands behind this is not read."""
MOST_SENTENCES = 200
LONGEST_SENTENCE = 400
SHORTEST_SENTENCE = 12
LEAD_HALF_LIFE = 12
"""After this many sentences the bonus for an early place has halved."""
_TOO_ALIKE = 0.5

_JUNK = regex.compile(
    r"무단\s?전재|재배포|저작권자|ⓒ|©|All rights reserved|\S+@\S+\.\S+"
    r"|^\s*[\[(【<]?\s*(?:사진|자료|영상|그래픽|앵커|기자|출처|리포트)"
    r"|^\s*\p{L}{2,4}\s?(?:기자|특파원)\b|기자\s*[=]|구독|댓글|제보"
    r"|Read more|Sign up|Subscribe|Click here|Photo(?:graph)? by"
    r"|^\s*(?:ADVERTISEMENT|Advertisement|Related|Image|Video|Getty Images)\b",
    regex.I,
)
_LEANS_BACK = regex.compile(
    r"^[\"'“‘]?(?:그는|그녀는|그가|그의|이는|이에|이어|이를|이런|이같은|이 같은"
    r"|그러나|하지만|또한?\s|다만|한편|그러면서|앞서|이후|이날|이들"
    r"|(?:He|She|It|They|But|And|However|This|That|These|Those|His|Her|Its|Their|Then|So|Also|Instead|Meanwhile|Still)\b)"
)
_WHOLE = regex.compile(r"[.!?。…][\"'”’」』)\]]*$")
_SITE = regex.compile(r"\s+[|\-–—:<]\s+[^|\-–—]{2,24}$")
_BYLINE = regex.compile(
    r"^(?:[\[(【][^\])】\n]{1,40}(?:기자|특파원|논설위원|=[^\])】\n]{1,30})\s*[\])】]|\([^()\n]{1,12}=[^()\n]{1,12}\)"
    r"\s*\p{L}{2,4}\s?(?:기자|특파원)\s*=)\s*"
)
_BULLET = "• "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """How much of the article a platform gets, and in what form."""

    most: int
    with_title: bool = True
    bullets: bool = False
    between: str = "\n\n"
    paragraph: int = 1
    """Sentences of a paragraph."""


_SHAPES: dict[Platform, _Shape] = {
    Platform.X: _Shape(most=1, with_title=False),
    Platform.THREADS: _Shape(most=2, with_title=True),
    Platform.BLUESKY: _Shape(most=2, with_title=False, between=" "),
    Platform.MASTODON: _Shape(most=3, with_title=False, between=" "),
    Platform.LINKEDIN: _Shape(most=5, bullets=True, between="\n"),
    Platform.INSTAGRAM: _Shape(most=4),
    Platform.FACEBOOK: _Shape(most=3, with_title=False),
    Platform.KAKAO: _Shape(most=2, between="\n"),
    Platform.NAVER_BLOG: _Shape(most=24, with_title=False, paragraph=2),
    Platform.YOUTUBE: _Shape(most=3, bullets=True, between="\n"),
}


class ExtractiveWriter:
    """Choose sentences of the article and change none of them; the same article always gives the same reply.

    It cannot translate: it writes in the article's language whatever the prompt asks for.
    """

    provider = Provider.EXTRACTIVE
    model = ""

    def complete(self, prompt: Prompt, *, timeout: float) -> Reply:  # noqa: ARG002  # the protocol's; this takes milliseconds
        """Return the title, the most central sentences and the key terms, as much as the platform takes."""
        started = time.monotonic()
        article, platform = prompt.article, prompt.brief.platform
        title = headline(article.title)
        body = _body(article, prompt.brief, title)
        return Reply(
            body=body,
            title=title if RULES[platform].max_title else "",
            hashtags=key_terms(article, most=RULES[platform].usual_hashtags),
            provider=self.provider,
            latency_ms=round((time.monotonic() - started) * 1000),
        )


def headline(title: str) -> str:
    """Return an article's title in one line, without the site's name behind it."""
    return str(_SITE.sub("", " ".join(title.split())))


def ranked(article: Article) -> list[tuple[float, int, str]]:
    """Return (score, place in the article, sentence), the most telling first.

    The score is the sentence's similarity to all others together (degree centrality over TF-IDF, as in LexRank:
    Erkan and Radev 2004), weighted by how early it stands and by the words it shares with the title.
    """
    read = [str(_BYLINE.sub("", each)) for each in sentences(article.text[:MOST_CHARACTERS])[:MOST_SENTENCES]]
    candidates = [sentence for sentence in read if _is_usable(sentence)]
    stem_of = _stemmer(article.text)
    bags = [Counter(_terms(sentence, stem_of)) for sentence in candidates]
    vectors = _weighted(bags)
    centre: Counter[str] = Counter()
    for vector in vectors:
        centre.update(vector)
    title = set(_terms(article.title, stem_of))
    scored = [
        (_score(place, sentence, vector, centre, title), place, sentence)
        for place, (sentence, vector) in enumerate(zip(candidates, vectors, strict=True))
    ]
    return sorted(scored, key=lambda each: (-each[0], each[1]))


def _body(article: Article, brief: Brief, title: str) -> str:
    """Return the sentences that suit the platform, in the article's order, under its title where that helps."""
    shape = _SHAPES[brief.platform]
    room = _room(article, brief)
    parts = [title] if shape.with_title and title else []
    chosen = _chosen(ranked(article), shape, lambda picked: _count(brief, _joined(parts, picked, shape)) <= room)
    if not chosen:
        return title or " ".join(article.text[:LONGEST_SENTENCE].split())
    return _joined(parts, chosen, shape)


def _room(article: Article, brief: Brief) -> int:
    """Return what the sentences may take: the platform's ideal, less where limit and link leave less."""
    rules = RULES[brief.platform]
    limit = platforms.limit_of(platform=brief.platform, limit=brief.limit)
    if limit is None:
        return rules.ideal
    address = article.canonical_url or article.url
    link = _count(brief, f"\n\n{platforms.percent_encoded(address)}") if address else 0
    if rules.links is platforms.LinkPolicy.NONE:
        link = 0
    return min(rules.ideal, limit - link)


def _chosen(best: list[tuple[float, int, str]], shape: _Shape, fits: Callable[[list[str]], bool]) -> list[str]:
    """Return the best sentences that fit together and do not repeat each other, in the article's order.

    One that leans on the sentence before it ("He", 이에) comes only when that one came.
    """
    picked: list[tuple[int, str]] = []
    for _, place, sentence in best:
        if len(picked) == shape.most:
            break
        together = [text for _, text in sorted([*picked, (place, sentence)])]
        if _LEANS_BACK.search(sentence) and place - 1 not in (at for at, _ in picked):
            continue
        if any(_alike(sentence, other) > _TOO_ALIKE for _, other in picked) or not fits(together):
            continue
        picked.append((place, sentence))
    return [sentence for _, sentence in sorted(picked)]


def _joined(head: list[str], chosen: list[str], shape: _Shape) -> str:
    if shape.bullets and len(chosen) > 1:
        lead, rest = chosen[0], "\n".join(f"{_BULLET}{sentence}" for sentence in chosen[1:])
        return "\n\n".join([*head, lead, rest])
    paragraphs = [" ".join(chosen[at : at + shape.paragraph]) for at in range(0, len(chosen), shape.paragraph)]
    return "\n\n".join([*head, shape.between.join(paragraphs)])


def _count(brief: Brief, text: str) -> int:
    return platforms.count(platform=brief.platform, text=text)


def _is_usable(sentence: str) -> bool:
    """Return whether a sentence is one: whole, of a length to read, and not a by-line, caption or notice."""
    if not SHORTEST_SENTENCE <= len(sentence) <= LONGEST_SENTENCE or _JUNK.search(sentence):
        return False
    return bool(_WHOLE.search(sentence)) and all(
        sentence.count(a) == sentence.count(b) for a, b in ("“”", "「」", "()")
    )


def _score(place: int, sentence: str, vector: dict[str, float], centre: Counter[str], title: set[str]) -> float:
    centrality = sum(weight * centre[term] for term, weight in vector.items())
    shared = len(title & vector.keys()) / (len(title) or 1)
    lead = 0.5 + 0.5 * 2 ** (-place / LEAD_HALF_LIFE) + (0.5 if place == 0 else 0)
    whole = 0.6 if sentence.endswith("?") or sentence[0] in "\"“‘'" else 1.0
    return centrality * (0.5 + shared) * lead * whole


def _weighted(bags: list[Counter[str]]) -> list[dict[str, float]]:
    """Return each bag of terms as a TF-IDF vector of length one."""
    seen = Counter(term for bag in bags for term in bag)
    vectors = []
    for bag in bags:
        weights = {term: number * math.log(1 + len(bags) / seen[term]) for term, number in bag.items()}
        norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        vectors.append({term: weight / norm for term, weight in weights.items()})
    return vectors


def _stemmer(text: str) -> Callable[[str], str]:
    return without_particle if is_korean(text[:2000]) else stem


def _terms(text: str, stem_of: Callable[[str], str]) -> list[str]:
    return [stem_of(word) for word in words(text) if len(word) > 1 and word.lower() not in STOP_WORDS]


def _alike(one: str, other: str) -> float:
    """Return the share of words two sentences have in common (Jaccard)."""
    left, right = set(words(one)), set(words(other))
    return len(left & right) / (len(left | right) or 1)
