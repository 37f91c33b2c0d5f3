"""Pieces of schema that Django 5.2 cannot say itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def choices(values: type[StrEnum]) -> list[tuple[str, Promise]]:
    """Return a closed set as Django's choices, each value's words in the reader's language."""
    return [(value.value, _(value.value.replace("_", " "))) for value in values]


def one_of(field: str, values: type[StrEnum], name: str) -> models.CheckConstraint:
    """Return the constraint that holds a column to its closed set."""
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{field}__in": [value.value for value in values]}))


def not_negative(*fields: str, name: str) -> models.CheckConstraint:
    """Return the constraint that no counter falls below zero."""
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{field}__gte": 0 for field in fields}))


def bound_statements() -> None:
    """Let the database end what takes longer than ``STATEMENT_SECONDS``, or waits longer than ``LOCK_SECONDS``.

    For the processes somebody waits for: web and workers call it before their first connection. Commands do not: a
    migration, a backup or a rotation takes as long as it takes. What DATABASE_URL?options=… says itself stands.
    """
    bounds = {"statement_timeout": settings.STATEMENT_SECONDS, "lock_timeout": settings.LOCK_SECONDS}
    options = connection.settings_dict["OPTIONS"]
    said = [f"-c {name}={seconds * 1000}" for name, seconds in bounds.items()]
    options["options"] = " ".join([*said, options.get("options", "")]).strip()


def connect_apart(*, seconds: int = 3) -> psycopg.Connection[Any]:
    """Open a connection beside the pool, in autocommit, within so many seconds; use it as a context manager.

    :raises psycopg.OperationalError: if the database does not let us in.
    """
    params = connection.get_connection_params()
    for pooled in ("pool", "cursor_factory", "context", "prepare_threshold"):
        params.pop(pooled, None)
    return psycopg.connect(**{**params, "connect_timeout": seconds}, autocommit=True)


class ForeignKeyOnDelete(Operation):
    """Give a foreign key its ON DELETE rule in the database, so that plain SQL obeys it.

    Django 5.2 enforces ``on_delete`` in Python only and creates its constraint without a rule.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, field_name: str, rule: str) -> None:
        """Take the model, its field, and ``CASCADE`` or ``SET NULL``."""
        self.model_name = model_name
        self.field_name = field_name
        self.rule = rule

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the models as they are."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - the signature is Django's
        to_state: ProjectState,
    ) -> None:
        """Replace Django's constraint by one with the rule."""
        self._replace(app_label, schema_editor, to_state, f" ON DELETE {self.rule}")

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - the signature is Django's
        to_state: ProjectState,
    ) -> None:
        """Put Django's own constraint back."""
        self._replace(app_label, schema_editor, to_state, "")

    def describe(self) -> str:
        """Return one line for the migration's listing."""
        return f"ON DELETE {self.rule} for {self.model_name}.{self.field_name}"

    def _replace(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState, rule: str) -> None:
        model = state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.field_name)
        target = field.remote_field.model._meta
        quote = schema_editor.quote_name
        table, column = model._meta.db_table, field.column
        name = f"{table}_{column}_fk"
        with schema_editor.connection.cursor() as cursor:
            found = schema_editor.connection.introspection.get_constraints(cursor, table)
        for old, facts in found.items():
            if facts["foreign_key"] and facts["columns"] == [column]:
                schema_editor.execute(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(old)}")
        schema_editor.execute(
            f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} FOREIGN KEY ({quote(column)}) "
            f"REFERENCES {quote(target.db_table)} ({quote(target.pk.column)}){rule} "
            "DEFERRABLE INITIALLY DEFERRED"
        )
