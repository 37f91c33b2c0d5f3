"""Every page of the admin opens for whom it should, tells no secret, and changes nothing it must not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessToken, ApiKey, User
from monitoring.models import Channel, SystemMetric
from newsforge.lib.admin import FactAdmin
from tests.factories import (
    ALERT_TOKEN,
    PROVIDER_KEY,
    make_one_of_each,
)
from tests.pages import act, address

PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [
    model for label in ("accounts", "conversions", "monitoring") for model in apps.get_app_config(label).get_models()
]
FACTS = [model for model in PAGES if isinstance(admin.site._registry[model], FactAdmin)]


def others(user: User) -> list[Model]:
    """A row of each table that is not ours and has a page."""
    factor = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "SEALED-SECRET"})
    return [Group.objects.create(name="desk"), factor]


def addresses(rows: list[Model]) -> Iterator[str]:
    yield reverse("admin:index")
    for row in rows:
        model = type(row)
        yield address(model, "changelist")
        yield address(model, "changelist") + "?q=zz"
        yield address(model, "changelist") + f"?q={row.pk}"
        yield address(model, "change", row.pk)
        yield address(model, "history", row.pk)
        if model not in FACTS and model._meta.model_name not in {"webhookendpoint", "providersetting", "authenticator"}:
            yield address(model, "add")


def test_every_table_we_have_has_a_page_that_can_be_searched() -> None:
    assert set(OURS) - set(PAGES) == set()
    assert [model for model in OURS if not admin.site._registry[model].search_fields] == []


def test_lists_stay_narrow_and_cheap() -> None:
    for model in OURS:
        page = admin.site._registry[model]
        assert len(page.list_display) <= 7, model
        assert page.date_hierarchy is None, model
        assert page.show_full_result_count is False, model


def test_every_page_opens_for_a_superuser(desk: Client, acme: User) -> None:
    rows = [*make_one_of_each(acme), *others(acme)]
    assert {type(row) for row in rows} == set(PAGES)
    answers = {page: desk.get(page).status_code for page in addresses(rows)}
    assert {page: status for page, status in answers.items() if status != 200} == {}
    assert len(answers) > 60


def test_no_page_opens_for_anybody_else(acme: User) -> None:
    pages = list(addresses([*make_one_of_each(acme), *others(acme)]))
    member = Client()
    member.force_login(acme)
    for client in (Client(), member):
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 302, page
            assert answer.headers["Location"].startswith(reverse("admin:login")), page
    assert member.get(reverse("admin:login")).status_code == 403


def test_no_page_shows_a_secret(desk: Client, acme: User) -> None:
    rows = [*make_one_of_each(acme), *others(acme)]
    key, token = ApiKey.objects.get(), AccessToken.objects.get()
    _, salt, digest = acme.password.split("$")  # Django's own page shows the first six characters of each
    sealed = Channel.objects.get().sealed_url
    secrets = [
        ALERT_TOKEN,
        sealed,
        PROVIDER_KEY[8:-4],
        key.encrypted_key,
        token.secret_hash,
        "SEALED-SECRET",
        salt[:6],
        digest[:6],
    ]
    for page in addresses(rows):
        body = desk.get(page).content.decode()
        assert [secret for secret in secrets if secret in body] == [], page


def test_pages_pass_the_content_security_policy(desk: Client, acme: User) -> None:
    for page in addresses(make_one_of_each(acme)):
        answer = desk.get(page)
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert b" style=" not in answer.content, page
        assert b"<style" not in answer.content, page
        assert b" onclick=" not in answer.content, page


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model._meta.model_name)
def test_facts_are_neither_made_nor_changed_nor_deleted(desk: Client, acme: User, model: type[Model]) -> None:
    row = next(row for row in make_one_of_each(acme) if isinstance(row, model))
    assert desk.get(address(model, "add")).status_code == 403
    assert desk.post(address(model, "add"), {}).status_code == 403
    assert desk.post(address(model, "change", row.pk), {"status": "succeeded"}).status_code == 403
    assert desk.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    everything = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
    desk.post(address(model, "changelist"), everything)
    assert model._default_manager.filter(pk=row.pk).exists()


class TestLargeTables:
    @pytest.fixture
    def large(self, db: None) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO system_metrics (metric_name, metric_value)"
                " SELECT 'depth', i FROM generate_series(1, 12000) AS i"
            )
            cursor.execute("ANALYZE system_metrics")
            yield
            cursor.execute("DELETE FROM system_metrics")
            cursor.execute("ANALYZE system_metrics")  # statistics outlive the test's rollback

    def test_nobody_counts_them(self, desk: Client, large: None) -> None:
        with CaptureQueriesContext(connection) as asked:
            page = desk.get(address(SystemMetric, "changelist"))
            found = desk.get(address(SystemMetric, "changelist"), {"q": "depth"})
        counts = [query["sql"] for query in asked if "COUNT(*)" in query["sql"]]
        assert len(counts) == 1
        assert "LIMIT 10001" in counts[0]
        assert "the first 10,000 of about 12,000" in page.content.decode()
        assert "the first 10,000 of more" in found.content.decode()

    def test_the_last_page_is_the_last_of_what_can_be_paged_through(self, desk: Client, large: None) -> None:
        listed = desk.get(address(SystemMetric, "changelist"), {"p": 200}).context["cl"]
        assert (listed.result_count, len(listed.result_list)) == (10_000, 50)
        every = SystemMetric.objects.order_by("-timestamp", "-pk").values_list("pk", flat=True)
        assert [row.pk for row in listed.result_list] == list(every[9950:10_000])
        assert desk.get(address(SystemMetric, "changelist"), {"p": 201}).status_code == 302

    def test_nobody_acts_on_rows_that_no_list_shows(self, desk: Client, acme: User) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO access_tokens (user_id, name, public_id, secret_hash)"
                " SELECT %s, 'bulk', i, i FROM generate_series(1, 10001) AS i",
                [acme.pk],
            )
        everything = act(desk, AccessToken, "revoke", AccessToken.objects.all()[0], select_across="1")
        assert "There are more than 10,000" in everything
        assert not AccessToken.objects.filter(revoked_at__isnull=False).exists()
