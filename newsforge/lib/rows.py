"""Rows by plain SQL, for the few statements that run with every request.

The ORM builds the same text anew each time, which costs ten times what running it does; here it is built once. What
a statement does not name, the database's own defaults fill.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


def insert(*, rows: Sequence[Model], fields: tuple[str, ...]) -> None:
    """Insert these fields of new rows of one model, all in one statement; the rows then count as stored."""
    model = type(rows[0])
    names = _attributes(model, fields)
    values = [getattr(row, name) for row in rows for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_insert(model, fields, len(rows)), values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def columns(model: type[Model], alias: str) -> str:
    """Return the model's columns as a SELECT names them, for ``stored`` to read."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def stored(model: type[M], values: Sequence[Any]) -> M:
    """Return the row whose columns a SELECT of ``columns`` has given."""
    return model.from_db(connection.alias, _all_attributes(model), values)


@cache
def _insert(model: type[Model], fields: tuple[str, ...], count: int) -> str:
    named = ", ".join(f'"{model._meta.get_field(name).column}"' for name in fields)
    one = f"({', '.join(['%s'] * len(fields))})"
    return f'INSERT INTO "{model._meta.db_table}" ({named}) VALUES {", ".join([one] * count)}'  # noqa: S608 - names of ours


@cache
def _attributes(model: type[Model], fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(model._meta.get_field(name).attname for name in fields)


@cache
def _all_attributes(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
