"""Rows by plain SQL, for the few statements that run with every request.

The ORM builds the same text anew each time, which costs ten times what running it does; here it is built once, and
PostgreSQL parses and plans it once for each connection. What a statement does not name, the database's own defaults
fill.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, JSONField, Model, QuerySet


def cursor() -> CursorWrapper:
    """Return a cursor for a statement that runs often: PostgreSQL keeps its plan (setting ``prepare_threshold``).

    Django's own puts the values into the text, so that each one is new to the database.
    """
    here = connections[DEFAULT_DB_ALIAS]  # looked up once, and not with each of its attributes
    here.ensure_connection()
    plain: Any = psycopg.Cursor(here.connection)  # the stubs would have a wrapper wrapped
    return here.make_debug_cursor(plain) if here.queries_logged else here.make_cursor(plain)


def insert(*, rows: Sequence[Model], fields: tuple[str, ...]) -> None:
    """Insert these fields of new rows of one model, all in one statement; the rows then count as stored.

    A row whose key the database makes has it afterwards.
    """
    model = type(rows[0])
    names = _attributes(model, fields)
    values = [value for row in rows for value in _prepared(model, fields, [getattr(row, name) for name in names])]
    with cursor() as hot:
        hot.execute(_insert(model, fields, len(rows)), values)
        keys = hot.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = row.pk or key
        row._state.adding, row._state.db = False, connection.alias


def update(*, model: type[Model], where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Set these fields where those fields have these values, none of them NULL; return how many rows there were."""
    setting = _prepared(model, tuple(values), values.values())
    finding = _prepared(model, tuple(where), where.values())
    with cursor() as hot:
        hot.execute(_update(model, tuple(values), tuple(where)), [*setting, *finding])
        return int(hot.rowcount)


def remove(*, doomed: QuerySet[Any], at_once: int = 1000) -> int:
    """Delete the rows, so many in one transaction that nobody waits for long; return how many there were."""
    done = 0
    while batch := list(doomed.values_list("pk", flat=True)[:at_once]):
        done += doomed.filter(pk__in=batch).delete()[0]
    return done


def columns(model: type[Model], alias: str) -> str:
    """Return the model's columns as a SELECT names them, for ``read``."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def read(values: Sequence[Any], *models: type[Model]) -> Iterator[Any]:
    """Yield one row of each model out of what a SELECT of their ``columns`` gave, None for one an outer join missed."""
    start = 0
    for model in models:
        names = _all_attributes(model)
        mine = values[start : start + len(names)]
        start += len(names)
        yield None if mine[names.index(model._meta.pk.attname)] is None else model.from_db("default", names, mine)


@cache
def _insert(model: type[Model], fields: tuple[str, ...], count: int) -> str:
    named = ", ".join(f'"{field.column}"' for field in _fields(model, fields))
    one = f"({', '.join(['%s'] * len(fields))})"
    table, key = model._meta.db_table, model._meta.pk.column
    return f'INSERT INTO "{table}" ({named}) VALUES {", ".join([one] * count)} RETURNING "{key}"'  # noqa: S608 - names of ours


@cache
def _update(model: type[Model], values: tuple[str, ...], where: tuple[str, ...]) -> str:
    setting = ", ".join(f'"{field.column}" = %s' for field in _fields(model, values))
    finding = " AND ".join(f'"{field.column}" = %s' for field in _fields(model, where))
    return f'UPDATE "{model._meta.db_table}" SET {setting} WHERE {finding}'  # noqa: S608 - names of ours


@cache
def _fields(model: type[Model], names: tuple[str, ...]) -> tuple[Field[Any, Any], ...]:
    meta = model._meta
    return tuple(meta.pk if name == "pk" else meta.get_field(name) for name in names)  # type: ignore[misc] # no relation


def _prepared(model: type[Model], names: tuple[str, ...], values: Iterable[Any]) -> list[Any]:
    """Return the values as the driver takes them, which for all but JSON is as they are."""
    return [
        field.get_db_prep_save(value, connection) if isinstance(field, JSONField) else value
        for field, value in zip(_fields(model, names), values, strict=True)
    ]


@cache
def _attributes(model: type[Model], fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(field.attname for field in _fields(model, fields))


@cache
def _all_attributes(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
