"""Reply → Post: clean, complete with source link, hashtags and AI label, and within the platform's limit.

Counting is the last thing that happens to a text; nothing is added after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import regex

from conversions.enums import FailureCode, Provider
from conversions.pipeline import platforms
from conversions.pipeline.fit import tags
from conversions.pipeline.fit.clean import clean, tidy
from conversions.pipeline.fit.cut import first_sentence_that_fits, longest_sentences, longest_words
from conversions.pipeline.platforms import RULES, LinkPolicy
from conversions.pipeline.types import Article, Brief, Post, Reply
from newsforge.lib.errors import Fault, PermanentError

LABELS = {"ko": "(AI 활용)", "en": "(AI-assisted)"}
"""The visible mark of a text a model wrote.

Source: Korean Internet Newspaper Ethics Commission, guideline on AI in journalism, in force since 2024-09, art. 3;
art. 2 exempts auxiliary use, such as choosing sentences of the article as they stand.
"""

_OWN_LABEL = regex.compile(r"[\[(#*]*\s*(?:AI[- ]?(?:assisted|generated)|AI\s?활용)\s*[\])*.]*\s*$", regex.I)
_LEAST_BODY = 40
"""Below this many units left for words, the link goes before the words do (our choice)."""
_CUT_BEFORE_COUNTING = 50
"""No unit of length holds more characters than this on average; what is beyond cannot fit and is not counted."""


class DoesNotFit(PermanentError):
    """The text is longer than the platform takes; ask for a shorter one, or let ``trim`` shorten it."""

    code = FailureCode.DOES_NOT_FIT.value
    status_code = 422
    title = "The post is too long"
    sentence = (
        "The post is %(length)d %(unit)s long with its link and label; %(platform)s takes %(limit)d. "
        "Write the text itself in at most %(room)d."
    )
    fault = Fault.PROVIDER

    @property
    def length(self) -> int:
        """Return the length of the whole post, in the platform's unit."""
        return int(str(self.params["length"]))

    @property
    def limit(self) -> int:
        """Return the limit it exceeds, in the platform's unit."""
        return int(str(self.params["limit"]))


class NothingToPost(PermanentError):
    """An answer has no words once links, mark-up and signs are gone."""

    code = FailureCode.EMPTY_REPLY.value
    status_code = 502
    title = "The answer was empty"
    sentence = "The provider's answer has no words to post. Try again, or choose another provider."
    fault = Fault.PROVIDER


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """The parts of a post before they are one text."""

    body: str
    title: str = ""
    link: str = ""
    hashtags: tuple[str, ...] = ()
    label: str = ""

    @property
    def text(self) -> str:
        marks = " ".join([*(f"#{tag}" for tag in self.hashtags), *([self.label] if self.label else [])])
        tail = "\n".join(part for part in (self.link, marks) if part)
        return "\n\n".join(part for part in (self.body, tail) if part)


def fit(*, reply: Reply, article: Article, brief: Brief, language: str) -> Post:
    """Return the post a reply makes, its hashtags given up first where the room is short.

    :raises DoesNotFit: if the text is too long even so; it carries the length and the limit.
    :raises NothingToPost: if nothing of the reply can be posted.
    """
    draft = _draft(reply, article, brief, language)
    for fewer in _fewer_hashtags(draft):
        if _fits(fewer, brief):
            return _post(fewer, reply, brief, language)
    raise _does_not_fit(replace(draft, hashtags=()), brief)


def trim(*, reply: Reply, article: Article, brief: Brief, language: str) -> Post:
    """Return a post that fits: without hashtags, then sentences, then words; the link goes before the last of these.

    :raises DoesNotFit: if not even a few words fit, which takes an account's own limit far below the platform's.
    """
    draft = _draft(reply, article, brief, language)
    for fewer in _fewer_hashtags(draft):
        if _fits(fewer, brief):
            return _post(fewer, reply, brief, language)
    limit = platforms.limit_of(platform=brief.platform, limit=brief.limit) or 0
    draft = replace(draft, body=draft.body[: limit * _CUT_BEFORE_COUNTING], hashtags=())
    title = " ".join(clean(text=article.title, article_words=f"{article.title}\n{article.text}").split())
    for shorter in _cut(draft, brief, title):
        if shorter.body and _fits(shorter, brief):
            return _post(shorter, reply, brief, language)
    raise _does_not_fit(draft, brief)


def measure(*, reply: Reply, article: Article, brief: Brief, language: str) -> int:
    """Return how long the post of a reply is with all that is added to it, in the platform's unit."""
    return platforms.count(platform=brief.platform, text=_draft(reply, article, brief, language).text)


