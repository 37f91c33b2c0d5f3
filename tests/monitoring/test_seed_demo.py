"""The demo set: consistent as if it had been lived, in a database that is as strict afterwards as before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.test import override_settings

from accounts import keys
from accounts.models import AccessToken, ApiKey, QuotaEntry, User
from conversions.enums import FailureCode, Status
from conversions.models import Attempt, Conversion, HourlySpend, HourlyTally
from monitoring.models import AuditEntry, Incident, SystemMetric

RULES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace UNION ALL
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL
SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2, 3"""

COUNTED = "SELECT count(*), max(id) FROM counted_events"
"""Other tests may have left some: what empties the tables of models after each of them does not know this one."""


def rules() -> list[str]:
    """Everything the tables are held to; without casts and brackets, which PostgreSQL writes anew each time."""
    return [re.sub(r"::[a-z ]+(\[\])?|[()]", "", str(row)) for row in asked(RULES)]


def asked(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.fixture
def seeded(transactional_db: None) -> Iterator[str]:
    before, counted, out = rules(), asked(COUNTED), StringIO()
    call_command("seed_demo", "--scale", "0.002", stdout=out)
    assert rules() == before, "foreign keys, indexes and triggers are as they were"
    assert asked(COUNTED) == counted, "what never happened is not counted"
    yield out.getvalue()
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE users, articles, incidents, system_metrics, circuit_transitions, audit_entries, hourly_tallies,"
            " hourly_spends CASCADE"
        )


def test_the_set_is_as_if_it_had_been_lived(seeded: str) -> None:
    assert Conversion.objects.count() == 2000
    assert "conversions: 2,000" in seeded
    assert set(Conversion.objects.values_list("status", flat=True)) == {*Status}
    assert set(Conversion.objects.exclude(failure_code="").values_list("failure_code", flat=True)) == {*FailureCode}
    total = Coalesce(Sum("quota_entries__units"), 0)
    assert not User.objects.annotate(total=total).exclude(total=F("api_quota_used")).exists()
    assert User.objects.filter(api_quota_used__gt=0).exists()
    assert not User.objects.filter(api_quota_used__gt=F("api_quota_daily")).exists()
    final = Conversion.objects.filter(status__in=(Status.SUCCEEDED, Status.FAILED, Status.CANCELLED))
    assert QuotaEntry.objects.filter(kind__in=("settle", "release")).count() == final.count()
    assert QuotaEntry.objects.count() > 60 * User.objects.filter(password="!demo", is_staff=False).count()
    assert Attempt.objects.exists()
    assert Incident.objects.filter(resolved_at=None).exists()
    assert SystemMetric.objects.exists()
    assert HourlyTally.objects.aggregate(all=Sum("count")) == {"all": 2000}
    assert HourlySpend.objects.aggregate(all=Sum("calls")) == {"all": Attempt.objects.count()}
    assert AuditEntry.objects.count() >= 400
    assert set(AuditEntry.objects.values_list("actor_email", flat=True)) == {"", "desk@newsforge-demo.example"}
    assert not Conversion.objects.filter(status="succeeded", prompt_version="").exists()


def test_nobody_comes_in_as_a_demo_user_and_its_keys_open(seeded: str) -> None:
    assert not [user for user in User.objects.all()[:5] if user.check_password("!demo") or user.has_usable_password()]
    assert AccessToken.objects.exists()
    key = ApiKey.objects.all()[0]
    assert keys.reveal(key=key) == f"sk-demo-{key.pk}"


def test_a_second_set_and_production_are_refused_with_a_sentence(seeded: str) -> None:
    with pytest.raises(CommandError, match="a demo set in this database already"):
        call_command("seed_demo")
    with (
        override_settings(SETTINGS_MODULE="newsforge.settings.production"),
        pytest.raises(CommandError, match="say --into-production"),
    ):
        call_command("seed_demo")
