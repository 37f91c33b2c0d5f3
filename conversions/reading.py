"""The first half after the queue: one worker reads the article that all conversions of a request share."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone

from conversions import execution, lease, tools
from conversions.enums import Status, Verdict
from conversions.models import Article, Conversion
from conversions.pipeline import convert, types
from newsforge.lib.error_id import error_id
from newsforge.lib.errors import Fault, NewsforgeError, PermanentError, TransientError

TRIES = 3
"""How often an article is fetched before its conversions fail."""

ROUND = TRIES + 1
"""Each retry from the door begins with a claim divisible by this, so that claims never come down again: they fence."""


class ReadingTimedOut(PermanentError):
    """The page is so large or so tangled that reading it was stopped."""

    code = "extraction-timed-out"
    status_code = 422
    title = "Page too tangled"
    sentence = "Reading this page took too long and was stopped. Paste the article's text instead."
    fault = Fault.ARTICLE


class _Fetching:
    """The fetch, with a stopwatch: what of the reading was the far side's time."""

    ms: int | None = None

    def __call__(self, url: str) -> types.Page:
        started = time.monotonic()
        try:
            return tools.fetch_page(url)
        finally:
            self.ms = round((time.monotonic() - started) * 1000)


def read(*, article_id: UUID, times_up: type[Exception]) -> tuple[list[UUID], float | None]:
    """Read one article; return the conversions that may be written now, or the seconds to come again in.

    ``times_up`` is what the worker raises into this call when its time is over.
    """
    started = timezone.now()
    article = _claim(article_id, started)
    if article is None:
        return [], None
    fetching = _Fetching()
    try:
        with lease.renewed(article):
            found = convert.read(source=_source_of(article), fetch=fetching)
    except times_up:
        _fail(article, ReadingTimedOut())
    except TransientError as failure:
        return [], _step_back(article, failure)
    except PermanentError as failure:
        _fail(article, failure)
    except (OperationalError, InterfaceError):
        raise  # our database is away: the row stays as it is, its lease runs out and it is read then
    except Exception:
        _fail(article, execution.InternalError(error_id=error_id()))
        raise
    else:
        return _keep(article, found, started, fetching.ms), None
    return [], None


def recover(*, article: Article, now: datetime) -> bool:
    """Tell whether the article may be read again, and fail its conversions when its readers died too often."""
    if article.claim % ROUND >= TRIES:
        _fail(article, execution.WorkerLost())
        return False
    Conversion.objects.filter(article=article, status=Status.PENDING).update(woken_at=now)
    return True


def renew(*, article: Article, now: datetime) -> None:
    """Give an article that is not read all its tries again; one that somebody reads at this moment is left to them."""
    unread = Article.objects.filter(_free(now), pk=article.pk).exclude(verdict=Verdict.OK)
    unread.update(verdict=Verdict.UNREAD, claim=(F("claim") / ROUND + 1) * ROUND, lease_until=None)


def _claim(article_id: UUID, now: datetime) -> Article | None:
    claimed = Article.objects.filter(_free(now), pk=article_id, verdict=Verdict.UNREAD).update(
        claim=F("claim") + 1, lease_until=now + lease.LENGTH
    )
    return Article.objects.get(pk=article_id) if claimed else None


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def _source_of(article: Article) -> types.Page | str:
    if not article.html:
        return article.url
    return types.Page(url=article.url or None, content=article.html.encode(), content_type="text/html; charset=utf-8")


def _keep(article: Article, found: types.Article, started: datetime, fetch_ms: int | None) -> list[UUID]:
    now = timezone.now()
    with transaction.atomic():
        kept = Article.objects.filter(pk=article.pk, claim=article.claim, verdict=Verdict.UNREAD).update(
            **Article.fields_of(found),
            html="",
            read_ms=round((now - started).total_seconds() * 1000),
            fetch_ms=fetch_ms,
            read_at=now,
            lease_until=None,
        )
        if not kept:
            return []
        waiting = Conversion.objects.filter(article=article, status=Status.PENDING)
        waiting.update(woken_at=now)
        return list(waiting.order_by("position").values_list("pk", flat=True))


def _fail(article: Article, failure: NewsforgeError) -> None:
    with transaction.atomic():
        held = Article.objects.filter(pk=article.pk, claim=article.claim)
        if held.update(lease_until=None, reason=failure.detail):
            # All are locked before the first touches its owner's counter, in the order in which others lock.
            for conversion in Conversion.objects.select_for_update().filter(article=article, status=Status.PENDING):
                execution.fail(conversion=conversion, failure=failure, now=timezone.now())


def _step_back(article: Article, failure: TransientError) -> float | None:
    """Give the claim back until the failure may have passed, or fail when it was tried often or waits too long."""
    wait = execution.backoff(failure, times=article.claim % ROUND)
    if article.claim % ROUND >= TRIES or wait >= settings.CONVERSION_DEADLINE_SECONDS:
        _fail(article, failure)
        return None
    again = timezone.now() + timedelta(seconds=wait)
    with transaction.atomic():
        Article.objects.filter(pk=article.pk, claim=article.claim).update(lease_until=None)
        waiting = Conversion.objects.filter(article=article, status=Status.PENDING)
        waiting.update(not_before=again, woken_at=again)
    return wait
