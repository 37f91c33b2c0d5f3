"""The tables as plain SQL finds them: names, defaults, rules and closed sets hold without Django."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import Error, connection, models, transaction

from accounts.models import User
from tests.factories import make_conversion, make_one_of_each

pytestmark = pytest.mark.django_db

OURS = [
    model for label in ("accounts", "conversions", "monitoring") for model in apps.get_app_config(label).get_models()
]

ASKED_FOR = {
    "users": """id email username password_hash subscription_tier api_quota_daily api_quota_used last_quota_reset
        created_at updated_at is_active email_verified""",
    "api_keys": "id user_id key_name provider encrypted_key is_active created_at last_used usage_count",
    "conversion_logs": """id user_id source_url target_platform provider content_generated processing_time_ms status
        error_message created_at tokens_used cost_usd""",
    "system_metrics": "id metric_name metric_value timestamp metadata",
}

INDEXES = {
    "idx_users_email",
    "idx_api_keys_user_id",
    "idx_conversion_logs_user_id",
    "idx_conversion_logs_created_at",
    "idx_system_metrics_timestamp",
}

MAY_BE_NEGATIVE = {("quota_entries", "units"), ("system_metrics", "metric_value")}
"""A ledger gives back, and a metric may measure anything."""


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


def is_refused(sql: str, *values: Any) -> bool:
    """Tell whether the database refuses the statement, deferred constraints included; its effect is undone."""
    try:
        with transaction.atomic():
            rows(sql, *values)
            rows("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
    except Error:
        return True
    return False


def insert(table: str, **values: Any) -> dict[str, Any]:
    """Insert by plain SQL and return the whole row, defaults included."""
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING *", [*values.values()])  # noqa: S608 - our own names
        names = [column.name for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchone(), strict=True))


def columns_with(
    kind: type[models.Field[Any, Any]] | tuple[type[models.Field[Any, Any]], ...],
) -> Iterator[tuple[str, str]]:
    for model in OURS:
        for field in model._meta.concrete_fields:
            if isinstance(field, kind) and not field.primary_key and not field.is_relation:
                yield model._meta.db_table, str(field.column)


def test_the_tables_and_columns_that_were_asked_for_are_there() -> None:
    for table, names in ASKED_FOR.items():
        found = {
            name for (name,) in rows("SELECT column_name FROM information_schema.columns WHERE table_name = %s", table)
        }
        assert set(names.split()) <= found, table


def test_the_indexes_that_were_asked_for_are_there() -> None:
    assert {name for (name,) in rows("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")} >= INDEXES


def test_money_and_measures_keep_their_precision() -> None:
    precise = {
        (table, column): (digits, places)
        for table, column, digits, places in rows(
            "SELECT table_name, column_name, numeric_precision, numeric_scale FROM information_schema.columns"
            " WHERE data_type = 'numeric' AND table_schema = 'public'"
        )
    }
    assert precise["conversion_logs", "cost_usd"] == (10, 6)
    assert precise["system_metrics", "metric_value"] == (15, 6)


def test_a_row_of_only_what_must_be_said_gets_the_rest_from_the_database() -> None:
    user = insert("users", email="sql@acme.example", username="sql", password_hash="!")
    assert (user["subscription_tier"], user["api_quota_daily"], user["api_quota_used"]) == ("free", 5, 0)
    assert (user["is_active"], user["email_verified"], user["is_superuser"]) == (True, False, False)
    assert user["last_quota_reset"]
    assert user["created_at"]
    assert user["updated_at"]

    key = insert("api_keys", user_id=user["id"], key_name="desk", provider="openai", encrypted_key="v1.k1.x")
    assert (key["is_active"], key["usage_count"], key["last_used"]) == (True, 0, None)

    conversion = insert("conversion_logs", user_id=user["id"], target_platform="x")
    assert (conversion["status"], conversion["tokens_used"], conversion["cost_usd"]) == ("pending", 0, None)

    metric = insert("system_metrics", metric_name="queue_depth", metric_value=3)
    assert metric["metadata"] in ({}, "{}")
    assert metric["timestamp"]


def test_every_default_of_a_model_is_a_default_of_its_column() -> None:
    missing = [
        f"{model._meta.db_table}.{field.column}"
        for model in OURS
        for field in model._meta.concrete_fields
        if field.has_default() and not field.has_db_default()
    ]
    assert missing == []


def test_deleting_a_user_takes_the_keys_and_leaves_the_log(acme: User) -> None:
    made = make_one_of_each(acme)
    rows("DELETE FROM users WHERE id = %s", acme.pk)
    rows("SET CONSTRAINTS ALL IMMEDIATE")
    assert rows("SELECT count(*) FROM api_keys") == [(0,)]
    assert rows("SELECT count(*) FROM access_tokens") == [(0,)]
    assert rows("SELECT user_id FROM conversion_logs") == [(None,)]
    assert rows("SELECT user_id FROM articles") == [(None,)]
    assert len(made) == len(OURS)


def test_every_foreign_key_does_in_sql_what_it_does_in_django() -> None:
    letters: dict[Any, str] = {models.CASCADE: "c", models.SET_NULL: "n"}
    found = {
        (table, column): rule
        for table, column, rule in rows(
            "SELECT conrelid::regclass::text, attname, confdeltype::text FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f'"
        )
    }
    for model in OURS:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                rule = letters[field.remote_field.on_delete]
                assert found[model._meta.db_table, field.column] == rule, f"{model._meta.db_table}.{field.column}"


def test_every_closed_set_refuses_a_stranger(acme: User) -> None:
    make_one_of_each(acme)
    open_sets = [
        f"{model._meta.db_table}.{field.column}"
        for model in OURS
        for field in model._meta.concrete_fields
        if field.choices and not is_refused(f"UPDATE {model._meta.db_table} SET {field.column} = 'zz'")  # noqa: S608 - our own names
    ]
    assert open_sets == []


def test_every_count_and_amount_refuses_to_fall_below_zero(acme: User) -> None:
    make_one_of_each(acme)
    below = [
        f"{table}.{column}"
        for table, column in columns_with((models.IntegerField, models.DecimalField))
        if (table, column) not in MAY_BE_NEGATIVE and not is_refused(f'UPDATE {table} SET "{column}" = -1')  # noqa: S608 - our own names
    ]
    assert below == []


@pytest.mark.parametrize(
    "change",
    [
        "status = 'done'",
        "status = 'failed'",
        "failure_code = 'bad-key'",
        "status = 'failed', failure_code = 'no-such-code'",
        "status = 'succeeded'",
        "provider = 'gemini'",
        "requested_provider = 'gemini'",
        'length = 281, "limit" = 280',
        "user_id = '00000000-0000-0000-0000-000000000001'",
    ],
)
def test_a_pending_conversion_never_becomes_what_makes_no_sense(acme: User, change: str) -> None:
    make_conversion(acme)
    assert is_refused(f"UPDATE conversion_logs SET {change}")  # noqa: S608 - listed above


@pytest.mark.parametrize("twin", ["EDITOR@acme.example", "Editor@ACME.example"])
def test_an_address_in_other_letters_is_the_same_address(acme: User, twin: str) -> None:
    assert is_refused(
        "INSERT INTO users (email, username, password_hash) VALUES (%s, %s, '!')", twin, str(uuid.uuid4())
    )


def test_a_run_of_a_conversion_ends_once_in_the_ledger(acme: User) -> None:
    line = "INSERT INTO quota_entries (user_id, kind, units, conversion_id) VALUES (%s, %s, 0, %s)"
    conversion_id = uuid.uuid4()
    rows(line, acme.pk, "settle", conversion_id)
    assert is_refused(line, acme.pk, "release", conversion_id)
    assert is_refused(line, acme.pk, "settle", conversion_id)
    assert is_refused(line, acme.pk, "reserve", uuid.uuid4())  # a reserve that takes nothing


def test_the_migrations_are_what_the_models_say(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out
