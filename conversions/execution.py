"""After the queue: claim, write with no transaction open, keep everything in one transaction.

A claim is a test-and-set that raises the row's fencing token; only the holder of the newest token may write. A second
delivery of the same message finds nothing to claim and does nothing.
"""

from __future__ import annotations

import math
import random
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from accounts import quota
from accounts.models import User
from conversions import lease, outbox, tools
from conversions.enums import AttemptState, Language, Platform, Status, Tone, Verdict
from conversions.models import Article, Attempt, Conversion, PostVersion
from conversions.pipeline import convert, types
from newsforge.lib import rows
from newsforge.lib.error_id import error_id
from newsforge.lib.errors import Fault, NewsforgeError, PermanentError, TransientError

GRACE = timedelta(seconds=15)
"""How long after its deadline a worker is still believed alive."""

_CLAIM = f"""
WITH taken AS (
    UPDATE conversion_logs SET status = 'processing', updated_at = %(now)s, claim = claim + 1, lease_until = %(lease)s,
        started_at = COALESCE(started_at, %(now)s), deadline_at = COALESCE(deadline_at, %(deadline)s)
    WHERE id = %(id)s AND status = 'pending' AND not_before <= %(now)s
        AND article_id IN (SELECT id FROM articles WHERE verdict = 'ok')
    RETURNING *)
SELECT {rows.columns(Conversion, "taken")}, {rows.columns(Article, "article")}, {rows.columns(User, "owner")}
FROM taken JOIN articles article ON article.id = taken.article_id LEFT JOIN users owner ON owner.id = taken.user_id
"""  # noqa: S608 - names of ours
"""The test and set, and all a writer needs to know, in one statement: it runs with every conversion."""

_SPENT = """
SELECT COALESCE(sum(input_tokens + output_tokens), 0), CASE WHEN count(*) = count(cost_usd) THEN sum(cost_usd) END
FROM attempts WHERE conversion_id = %s AND provider = %s AND state = %s"""

REMOVAL_BATCH = 500
"""Conversions whose texts are removed in one transaction."""

LONGEST_WAIT = 2**31 - 1
"""Seconds the column takes; nobody waits that long."""

LONGEST_BACKOFF = 30.0
"""Seconds: a failure that names no wait is tried again within this."""


class InternalError(PermanentError):
    """Something nobody foresaw; the log, the report and the row have it under ``error_id``."""

    code = "internal-error"
    sentence = (
        "Something went wrong on our side and your unit is back. Try again, and tell us %(error_id)s if it stays."
    )
    fault = Fault.US


class WorkerLost(PermanentError):
    """The workers that had this conversion died until its time was over."""

    code = "worker-lost"
    title = "Interrupted"
    sentence = "The conversion was interrupted and its time is over. Your unit is back; try again."
    fault = Fault.US


def execute(*, conversion_id: UUID) -> float | None:
    """Write one post, unless somebody else has, does, or it is not its time; return the seconds to come again in."""
    conversion = _claim(conversion_id, timezone.now())
    if conversion is None:
        return None
    try:
        with lease.renewed(conversion):
            outcome = _write(conversion)
    except TransientError as failure:
        return _step_back(conversion, failure)
    except PermanentError as failure:
        fail(conversion=conversion, failure=failure, now=timezone.now())
    except (OperationalError, InterfaceError):
        raise  # our database is away: the row stays as it is, its lease runs out and it is written then
    except Exception:
        fail(conversion=conversion, failure=InternalError(error_id=error_id()), now=timezone.now())
        raise
    else:
        keep(conversion=conversion, outcome=outcome, now=timezone.now())
    return None


def keep(*, conversion: Conversion, outcome: types.Outcome, now: datetime) -> bool:
    """Store the post, what it cost and the used unit in one transaction; tell whether the claim still held."""
    post = outcome.post
    with transaction.atomic():
        moved = conversion.move(
            Status.PROCESSING,
            Status.SUCCEEDED,
            title=post.title,
            content_generated=post.text,
            hashtags=list(post.hashtags),
            content_language=post.language,
            length=post.length,
            limit=post.limit,
            provider=post.provider,
            model=post.model,
            prompt_version=outcome.prompt_version,
            findings=[asdict(each) for each in outcome.findings],
            timings=outcome.timings,
            **_spent(conversion, post),
            **_ended(conversion, now),
        )
        if moved:
            quota.settle(user_id=conversion.user_id, conversion_id=conversion.pk, run=conversion.run, now=now)
            outbox.enqueue(conversion=conversion, now=now)
    return moved


def fail(*, conversion: Conversion, failure: NewsforgeError, now: datetime) -> bool:
    """End the conversion with the failure's code and give the unit back; tell whether the claim still held."""
    return end(
        conversion=conversion,
        target=Status.FAILED,
        reason=failure.code,
        now=now,
        failure_code=failure.code,
        error_message=failure.detail,
        fault=failure.fault,
        retry_after=_seconds(failure),
        error_id=failure.params.get("error_id"),
    )


def end(*, conversion: Conversion, target: Status, reason: str, now: datetime, **fields: Any) -> bool:
    """Move to a final status without a post and give the unit back, in one transaction; tell whether it was ours."""
    with transaction.atomic():
        moved = conversion.move(Status(conversion.status), target, **fields, **_ended(conversion, now))
        if moved:
            quota.release(
                user_id=conversion.user_id, conversion_id=conversion.pk, run=conversion.run, reason=reason, now=now
            )
            outbox.enqueue(conversion=conversion, now=now)
    return moved


