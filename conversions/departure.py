"""Somebody leaves: what they had goes, and of what was counted the figures stay, nobody's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auditlog import get_logentry_model
from auditlog.context import disable_auditlog
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from accounts.models import LoginSession, User
from conversions import execution
from conversions.enums import OPEN, Status
from conversions.models import Article, Attempt, Conversion, PostVersion, WebhookEndpoint
from newsforge.lib import audit
from newsforge.lib.errors import Fault, PermanentError
from newsforge.lib.sentences import stored

LEFT = stored("the account was deleted")
LEFT_BY_ITSELF = stored("the account was deleted by its owner")


class StaffStays(PermanentError):
    """What staff did is answered for by name; a colleague ends their account."""

    code = "staff-account"
    status_code = 409
    title = "This is an account of the staff"
    sentence = "An account of the staff is not deleted by its owner. Ask an administrator to end it."
    fault = Fault.REQUEST


def delete_account(*, user: User, now: datetime) -> bool:
    """Cancel what runs, delete the account and everything of it, and keep the figures of its conversions unnamed.

    A worker in the middle of one of them finds it cancelled and keeps nothing. One transaction: all of it, or nothing.
    Tell whether it was there: a form that is sent twice deletes it once.

    :raises StaffStays: if the account is of the staff.
    """
    with transaction.atomic():
        # First the conversions, then the user, as a worker at its end: the other way round they lock each other out.
        list(Conversion.objects.select_for_update(no_key=True).filter(user=user.pk).order_by("pk").values_list("pk"))
        locked = User.objects.select_for_update().filter(pk=user.pk).first()
        if locked is None:
            return False
        if locked.is_staff or locked.is_superuser:
            raise StaffStays
        WebhookEndpoint.objects.filter(user=locked).delete()  # nobody is told of what is cancelled now
        cancelled = _cancel_all(locked, now)
        _strip(locked, cancelled, now)
        Session.objects.filter(pk__in=LoginSession.objects.filter(user=locked).values("session_id")).delete()
        with disable_auditlog():  # its entries would hold what is being deleted
            locked.delete()
        with audit.nobody():
            gone = User(pk=user.pk, email="")
            audit.note(row=gone, text=LEFT_BY_ITSELF, action=get_logentry_model().Action.DELETE)
    return True


def _cancel_all(user: User, now: datetime) -> list[UUID]:
    running = list(Conversion.objects.select_for_update().filter(user=user, status__in=OPEN).order_by("pk"))
    for conversion in running:
        execution.end(conversion=conversion, target=Status.CANCELLED, reason=LEFT, now=now)
    return [conversion.pk for conversion in running]


def _strip(user: User, cancelled: list[UUID], now: datetime) -> None:
    """Leave of the conversions what was counted: platform, status, time, tokens and cost.

    A worker may still write down an answer to one that was cancelled just now; retention takes that away in its time.
    """
    mine = Conversion.objects.filter(user=user)
    PostVersion.objects.filter(conversion__in=mine).delete()
    Attempt.objects.filter(conversion__in=mine).update(reply=None, prompt_hash="", request_id="", error_message="")
    articles = list(Article.objects.filter(Q(user=user) | Q(conversions__user=user)).values_list("pk", flat=True))
    mine.exclude(pk__in=cancelled).update(purged_at=now)
    mine.update(
        user=None, article=None, source_url="", title="", content_generated="", hashtags=[], findings=[],
        error_message="", flag_note="", updated_at=now,
    )  # fmt: skip
    Article.objects.filter(pk__in=articles, conversions=None).delete()
