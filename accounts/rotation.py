"""Seal every stored secret anew with the newest key, while the product runs.

A model says which of its columns are sealed (``sealed_columns``) and what they are bound to (``sealed_for``); nothing
else is needed for a new one to be rotated too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from accounts.login import BOUND_TO
from newsforge.lib.crypto import CannotDecrypt, KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One sealed column of one model."""

    model: type[Model]
    name: str

    def __str__(self) -> str:
        return f"{self.model._meta.db_table}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What became of some rows, in the order of their keys."""

    opened: list[Model]
    resealed: int
    overtaken: int
    """Changed by somebody else between reading and writing, and left as they are."""
    unreadable: list[tuple[Model, CannotDecrypt]] = field(default_factory=list)


def columns() -> list[Column]:
    """Return every sealed column of the project."""
    return [
        Column(model=model, name=name) for model in apps.get_models() for name in getattr(model, "sealed_columns", ())
    ]


def rotate(*, column: Column, ring: KeyRing, batch_size: int) -> Iterator[Batch]:
    """Open every text of a column, and seal anew what is not under the newest key; yield after each batch.

    Each batch is one short transaction. A text is replaced only where it still is what was read, so that a key entered
    meanwhile is never overwritten. Interrupted anywhere, the next run goes on: what is sealed anew is only read.
    """
    rows = _stored(column).order_by("pk")
    last: Any = None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:batch_size]):
        last = batch[-1].pk
        changes, readable, unreadable = [], [], []
        for row in batch:
            old: str = getattr(row, column.name)
            try:
                opened = ring.decrypt(ciphertext=old, bound_to=_place(row))
            except CannotDecrypt as failure:
                unreadable.append((row, failure))
                continue
            readable.append(row)
            if ring.key_id(ciphertext=old) != ring.newest:
                changes.append((ring.encrypt(plaintext=opened, bound_to=_place(row)), row.pk, old))
        done = _replace(column, changes)
        yield Batch(opened=readable, resealed=done, overtaken=len(changes) - done, unreadable=unreadable)


def left(*, column: Column, ring: KeyRing) -> int:
    """Return how many texts of a column are not under the newest key."""
    return _stored(column).exclude(**{f"{column.name}__startswith": ring.current}).count()


def reseal_factors(*, ring: KeyRing) -> tuple[int, list[tuple[Model, CannotDecrypt]]]:
    """Seal second factors anew, each in its row's JSON; return how many were, and which do not open."""
    resealed, unreadable = 0, []
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            for name in ("secret", "seed"):
                old = factor.data.get(name) if factor else None
                if old is None:
                    continue
                try:
                    opened = ring.decrypt(ciphertext=old, bound_to=BOUND_TO)
                except CannotDecrypt as failure:
                    unreadable.append((factor, failure))
                    continue
                if ring.key_id(ciphertext=old) != ring.newest:
                    factor.data[name] = ring.encrypt(plaintext=opened, bound_to=BOUND_TO)
                    factor.save(update_fields=["data"])
                    resealed += 1
    return resealed, unreadable


def _stored(column: Column) -> QuerySet[Any]:
    return QuerySet(column.model).exclude(**{column.name: ""})


def _place(row: Any) -> str:
    return str(row.sealed_for)


def _replace(column: Column, changes: list[tuple[str, Any, str]]) -> int:
    """Write the new texts where the old ones still stand; return how many were written."""
    if not changes:
        return 0
    quote, facts = connection.ops.quote_name, column.model._meta
    table, name, key = quote(facts.db_table), quote(column.name), quote(str(facts.pk.column))
    sql = f"UPDATE {table} SET {name} = %s WHERE {key} = %s AND {name} = %s"  # noqa: S608 - names of our own models
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, changes)
        return int(cursor.rowcount)
