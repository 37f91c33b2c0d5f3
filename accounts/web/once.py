"""A form that is sent twice, by a second click or a reload, does its work once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from django import forms
from django.db import transaction
from django.utils import timezone

from accounts import idempotency
from accounts.models import User

T = TypeVar("T")


class OnceForm(forms.Form):
    """A form that does its work once, however often it is sent; by itself nothing but the wish."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What came of a form: ``made`` is there the first time only, ``kept`` every time."""

    made: T | None
    kept: str


def do_once(
    *, user: User, once: UUID, path: str, asked: object, act: Callable[[], T], keep: Callable[[T], str] = lambda _: ""
) -> Done[T]:
    """Act in one transaction, or return what an earlier sending of the form has left.

    ``once`` is the form's own. What did not succeed is not kept: the same form may be sent again.

    :raises accounts.idempotency.KeyInUse: if the form's first sending is still at work.
    :raises accounts.idempotency.KeyReused: if the form was sent for something else before.
    """
    digest = idempotency.request_hash(method="POST", path=path, body=asked)
    record = idempotency.begin(user=user, key=f"form-{once}", request_hash=digest, now=timezone.now())
    if record.status_code is not None:
        return Done(None, record.body)
    try:
        with transaction.atomic():
            made = act()
            kept = keep(made)
            idempotency.finish(record=record, status_code=302, headers={}, body=kept)
    except Exception:  # whatever it was, nothing was done
        idempotency.forget(record=record)
        raise
    return Done(made, kept)
