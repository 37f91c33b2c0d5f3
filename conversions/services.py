"""Before the queue: what the doors call. One transaction each; the row is the outbox."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts import quota
from accounts.models import User
from conversions import execution, reading, tasks
from conversions.enums import AUTO, FINAL, OPEN, Language, Platform, Status, Tone, Verdict
from conversions.models import Article, Conversion
from conversions.pipeline.extract import from_text, require_ok
from newsforge.lib import rows
from newsforge.lib.errors import Fault, PermanentError
from newsforge.lib.http import parse_url
from newsforge.lib.sentences import stored

CANCELLED_BY = stored("cancelled by %(actor)s")

ARTICLE_FIELDS = (
    "id", "user", "url", "html", "canonical_url", "title", "text", "text_hash", "authors", "published_at", "language",
    "image", "site", "verdict", "reason", "created_at",
)  # fmt: skip
CONVERSION_FIELDS = (
    "id", "user", "article", "batch_id", "position", "source_url", "target_platform", "language", "tone",
    "requested_provider", "created_at", "not_before", "woken_at",
)  # fmt: skip
"""What a request says of them; the rest is the database's own defaults."""
SAME_WISHES = (
    "user", "article", "batch_id", "position", "source_url", "target_platform", "language", "tone", "requested_provider"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the article comes from: one of an address, its text, or an uploaded page (with or without its address)."""

    url: str = ""
    text: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the customer wants made of it."""

    platforms: tuple[Platform, ...]
    language: Language = Language.SOURCE
    tone: Tone = Tone.NEUTRAL
    provider: str = AUTO


class CannotChange(PermanentError):
    """The conversion is not in a state that allows this."""

    code = "conflict"
    status_code = 409
    title = "Not possible now"
    sentence = "This conversion is %(status)s, so it cannot be %(wish)s."
    fault = Fault.REQUEST


def request_conversions(*, user: User, source: Source, wishes: Wishes, now: datetime) -> list[Conversion]:
    """Reserve the quota, store one pending conversion for each platform, and wake a worker on commit.

    :raises accounts.quota.QuotaExceeded: if not all of them fit into the day.
    :raises PermanentError: if the source cannot be an article, whoever reads it.
    """
    article = _article_of(user, source)
    batch_id = uuid.uuid4()
    conversions = [
        Conversion(
            user=user,
            article=article,
            batch_id=batch_id,
            position=position,
            source_url=source.url,
            target_platform=platform,
            language=wishes.language,
            tone=wishes.tone,
            requested_provider=wishes.provider,
            created_at=now,
            not_before=now,
            woken_at=now,
        )
        for position, platform in enumerate(wishes.platforms)
    ]
    with transaction.atomic(savepoint=False):  # nothing is raised in it that an outer transaction could outlive
        if quota.take(user=user, conversion_ids=[each.pk for each in conversions], actor=user.email, now=now):
            rows.insert(rows=[article], fields=ARTICLE_FIELDS)
            rows.insert(rows=conversions, fields=CONVERSION_FIELDS)
            _wake(article, conversions)
            return conversions
    raise quota.exceeded(user=user, units=len(conversions), now=now)


def cancel_conversion(*, conversion: Conversion, actor: str, now: datetime) -> Conversion:
    """Stop a conversion that is not finished and give its unit back.

    :raises CannotChange: if it is finished already.
    """
    with transaction.atomic():
        locked = Conversion.objects.select_for_update().get(pk=conversion.pk)
        if locked.status not in OPEN:
            raise CannotChange(status=locked.status, wish="cancelled")
        execution.end(conversion=locked, target=Status.CANCELLED, reason=CANCELLED_BY % {"actor": actor}, now=now)
    locked.refresh_from_db()
    return locked


def retry_conversion(*, conversion: Conversion, actor: str, now: datetime) -> Conversion:
    """Run a failed or cancelled conversion again: a new run of the same row, for a new unit.

    :raises CannotChange: if it is not failed or cancelled, or its article is gone.
    :raises accounts.quota.QuotaExceeded: if no unit is left today.
    """
    with transaction.atomic():
        locked = Conversion.objects.select_for_update().get(pk=conversion.pk)
        article = locked.article
        ended = locked.status in {Status.FAILED, Status.CANCELLED}
        if not ended or locked.user is None or article is None or not (article.url or article.text or article.html):
            raise CannotChange(status=locked.status, wish="run again")
        Conversion.objects.filter(pk=locked.pk).move(
            Status(locked.status),
            Status.PENDING,
            run=F("run") + 1,
            claim=F("claim") + 1,
            failure_code="",
            error_id=None,
            error_message="",
            fault="",
            retry_after=None,
            started_at=None,
            finished_at=None,
            deadline_at=None,
            purged_at=None,
            not_before=now,
            woken_at=now,
        )
        locked.refresh_from_db()
        quota.reserve(user=locked.user, conversion_ids=[locked.pk], actor=actor, run=locked.run, now=now)
        reading.renew(article=article, now=now)
        article.refresh_from_db()
        _wake(article, [locked])
    return locked


def flag_conversion(*, conversion: Conversion, note: str, now: datetime) -> None:
    """Mark a conversion to be looked at again; a new note takes the old one's place."""
    Conversion.objects.filter(pk=conversion.pk).update(flagged_at=now, flag_note=note)


def unflag_conversion(*, conversion: Conversion) -> None:
    """Take the mark off, and its note."""
    Conversion.objects.filter(pk=conversion.pk).update(flagged_at=None, flag_note="")


def regenerate_conversion(*, conversion: Conversion, actor: str, now: datetime) -> Conversion:
    """Write the post of one platform once more, for a new unit: a conversion beside the first, in the same request.

    :raises CannotChange: if the first is not at an end, or its article is gone.
    :raises accounts.quota.QuotaExceeded: if no unit is left today.
    """
    article = conversion.article
    ended = conversion.status in FINAL
    if not ended or conversion.user is None or article is None or article.verdict != Verdict.OK or not article.text:
        raise CannotChange(status=conversion.status, wish="written again")
    again = Conversion(
        **{name: getattr(conversion, name) for name in SAME_WISHES},
        created_at=now,
        not_before=now,
        woken_at=now,
    )
    with transaction.atomic():
        quota.reserve(user=conversion.user, conversion_ids=[again.pk], actor=actor, now=now)
        rows.insert(rows=[again], fields=CONVERSION_FIELDS)
        _wake(article, [again])
    return again


def _article_of(user: User, source: Source) -> Article:
    """Return the unsaved article; a pasted text is read here and now, there is nothing to wait for."""
    if source.text:
        found = from_text(text=source.text, url=source.url or None)
        require_ok(found)
        return Article(user=user, url=source.url, **Article.fields_of(found))
    if source.url:
        parse_url(url=source.url)
    return Article(user=user, url=source.url, html=source.html)


def _wake(article: Article, conversions: list[Conversion]) -> None:
    if article.verdict != Verdict.OK:
        tasks.wake(task=tasks.read_article, messages=[{"article_id": str(article.pk)}])
        return
    tasks.wake(task=tasks.run_conversion, messages=[{"conversion_id": str(each.pk)} for each in conversions])
