"""Taking one's data along, and leaving: every table that is somebody's, found by its foreign keys, not by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection, transaction
from django.db.models import ForeignKey, Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import quota, services
from accounts.models import User
from conversions import departure, execution
from conversions.departure import StaffStays
from conversions.enums import Status
from conversions.models import Article, Attempt, Conversion
from conversions.own_data import TABLES
from monitoring.models import AuditEntry
from tests.conversions.test_idempotency import in_thread, wait_until
from tests.factories import (
    PASSWORD,
    PROVIDER_KEY,
    make_article,
    make_attempt,
    make_conversion,
    make_endpoint,
    make_key,
    make_one_of_each,
    make_token,
)
from tests.limits import forget_tries

pytestmark = pytest.mark.django_db

ELSEWHERE = {LogEntry, EmailConfirmation}
"""Django's own log of the admin: only staff are in it, and they cannot leave by themselves. And a table django-allauth
leaves empty while links are signed (``ACCOUNT_EMAIL_CONFIRMATION_HMAC``, its default)."""


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    """Nobody's tries count in the next test."""
    yield
    forget_tries()


def owned() -> dict[type[Model], list[str]]:
    """Every table with a way of foreign keys to a user, and the ways, as lookups; joins of many to many are in it."""
    ways: dict[type[Model], list[str]] = {User: ["pk"]}
    models = apps.get_models(include_auto_created=True)
    while True:
        found = {
            (model, f"{field.name}__{way}" if way != "pk" else field.name)
            for model in models
            for field in model._meta.concrete_fields
            if isinstance(field, ForeignKey) and field.related_model in ways and field.related_model is not model
            for way in ways[field.related_model]
        }
        new = [(model, way) for model, way in sorted(found, key=str) if way not in ways.get(model, [])]
        if not new:
            del ways[User]
            return ways
        for model, way in new:
            ways.setdefault(model, []).append(way)


@pytest.fixture
def everything(acme: User) -> list[Model]:
    """One row of each table, all of them acme's."""
    factor = Authenticator.objects.create(user=acme, type=Authenticator.Type.TOTP, data={"secret": "SEALED-FACTOR"})
    address = EmailAddress.objects.create(user=acme, email=acme.email, verified=True, primary=True)
    return [*make_one_of_each(acme), factor, address]


@pytest.fixture
def client(acme: User) -> Client:
    """Acme's browser, the password given a moment ago."""
    browser = Client()
    browser.force_login(acme)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return browser


def exported(client: Client) -> dict[str, Any]:
    answer = client.get(reverse("account-export-file"))
    assert "attachment" in answer.headers["Content-Disposition"]
    found: dict[str, Any] = json.loads(b"".join(answer))
    return found


class TestExport:
    def test_every_row_of_every_table_that_is_somebodys_is_in_it(
        self, client: Client, acme: User, everything: list[Model]
    ) -> None:
        data = exported(client)
        names = {table.model: table.name for table in TABLES}
        joins = {model for model in owned() if model._meta.auto_created}
        assert set(owned()) - set(names) - joins - ELSEWHERE == set(), "a table the export does not know"
        for model, ways in owned().items():
            mine = [way for way in ways if way != "granted_by"]
            if model in names and mine:
                rows = {str(row.pk) for way in mine for row in model._default_manager.filter(**{way: acme})}
                assert rows, f"{model}: make a row of it in tests/factories.py"
                assert {str(row["id"]) for row in data[names[model]]} == rows, model
        assert data["profile"][0]["email"] == acme.email
        assert data["audit_entries"]

    def test_posts_and_articles_are_whole(self, client: Client, everything: list[Model]) -> None:
        data = exported(client)
        assert data["articles"][0]["text"].startswith("수원시가")
        assert data["conversions"][0]["content_generated"] == "수원시가 24시간 도서관을 열었습니다."
        assert data["post_versions"][0]["text"]
        assert data["attempts"][0]["input_tokens"] == 900

    def test_no_secret_is_in_it(self, client: Client, acme: User, everything: list[Model]) -> None:
        key, (token, plaintext), endpoint = make_key(acme), make_token(acme), make_endpoint(acme)
        text = json.dumps(exported(client), ensure_ascii=False)
        canaries = [
            PASSWORD, acme.password, PROVIDER_KEY, key.encrypted_key, key.fingerprint, plaintext, token.secret_hash,
            endpoint.encrypted_secret, "SEALED", client.session.session_key,
        ]  # fmt: skip
        assert [canary for canary in canaries if canary and canary in text] == []

    def test_nobody_elses_rows_are_in_it(self, client: Client, globex: User) -> None:
        make_one_of_each(globex)
        assert globex.email not in json.dumps(exported(client))

    def test_it_asks_for_the_password(self, acme: User) -> None:
        browser = Client()
        browser.force_login(acme)
        for name in ("account-export", "account-export-file", "account-delete"):
            sent = browser.get(reverse(name))
            assert sent.headers["Location"].startswith(reverse("account_reauthenticate")), name

    def test_a_thousand_conversions_cost_no_more_questions(
        self, client: Client, acme: User, django_assert_max_num_queries: Any
    ) -> None:
        article = make_article(acme)
        Conversion.objects.bulk_create(Conversion(user=acme, article=article, target_platform="x") for _ in range(1000))
        with django_assert_max_num_queries(len(TABLES) + 12):
            assert len(exported(client)["conversions"]) == 1000


