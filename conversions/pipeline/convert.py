"""The staircase: an address or a text becomes posts. The steps stand here in the order they happen.

Plain Python: the outside world comes in as ``Tools``; nothing here knows Django, a database or a queue.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from conversions.enums import Provider
from conversions.pipeline.compose import compose, compose_again
from conversions.pipeline.extract import extract, require_ok
from conversions.pipeline.fit import DoesNotFit, fit, trim
from conversions.pipeline.grounding import ground
from conversions.pipeline.prompts import SHIPPED, Prompts
from conversions.pipeline.providers.errors import EmptyReply, MalformedReply, ProviderDown, Truncated
from conversions.pipeline.types import Article, Brief, Finding, Outcome, Page, Post, Prompt, Reply, Writer
from newsforge.lib.errors import Fault, NewsforgeError, PermanentError, TransientError

T = TypeVar("T")

ASKS = 3
"""How often one writer is asked for one post: once, and twice more with what was wrong."""

UNUSABLE = (MalformedReply, EmptyReply, Truncated)
"""Answers that were paid for and hold no post: the same question again would get them again, a sharper one may not."""

WORTH_ASKING_AGAIN = frozenset(
    {"number", "quote", "name", "claim", "allegation", "instruction", "headline", "language"}
)
"""Findings a model can mend; the rest is shown to the person who posts."""

SOON = 5.0
"""Seconds: a failure that may have passed by then is waited for once, before our own writer stands in."""

OWN_SECONDS = 2.0
"""Kept back for our own writer where it stands in at the end."""


class DeadlineExceeded(PermanentError):
    """The conversion took longer than it may."""

    code = "deadline-exceeded"
    status_code = 504
    title = "Took too long"
    sentence = "The conversion did not finish within its time. Try again; if it stays, choose another provider."
    fault = Fault.PROVIDER


class NoProviderKey(PermanentError):
    """The provider asked for has no key to be asked with."""

    code = "no-provider-key"
    status_code = 422
    title = "No key for this provider"
    sentence = "There is no key for this provider. Store one of your own, or ask with provider auto or extractive."
    fault = Fault.REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The outside world of one conversion.

    ``writers`` are asked in this order until one answers; ``remaining`` returns the seconds left.
    """

    fetch: Callable[[str], Page]
    writers: tuple[Writer, ...]
    remaining: Callable[[], float]
    prompts: Prompts = SHIPPED
    """The words writers are asked with."""
    may_come_again: bool = False
    """Whether the conversion can be put off once before our own writer stands in for a model."""
    silent: frozenset[Provider] = frozenset()
    """Providers this conversion waited for in vain before; they are not waited for again."""


@dataclass(slots=True)
class _Stages:
    """Stopwatch over the stages, in ms."""

    timings: dict[str, int] = field(default_factory=dict)

    def time(self, stage: str, step: Callable[[], T]) -> T:
        started = time.monotonic()
        try:
            return step()
        finally:
            self.timings[stage] = self.timings.get(stage, 0) + round((time.monotonic() - started) * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A post that fits, what to check by eye, and what its writer should mend."""

    post: Post
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]


def read(*, source: Page | str, fetch: Callable[[str], Page]) -> Article:
    """Return the article at an address or in an uploaded page.

    :raises NewsforgeError: if it cannot be fetched, or is not an article that can be read.
    """
    page = fetch(source) if isinstance(source, str) else source
    article = extract(page=page)
    require_ok(article)
    return article


def write(*, article: Article, brief: Brief, tools: Tools) -> Outcome:
    """Return the post of the first writer that can write one which fits, with what to check by eye.

    :raises PermanentError: if no writer can.
    :raises TransientError: if one of them may be able to later.
    """
    if not tools.writers:
        raise NoProviderKey
    failures: list[NewsforgeError] = []
    prompt = compose(article=article, brief=brief, prompts=tools.prompts)
    stages, down = _Stages(), set(tools.silent)
    for place, writer in enumerate(tools.writers):
        if writer.provider in down:
            continue  # it fails for everyone, with another key too
        if not writer.model and tools.may_come_again and _passes_soon(failures):
            break
        try:
            draft = _write_with(writer, prompt, partial(_share, tools, place, down), stages)
        except NewsforgeError as failure:
            failures.append(failure)
            if isinstance(failure, ProviderDown):
                down.add(writer.provider)
            continue
        return Outcome(
            article=article,
            post=draft.post,
            prompt_version=prompt.version,
            findings=draft.findings,
            timings=stages.timings,
        )
    raise _worth_telling(failures)


def convert(*, source: Page | str, brief: Brief, tools: Tools) -> Outcome:
    """Return what ``write`` makes of what ``read`` reads."""
    return write(article=read(source=source, fetch=tools.fetch), brief=brief, tools=tools)


def _share(tools: Tools, place: int, down: set[Provider]) -> float:
    """Return the seconds a writer may take now, so that those after it have their share of what is left."""
    later = tools.writers[place + 1 :]
    others = {each.provider for each in later if each.model} - down - {tools.writers[place].provider}
    left = tools.remaining()
    kept = OWN_SECONDS if any(not each.model for each in later) else 0.0
    return max(left - kept, left / 2) / (len(others) + 1)


def _passes_soon(failures: list[NewsforgeError]) -> bool:
    return any(isinstance(each, TransientError) and (each.retry_after or 0.0) <= SOON for each in failures)


def _worth_telling(failures: list[NewsforgeError]) -> NewsforgeError:
    """Return the failure that passes first, or the first one when none does."""
    passing = [each for each in failures if isinstance(each, TransientError)]
    if passing:
        return min(passing, key=lambda each: each.retry_after or 0.0)
    return failures[0] if failures else DeadlineExceeded()


def _write_with(writer: Writer, prompt: Prompt, share: Callable[[], float], stages: _Stages) -> _Draft:
    """Ask until a draft has nothing wrong; a model may mend its answer, the best draft wins."""
    drafts: list[_Draft] = []
    unusable: NewsforgeError | None = None
    for _ in range(ASKS if writer.model else 1):
        try:
            reply = stages.time("generate", partial(_complete, writer, prompt, share))
        except UNUSABLE as failure:
            unusable = failure
            prompt = compose_again(prompt=prompt, reply=None, problem=failure.detail)
            continue
        except NewsforgeError:
            if not drafts:
                raise
            break  # an earlier answer is still good
        draft = _judge(reply, prompt, stages)
        drafts.append(draft)
        if not draft.problems:
            break
        prompt = compose_again(prompt=prompt, reply=reply, problem=" ".join(draft.problems))
    if unusable and not drafts:
        raise unusable
    return min(drafts, key=lambda each: len(each.problems))


def _judge(reply: Reply, prompt: Prompt, stages: _Stages) -> _Draft:
    article, brief, language = prompt.article, prompt.brief, prompt.language
    problems: tuple[str, ...] = ()
    try:
        post = stages.time("fit", lambda: fit(reply=reply, article=article, brief=brief, language=language))
    except DoesNotFit as too_long:
        problems = (too_long.detail,)
        post = stages.time("fit", lambda: trim(reply=reply, article=article, brief=brief, language=language))
    findings = stages.time("ground", lambda: ground(post=post, article=article))
    problems += tuple(each.message for each in findings if each.kind in WORTH_ASKING_AGAIN)
    return _Draft(post=post, findings=findings, problems=problems)


def _complete(writer: Writer, prompt: Prompt, share: Callable[[], float]) -> Reply:
    timeout = share()
    if timeout <= 0:
        raise DeadlineExceeded
    return writer.complete(prompt, timeout=timeout)
