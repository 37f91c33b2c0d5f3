"""Who changed what, from where: what django-auditlog cannot see of it, and how an entry is read.

Saving or deleting a row of a registered model leaves an entry by itself, in the same transaction. What is written past
the models (``update()``, plain SQL) and what staff do by hand with rows of any table is noted here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import structlog
from auditlog import get_logentry_model
from auditlog.diff import get_field_value
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.formats import localize
from django.utils.text import Truncator, capfirst

from newsforge.lib import client_address, redact

HIDDEN = "••••"
"""What stands in an entry for a secret, before and after: that it changed is told, not what it is."""

HASHES = frozenset({"password", "secret_hash"})

LONGEST_VALUE = 500
"""Characters of a value that are kept; a post or an article is in its own row."""

_request: ContextVar[HttpRequest | None] = ContextVar("audited_request", default=None)


class Author(NamedTuple):
    """Who acts, and where from; nobody when the service acts by itself."""

    pk: Any = None
    email: str = ""
    address: str | None = None


class Change(NamedTuple):
    """One line of an entry as a person reads it."""

    field: str
    before: str
    after: str


def requests(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that lets entries know whose request made them; it looks nothing up by itself."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        token = _request.set(request)
        try:
            return get_response(request)
        finally:
            _request.reset(token)

    return answer


@contextmanager
def nobody() -> Iterator[None]:
    """Note what is done in the block without who did it and where from."""
    token = _request.set(None)
    try:
        yield
    finally:
        _request.reset(token)


def author() -> Author:
    """Return who is behind the request that is being answered."""
    request = _request.get()
    if request is None:
        return Author()
    user = getattr(request, "user", None)
    address = client_address.of(request)
    if user is None or not user.is_authenticated:
        return Author(address=address)
    return Author(pk=user.pk, email=user.get_username(), address=address)


def request_id() -> str | None:
    """Return the id the request has in the log, so that an entry leads to its lines."""
    known = structlog.contextvars.get_contextvars().get("request_id")
    return str(known)[:255] if known else None


def is_secret(*, model: type[Model], name: str) -> bool:
    """Tell whether a column holds what no entry may show."""
    return name in HASHES or name in getattr(model, "sealed_columns", ())


def hide(_value: str) -> str:
    """Return what is shown in a secret's place; the signature is django-auditlog's."""
    return HIDDEN


def remember(row: Model) -> None:
    """Keep how a row stands before something is done with it, so that ``note`` can say what changed."""
    vars(row)["audited_before"] = copy.copy(row)


def note(
    *, row: Model, text: str = "", changes: Mapping[str, tuple[object, object]] | None = None, action: int | None = None
) -> None:
    """Add an entry for what was done with a row: in words, and what changed since ``remember`` or as said here."""
    entries = get_logentry_model()
    model = type(row)
    lines = {
        name: (HIDDEN, HIDDEN) if is_secret(model=model, name=name) else (str(before), str(after))
        for name, (before, after) in (changes or _changed(row)).items()
    }
    with translation.override("en"):  # a row whose name is a sentence is kept under the one that can be told again
        entries.objects.log_create(
            row,
            force_log=True,
            action=entries.Action.UPDATE if action is None else action,
            changes=lines,
            additional_data={"did": redact.text(text)} if text else None,
        )


def kept(changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what changed as it is stored: no value longer than a line or two, no secret somebody typed into one."""
    return {
        name: change if isinstance(change, dict) else [_line(str(value)) for value in change]
        for name, change in (changes or {}).items()
    }


def entries_of(*, row: Model) -> QuerySet[Any]:
    """Return the entries of a row, newest first."""
    kind = ContentType.objects.get_for_model(row)
    found: QuerySet[Any] = get_logentry_model().objects.filter(content_type=kind, object_pk=str(row.pk))
    return found.order_by("-pk")


def lines_of(*, entry: Any) -> Iterator[Change]:
    """Yield what an entry says changed."""
    model = entry.content_type.model_class()
    for name, change in sorted((entry.changes or {}).items()):
        if isinstance(change, dict):  # rows joined to this one or parted from it
            names = ", ".join(change["objects"])
            added = change["operation"] == "add"
            yield Change(_label(model, name), "" if added else names, names if added else "")
        else:
            yield Change(_label(model, name), *(_read(model, name, value) for value in change))


def _changed(row: Model) -> dict[str, tuple[object, object]]:
    before: Model | None = vars(row).pop("audited_before", None)
    after: Model | None = QuerySet(type(row)).filter(pk=row.pk).first() if before is not None else None
    if before is None or after is None or _is_told(row):
        return {}
    known = [each for each in row._meta.concrete_fields if each.attname in vars(before)]
    pairs = {each.name: (get_field_value(before, each), get_field_value(after, each)) for each in known}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and name != "updated_at"}


def _line(value: str) -> str:
    return Truncator(redact.text(value)).chars(LONGEST_VALUE)


def _is_told(row: Model) -> bool:
    """Tell whether saving the row, in this same request, has left what changed in an entry already."""
    last = entries_of(row=row).first() if auditlog.contains(type(row)) else None
    return last is not None and bool(last.changes) and last.cid is not None and last.cid == request_id()


def _label(model: type[Model] | None, name: str) -> str:
    try:
        return capfirst(str(model._meta.get_field(name).verbose_name)) if model else name  # type: ignore[union-attr]
    except (FieldDoesNotExist, AttributeError):
        return name


def _read(model: type[Model] | None, name: str, value: str) -> str:
    """Return a stored value as a person reads it; moments are stored in UTC."""
    if value == "None":
        return ""
    try:
        field = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return value
    moment = parse_datetime(value) if isinstance(field, DateTimeField) else None
    if moment is not None:
        aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment, timezone.get_fixed_timezone(0))
        return str(localize(timezone.localtime(aware)))
    choices = dict(getattr(field, "flatchoices", ()))
    return str(choices.get(value, value))
