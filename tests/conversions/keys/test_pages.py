"""The page of provider keys, with no script; a key goes in and never comes out, and nothing of others' is there."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, User
from monitoring.models import AuditEntry
from tests.conversions.keys.conftest import AWAY, MODELS, REFUSES
from tests.factories import make_key, make_user
from tests.faults.canary import KEY, holds_key
from tests.faults.server import FaultServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> User:
    return make_user("keeper@acme.example", email_verified=True)


@pytest.fixture
def browser(owner: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(owner)
    return client


KEY_ENDS = "sk-proj-…0123"


def wish(**more: str) -> dict[str, str]:
    return {"provider": "openai", "name": "news desk", "key": f" {KEY}\n", "once": str(uuid.uuid4()), **more}


def entries(key: ApiKey) -> list[str]:
    return [str(each.additional_data or each.changes) for each in AuditEntry.objects.filter(object_pk=str(key.pk))]


def test_a_good_key_is_tested_stored_and_listed_by_its_ends(browser: Client, provider: FaultServer) -> None:
    answer = browser.post(reverse("key-add"), wish(), follow=True)
    body = answer.content.decode()
    assert answer.redirect_chain == [(reverse("keys"), 302)]
    for words in ("The key is stored. The provider accepts the key.", "news desk", f"{KEY[:8]}…{KEY[-4:]}", "works"):
        assert words in body
    assert [each.path for each in provider.received] == ["/v1/models"]
    assert keys.reveal(key=ApiKey.objects.get()) == KEY
    assert not holds_key(body + str(list(AuditEntry.objects.values())))


def test_the_same_form_twice_stores_one_key(browser: Client, provider: FaultServer) -> None:
    form = wish()
    for _ in range(2):
        assert browser.post(reverse("key-add"), form).status_code == 302
    assert ApiKey.objects.count() == len(provider.received) == 1


def test_a_refused_key_is_not_stored_and_the_form_says_what_to_do(browser: Client, provider: FaultServer) -> None:
    provider.play(REFUSES)
    answer = browser.post(reverse("key-add"), wish())
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "OpenAI does not accept this key. Make a new one at the provider and store it here." in body
    assert "The key is not stored." in body
    assert 'value="news desk"' in body
    assert not holds_key(body)
    assert not ApiKey.objects.exists()


def test_who_insists_stores_a_refused_key_and_sees_why_it_needs_attention(
    browser: Client, provider: FaultServer
) -> None:
    provider.play(REFUSES)
    body = browser.post(reverse("key-add"), wish(store_anyway="on"), follow=True).content.decode()
    assert "needs attention" in body
    assert "<strong>The key is not valid</strong> OpenAI does not accept this key." in body


def test_a_key_nobody_could_test_is_stored_and_the_page_says_so(browser: Client, provider: FaultServer) -> None:
    provider.play(AWAY)
    body = browser.post(reverse("key-add"), wish(), follow=True).content.decode()
    assert "The key is stored. It could not be tested: OpenAI has an error on its side." in body
    assert "not tested yet" in body


@pytest.mark.parametrize(
    "wrong", [{"key": ""}, {"key": f"{KEY} {KEY}"}, {"name": "a\u202eb"}, {"provider": "extractive"}]
)
def test_what_is_no_key_is_not_sent_to_anybody(browser: Client, provider: FaultServer, wrong: dict[str, str]) -> None:
    answer = browser.post(reverse("key-add"), wish(**wrong))
    assert (answer.status_code, provider.received, holds_key(answer.content.decode())) == (422, [], False)


def test_a_stored_key_is_tested_and_the_test_is_on_the_record(
    browser: Client, owner: User, provider: FaultServer
) -> None:
    key = make_key(owner, plaintext=KEY)
    provider.play(REFUSES)
    body = browser.post(reverse("key-test", args=[key.pk]), follow=True).content.decode()
    assert "OpenAI does not accept this key." in body
    provider.play(MODELS)
    assert (
        "The provider accepts the key."
        in browser.post(reverse("key-test", args=[key.pk]), follow=True).content.decode()
    )
    assert sum("tested" in entry for entry in entries(key)) == 2


def test_a_key_is_switched_off_and_on_and_deleted(browser: Client, owner: User) -> None:
    key = make_key(owner)
    browser.post(reverse("key-switch", args=[key.pk]))
    key.refresh_from_db()
    assert not key.is_active
    assert "disabled" in browser.get(reverse("keys")).content.decode()
    browser.post(reverse("key-switch", args=[key.pk]), {"on": "yes"})
    assert ApiKey.objects.filter(is_active=True).exists()
    browser.post(reverse("key-delete", args=[key.pk]))
    assert not ApiKey.objects.exists()
    assert len(entries(key)) == 4


def test_the_page_asks_few_questions(browser: Client, owner: User) -> None:
    ApiKey.objects.filter(pk=make_key(owner).pk).update(
        status="needs_attention", status_reason="key-forbidden", status_since=timezone.now() - timedelta(hours=1)
    )
    for _ in range(9):
        make_key(owner)
    with CaptureQueriesContext(connection) as queries:
        body = browser.get(reverse("keys")).content.decode()
    assert body.count('class="card"') == 10
    assert "This OpenAI key may not use the model from here." in body
    assert len(queries) <= 10


def test_nobody_sees_tests_or_changes_what_belongs_to_another(
    browser: Client, globex: User, provider: FaultServer
) -> None:
    key = make_key(globex)
    assert KEY_ENDS not in browser.get(reverse("keys")).content.decode()
    for name in ("key-test", "key-switch", "key-delete"):
        address = reverse(name, args=[key.pk])
        assert (browser.post(address).status_code, browser.get(address).status_code) == (404, 405)
        assert Client().post(address).status_code == 302
    assert (provider.received, ApiKey.objects.get().is_active) == ([], True)


def test_nothing_is_posted_without_the_token_of_its_form(owner: User, provider: FaultServer) -> None:
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(owner)
    key = make_key(owner)
    addresses = [reverse("key-add"), *(reverse(f"key-{name}", args=[key.pk]) for name in ("test", "switch", "delete"))]
    assert {stranger.post(address, wish()).status_code for address in addresses} == {403}
    assert provider.received == []


def test_who_has_no_key_is_led_to_the_page(browser: Client) -> None:
    assert f'href="{reverse("keys")}">Add a key' in browser.get("/").content.decode()