def room(*, article: Article, brief: Brief, language: str) -> int | None:
    """Return how much of the limit is left beside link and label; None where there is no limit."""
    limit = platforms.limit_of(platform=brief.platform, limit=brief.limit)
    if limit is None:
        return None
    added = _Draft(body="", link=_link(article, brief), label=_label(brief, language)).text
    return max(limit - platforms.count(platform=brief.platform, text=f"\n\n{added}" if added else ""), 0)


def _draft(reply: Reply, article: Article, brief: Brief, language: str) -> _Draft:
    """Return the parts of a post, each clean."""
    words = f"{article.title}\n{article.text}"
    body, trailing = tags.split_tail(clean(text=reply.body, article_words=words))
    body = _without_label(tidy(tags.without_marks(body, article_words=words)))
    if not any(char.isalnum() for char in body):
        raise NothingToPost
    return _Draft(
        body=body,
        title=_title(reply, article, brief, words),
        link=_link(article, brief),
        hashtags=tags.allowed(platform=brief.platform, body=body, tags=(*reply.hashtags, *trailing)),
        label="" if reply.provider is Provider.EXTRACTIVE else _label(brief, language),
    )


def _title(reply: Reply, article: Article, brief: Brief, words: str) -> str:
    """Return the title where the platform has one, in one line and within its length."""
    longest = RULES[brief.platform].max_title
    if longest is None:
        return ""
    title = " ".join(clean(text=reply.title or article.title, article_words=words).split())
    if len(title) <= longest:
        return title
    return longest_words(title, fits=lambda part: len(part) <= longest) or title[:longest]


def _link(article: Article, brief: Brief) -> str:
    """Return the article's own address where the platform takes links, as every platform reads it."""
    address = article.canonical_url or article.url or ""
    if RULES[brief.platform].links is LinkPolicy.NONE or not address.lower().startswith(("http://", "https://")):
        return ""
    return platforms.percent_encoded(address)


def _label(brief: Brief, language: str) -> str:
    return LABELS.get(language[:2], LABELS["en"]) if brief.label else ""


def _without_label(body: str) -> str:
    """Return the body without a label the model wrote itself; the pipeline adds it exactly once."""
    return str(_OWN_LABEL.sub("", body)).rstrip()


def _fewer_hashtags(draft: _Draft) -> Iterator[_Draft]:
    for keep in range(len(draft.hashtags), -1, -1):
        yield replace(draft, hashtags=draft.hashtags[:keep])


def _cut(draft: _Draft, brief: Brief, title: str) -> Iterator[_Draft]:
    """Return ever shorter drafts, the most faithful first, with the link and then without.

    Whole sentences from the start, one whole sentence, the beginning of the first, the article's own title.
    """
    for link in dict.fromkeys((draft.link, "")):
        frame = replace(draft, link=link)
        fits = partial(_fits_with, frame, brief)
        yield replace(frame, body=longest_sentences(frame.body, fits=fits))
        yield replace(frame, body=first_sentence_that_fits(frame.body, fits=fits))
        words = longest_words(frame.body, fits=fits)
        if not link or platforms.count(platform=brief.platform, text=words) >= _LEAST_BODY:
            yield replace(frame, body=words)
        yield replace(frame, body=title)


def _fits_with(draft: _Draft, brief: Brief, body: str) -> bool:
    return _fits(replace(draft, body=body), brief)


def _fits(draft: _Draft, brief: Brief) -> bool:
    return platforms.fits(platform=brief.platform, text=draft.text, limit=brief.limit)


def _post(draft: _Draft, reply: Reply, brief: Brief, language: str) -> Post:
    return Post(
        text=draft.text,
        title=draft.title,
        hashtags=draft.hashtags,
        platform=brief.platform,
        language=language,
        length=platforms.count(platform=brief.platform, text=draft.text),
        limit=platforms.limit_of(platform=brief.platform, limit=brief.limit),
        provider=reply.provider,
        model=reply.model,
    )


def _does_not_fit(draft: _Draft, brief: Brief) -> DoesNotFit:
    limit = platforms.limit_of(platform=brief.platform, limit=brief.limit) or 0
    length = platforms.count(platform=brief.platform, text=draft.text)
    words = platforms.count(platform=brief.platform, text=draft.body)
    return DoesNotFit(
        length=length,
        limit=limit,
        platform=brief.platform.value,
        unit=RULES[brief.platform].unit.value,
        room=max(limit - (length - words), 0),
    )