def recover(*, conversion: Conversion, now: datetime) -> bool:
    """Take a conversion away from a worker that is gone; tell whether it may be written again."""
    if conversion.deadline_at and conversion.deadline_at <= now:
        fail(conversion=conversion, failure=WorkerLost(), now=now)
        return False
    return conversion.move(Status.PROCESSING, Status.PENDING, lease_until=None, woken_at=now)


def remove_texts(*, before: datetime, now: datetime) -> int:
    """Remove the texts of conversions that ended before a moment, of their articles and answers; keep the numbers."""
    old = Conversion.objects.filter(finished_at__lt=before, purged_at=None)
    done = 0
    while batch := list(old.values_list("pk", "article_id")[:REMOVAL_BATCH]):
        ids = [pk for pk, _ in batch]
        with transaction.atomic():
            Attempt.objects.filter(conversion_id__in=ids).update(reply=None)
            PostVersion.objects.filter(conversion_id__in=ids).delete()
            done += Conversion.objects.filter(pk__in=ids).update(
                content_generated="", title="", hashtags=[], findings=[], purged_at=now
            )
            articles = Article.objects.filter(pk__in={article for _, article in batch})
            articles.exclude(conversions__purged_at=None).update(text="", html="", verdict=Verdict.UNREAD)
    return done


def wake(*, conversion: Conversion, now: datetime) -> bool:
    """Note that a worker is told again; tell whether the conversion still waits for one."""
    waiting = Conversion.objects.filter(pk=conversion.pk, claim=conversion.claim, status=Status.PENDING)
    return bool(waiting.update(woken_at=now))


def backoff(failure: TransientError, *, times: int) -> float:
    """Return the seconds to wait: what the far side asked for, never less, or full jitter over 2, 4, 8, … ."""
    if failure.retry_after is not None:
        asked = min(failure.retry_after, LONGEST_WAIT)
        spread = max(1.0, asked / 10)  # those that wait for the same moment do not come in it together
        return asked + random.uniform(0, spread)  # noqa: S311 - spreads load, keeps no secret
    return random.uniform(0.5, min(LONGEST_BACKOFF, 2.0**times))  # noqa: S311 - as above


def _claim(conversion_id: UUID, now: datetime) -> Conversion | None:
    deadline = now + timedelta(seconds=settings.CONVERSION_DEADLINE_SECONDS)
    facts: dict[str, Any] = {"id": conversion_id, "now": now, "deadline": deadline, "lease": now + lease.LENGTH}
    with rows.cursor() as cursor:
        cursor.execute(_CLAIM, facts)
        found = cursor.fetchone()
    if found is None:
        return None
    taken, article, owner = rows.read(found, Conversion, Article, User)
    taken.article, taken.user = article, owner
    return cast("Conversion", taken)


def _write(conversion: Conversion) -> types.Outcome:
    assert conversion.article is not None  # noqa: S101 - the claim asked for a read article
    assert conversion.deadline_at is not None  # noqa: S101 - the claim sets it
    return convert.write(
        article=conversion.article.value(),
        brief=brief_of(conversion=conversion),
        tools=tools.tools_for(conversion=conversion, seconds=(conversion.deadline_at - timezone.now()).total_seconds()),
    )


def brief_of(*, conversion: Conversion) -> types.Brief:
    """Return what the customer asked for, as the pipeline takes it."""
    return types.Brief(
        platform=Platform(conversion.target_platform),
        language=Language(conversion.language),
        tone=Tone(conversion.tone),
        limit=settings.PLATFORM_LIMITS.get(conversion.target_platform),
        label=settings.AI_LABEL,
    )


def _step_back(conversion: Conversion, failure: TransientError) -> float | None:
    """Give the claim back until the failure may have passed, or fail when that is after the deadline."""
    wait = backoff(failure, times=conversion.claim)
    again = timezone.now() + timedelta(seconds=wait)
    if conversion.deadline_at is None or again >= conversion.deadline_at:
        fail(conversion=conversion, failure=failure, now=timezone.now())
        return None
    moved = conversion.move(Status.PROCESSING, Status.PENDING, not_before=again, woken_at=again, lease_until=None)
    return wait if moved else None


def _seconds(failure: NewsforgeError) -> int | None:
    """Return the wait the far side named, in whole seconds as the column takes them."""
    wait = failure.retry_after if isinstance(failure, TransientError) else None
    return None if wait is None else min(math.ceil(wait), LONGEST_WAIT)


def _ended(conversion: Conversion, now: datetime) -> dict[str, Any]:
    took = now - (conversion.started_at or now)
    return {"finished_at": now, "lease_until": None, "processing_time_ms": round(took.total_seconds() * 1000)}


def _spent(conversion: Conversion, post: types.Post) -> dict[str, Any]:
    """Return tokens and cost of the answers of the one who really wrote; an unknown price makes the cost unknown."""
    with rows.cursor() as cursor:
        cursor.execute(_SPENT, [conversion.pk, post.provider, AttemptState.ANSWERED])
        tokens, cost = cursor.fetchone() or (0, None)
    return {"tokens_used": tokens, "cost_usd": cost}
