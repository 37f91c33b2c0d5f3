"""The terms an article is about, for hashtags: names and nouns as they stand in it, never parts of verbs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import regex

from conversions.pipeline.types import Article
from conversions.pipeline.words import STOP_WORDS, attested_stems, is_korean, stem, stems_of, words

_HANGUL_TERM = regex.compile(r"[A-Za-z]{0,4}[가-힣]{2,10}")
_VERBAL = regex.compile(
    r"(?:[했됐었았였겠]\p{L}*|[하되시지]는|[하되]며|[가-힣]다|으려|려고|하고|되고|하게|되게|하기|되기|하지|되지|해서|해야|하자|되자"
    r"|[하되]면|면서|는데|지만|도록|라며|다며|라고|다고|냐고|자고|위해|위한|대한|대해|통해|따른|따라|관한|관해|인한|인해|향한|달한|달해"
    r"|있[는어던]\p{L}*|없[는어던]\p{L}*|않[는은아]\p{L}*|[하되]던|이날|지난|여러|모든|어떤|이런|그런|하는|되는|같은|아닌|직후|최대|최소|최고|전면|종일|일시|대거|최우선|전격)$"
)
_PART = r"\p{Lu}[\p{L}\p{N}'’&.-]*[\p{L}\p{N}]"
_NAME = regex.compile(rf"(?<![\p{{L}}\p{{N}}]){_PART}(?: (?:(?:of|de|van|von|bin|al) )?{_PART}){{0,3}}")
_SENTENCE_START = regex.compile(r"(?:^|[.!?\n\"“‘'(:]\s*)$")
_MOST_CHARACTERS = 6_000
_TITLE_WEIGHT = 3
_ENGLISH_VERB = regex.compile(r"(?:ed|ing)$")
_OFTEN = 3
_PAIR = regex.compile(r"(?<![\p{L}\p{N}'’-])([a-z]{4,})(?= ([a-z]{4,})(?![\p{L}\p{N}'’-]))")
_NOUN_LENGTH = 5
_LONGEST_ENGLISH = 24
_CALENDAR = """
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december
"""
_NOT_A_NAME = STOP_WORDS | frozenset(_CALENDAR.split())


def key_terms(article: Article, *, most: int) -> tuple[str, ...]:
    """Return up to ``most`` terms, the most telling first, without spaces; what stands in the title counts thrice."""
    text = article.text[:_MOST_CHARACTERS]
    found = _korean(article.title, text) if is_korean(article.title + text) else _english(article.title, text)
    terms: list[str] = []
    for term in found:
        if len(terms) == most:
            break
        if not any(term.casefold() in known.casefold() or known.casefold() in term.casefold() for known in terms):
            terms.append(term)
    return tuple(terms)


def _korean(title: str, text: str) -> list[str]:
    """Return nouns by how often they occur: what stands with two different particles, or bare in the title too.

    Verbs and endings fall out because they never carry a particle twice.
    """
    tokens, in_title = words(text), words(title)
    stems = attested_stems([*tokens, *in_title])
    forms: dict[str, set[str]] = defaultdict(set)
    for token in {*tokens, *in_title}:
        for each in stems_of(token):
            forms[each].add(token)
    counts = Counter(stems[token] for token in tokens)
    headline = {stems[token] for token in in_title}
    scored = {
        term: number + (_TITLE_WEIGHT * 2 if term in headline else 0)
        for term, number in (counts + Counter(headline)).items()
        if _is_noun(term) and counts[term] and (len(forms[term]) > 1 or (term in headline and counts[term] > 1))
    }
    return sorted(scored, key=lambda term: (-scored[term], text.find(term)))


def _is_noun(term: str) -> bool:
    return bool(_HANGUL_TERM.fullmatch(term)) and term not in STOP_WORDS and not _VERBAL.search(term)


def _english(title: str, text: str) -> list[str]:
    """Return names, pairs of nouns and nouns by how often they occur; what the title does not say counts half."""
    common = [word for word in words(text) if word.islower() and word.isalpha() and word not in STOP_WORDS]
    written = {stem(word): word for word in reversed(common)}
    nouns = Counter(
        written[stem(word)] for word in common if len(word) >= _NOUN_LENGTH and not _ENGLISH_VERB.search(word)
    )
    pairs = Counter(f"{one} {other}" for one, other in _PAIR.findall(text) if not {one, other} & STOP_WORDS)
    names = Counter(name for name, inside in _names(text) if inside)
    said = f" {' '.join(words(title.lower()))} "
    scores = {
        term: number * (_TITLE_WEIGHT if f" {term.lower()} " in said else 0.5) * weight
        for found, weight in ((names, 2.0), (pairs, 1.5), (nouns, 0.5))
        for term, number in found.items()
        if number >= _OFTEN or f" {term.lower()} " in said
    }
    ranked = sorted(scores, key=lambda term: (-scores[term], text.find(term)))
    return [term for term in map(_joined, ranked) if len(term) <= _LONGEST_ENGLISH]


def _names(text: str) -> Iterator[tuple[str, bool]]:
    """Return (name, whether it stands inside a sentence) of every row of capitalised words."""
    for match in _NAME.finditer(text):
        name = match.group().strip()
        inside = not _SENTENCE_START.search(text, max(0, match.start() - 4), match.start())
        if name.lower() in _NOT_A_NAME or len(name) < 2:
            continue
        yield regex.sub(r"['’]s$", "", name), inside or " " in name


def _joined(name: str) -> str:
    """Return a name as one word, each part's first letter large."""
    if " " not in name:
        return name
    return "".join(word[:1].upper() + word[1:] for word in regex.findall(r"[\p{L}\p{N}]+", name))
