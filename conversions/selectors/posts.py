"""What customers ask of their conversions; a stranger's rows are never among them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from conversions.enums import FINAL, AttemptState, Status, Verdict
from conversions.models import Attempt, Conversion, PostVersion
from newsforge.lib.errors import Fault, PermanentError


class NotFound(PermanentError):
    """There is no such row, or it is somebody else's."""

    code = "not-found"
    status_code = 404
    title = "Not found"
    sentence = "There is nothing of yours at this address. Check the id."
    fault = Fault.REQUEST


def conversions_of(*, user: User) -> QuerySet[Conversion]:
    """Return the user's conversions with their articles, unordered."""
    return Conversion.objects.filter(user=user).select_related("article")


def conversion_of(*, user: User, conversion_id: UUID) -> Conversion:
    """Return one conversion of the user's.

    :raises NotFound: if there is none with this id.
    """
    found = conversions_of(user=user).filter(pk=conversion_id).first()
    if found is None:
        raise NotFound
    return found


def any_conversion(*, conversion_id: UUID) -> Conversion:
    """Return one conversion, whosever it is: for staff.

    :raises NotFound: if there is none with this id.
    """
    found = Conversion.objects.select_related("article").filter(pk=conversion_id).first()
    if found is None:
        raise NotFound
    return found


def batch_of(*, user: User, batch_id: UUID) -> list[Conversion]:
    """Return the conversions of one request in the order they were asked for.

    :raises NotFound: if the user made no such request.
    """
    found = list(conversions_of(user=user).filter(batch_id=batch_id).order_by("created_at", "position"))
    if not found:
        raise NotFound
    return found


def answered(*, conversions: Iterable[Conversion]) -> set[UUID]:
    """Return which of these that are worked on have an answer of a provider already."""
    working = [row.pk for row in conversions if row.status == Status.PROCESSING]
    if not working:
        return set()
    found = Attempt.objects.filter(conversion_id__in=working, state=AttemptState.ANSWERED)
    return set(found.values_list("conversion_id", flat=True))


def stage_of(*, conversion: Conversion, is_answered: bool) -> str:
    """Return where a conversion stands: its status at an end, else queued, reading, writing or checking."""
    if conversion.status in FINAL:
        return str(conversion.status)
    if conversion.status == Status.PROCESSING:
        return "checking" if is_answered else "writing"
    article = conversion.article
    is_being_read = article is not None and article.verdict == Verdict.UNREAD and article.lease_until is not None
    return "reading" if is_being_read else "queued"


def versions_of(*, conversion: Conversion) -> list[PostVersion]:
    """Return every state of the post's text, the newest first; the only one of a post nobody edited is not a row."""
    if conversion.version > 1 or conversion.status != Status.SUCCEEDED:
        return list(conversion.versions.order_by("-number"))
    only = PostVersion(
        conversion=conversion,
        number=1,
        title=conversion.title,
        text=conversion.content_generated,
        hashtags=conversion.hashtags,
        length=conversion.length or 0,
        limit=conversion.limit,
        findings=conversion.findings,
        author=conversion.provider,
        created_at=conversion.finished_at or conversion.created_at,
    )
    return [only]