class TestLeaving:
    def leave(self, client: Client) -> Any:
        return client.post(reverse("account-delete"), {"sure": "on"}, follow=True)

    def test_nothing_of_any_table_stays_somebodys(self, client: Client, acme: User, everything: list[Model]) -> None:
        pk, email = acme.pk, acme.email
        ways = owned()
        for model in set(ways) - ELSEWHERE:
            if not model._meta.auto_created:
                assert any(model._default_manager.filter(**{way: pk}).exists() for way in ways[model]), model
        done = self.leave(client)
        assert "Your account is deleted." in done.content.decode()
        for model in ways:
            for way in ways[model]:
                assert not model._default_manager.filter(**{way: pk}).exists(), (model, way)
        assert not User.objects.filter(pk=pk).exists()
        assert rows_naming(email, str(pk)) == {"audit_entries"}

    def test_the_figures_stay_and_no_text(self, client: Client, acme: User) -> None:
        conversion = make_conversion(acme, status=Status.SUCCEEDED)
        make_attempt(conversion, request_id="req_1", error_message="x")
        self.leave(client)
        kept, attempt = Conversion.objects.get(), Attempt.objects.get()
        assert (kept.user, kept.article, kept.source_url, kept.content_generated, kept.findings) == (
            None, None, "", "", [],
        )  # fmt: skip
        assert (kept.target_platform, kept.tokens_used, str(kept.cost_usd)) == ("x", 960, "0.001200")
        assert (attempt.reply, attempt.request_id, attempt.prompt_hash) == (None, "", "")
        assert (attempt.input_tokens, attempt.provider) == (900, "openai")
        assert not Article.objects.exists()

    def test_what_runs_is_cancelled_and_its_worker_keeps_nothing(self, client: Client, acme: User) -> None:
        waiting = make_conversion(acme)
        running = make_conversion(acme)
        now = timezone.now()
        assert running.move(Status.PENDING, Status.PROCESSING, started_at=now)
        running.refresh_from_db()
        self.leave(client)
        assert set(Conversion.objects.values_list("status", flat=True)) == {"cancelled"}
        assert not execution.end(conversion=running, target=Status.FAILED, reason="late", now=now, failure_code="x")
        assert execution.execute(conversion_id=waiting.pk) is None
        assert set(Conversion.objects.values_list("status", flat=True)) == {"cancelled"}

    def test_tokens_and_sessions_open_nothing_any_more(self, client: Client, acme: User) -> None:
        _, plaintext = make_token(acme)
        other = Client()
        other.force_login(acme)
        self.leave(client)
        with pytest.raises(services.InvalidToken):
            services.authenticate_token(token=plaintext, now=timezone.now())
        assert [each.get("/account/").status_code for each in (client, other)] == [302, 302]

    def test_the_entry_of_it_names_nobody_and_a_mail_tells_it(self, client: Client, acme: User) -> None:
        before = AuditEntry.objects.latest("id").pk
        self.leave(client)
        [entry] = AuditEntry.objects.filter(pk__gt=before)
        assert (entry.action, entry.object_pk) == (AuditEntry.Action.DELETE, str(acme.pk))
        assert (entry.object_repr, entry.actor_email, entry.actor_id, entry.remote_addr) == ("", "", None, None)
        assert entry.additional_data == {"did": "the account was deleted by its owner"}
        assert [(each.to, each.subject) for each in mail.outbox] == [
            ([acme.email], "NewsForge Pro: Your account is deleted")
        ]

    @pytest.mark.django_db(transaction=True)
    def test_a_worker_at_its_end_and_a_deletion_wait_for_each_other_in_one_order(self, acme: User) -> None:
        row, now = make_conversion(acme, status=Status.PROCESSING), timezone.now()
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                assert row.move(Status.PROCESSING, Status.FAILED, failure_code="paywalled", finished_at=now)
                leaving = in_thread(pool, lambda: departure.delete_account(user=acme, now=now))
                wait_until(somebody_waits_for_a_lock)
                quota.release(user_id=acme.pk, conversion_id=row.pk, run=row.run, reason="paywalled", now=now)
            assert leaving.result(20)
        row.refresh_from_db()
        assert (row.status, row.user_id, User.objects.filter(pk=acme.pk).exists()) == ("failed", None, False)

    def test_a_form_that_is_sent_twice_deletes_once(self, client: Client, acme: User) -> None:
        assert departure.delete_account(user=acme, now=timezone.now())
        assert not departure.delete_account(user=acme, now=timezone.now())

    def test_who_is_not_sure_stays(self, client: Client, acme: User) -> None:
        answer = client.post(reverse("account-delete"), {})
        assert answer.status_code == 422
        assert User.objects.filter(pk=acme.pk).exists()

    def test_staff_are_ended_by_a_colleague(self, staff: User) -> None:
        with pytest.raises(StaffStays):
            departure.delete_account(user=staff, now=timezone.now())
        browser = Client()
        browser.force_login(staff)
        browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        refused = browser.post(reverse("account-delete"), {"sure": "on"})
        assert refused.status_code == 409
        assert "Ask an administrator" in refused.content.decode()

    def test_another_person_loses_nothing(self, client: Client, globex: User) -> None:
        rows = make_one_of_each(globex)
        self.leave(client)
        assert [row for row in rows if not type(row)._default_manager.filter(pk=row.pk).exists()] == []
        theirs = Conversion.objects.get(user=globex)
        assert theirs.content_generated
        assert theirs.article is not None


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        return cursor.fetchone() is not None


def rows_naming(*texts: str) -> set[str]:
    """The tables of the whole database any row of which has one of these texts in any column."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            clauses = " OR ".join("whole::text LIKE %s" for _ in texts)
            cursor.execute(
                f"SELECT 1 FROM {name} AS whole WHERE {clauses} LIMIT 1",  # noqa: S608 - the database's own names
                [f"%{text}%" for text in texts],
            )
            if cursor.fetchone():
                found.add(table)
    return found
