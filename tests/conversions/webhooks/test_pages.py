"""The pages of webhooks, with no script: a secret shown in one answer, a log, messages sent again; none of others'."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import IdempotencyRecord, User
from conversions.models import WebhookDelivery, WebhookEndpoint
from monitoring.models import AuditEntry
from tests.conversions.webhooks.conftest import send
from tests.conversions.webhooks.receiver import Receiver
from tests.factories import make_delivery, make_endpoint

pytestmark = pytest.mark.django_db

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def browser(acme: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(acme)
    return client


def wish(url: str = "https://client.example.com/hook", **more: str) -> dict[str, str]:
    return {"url": url, "description": "CMS", "once": str(uuid.uuid4()), **more}


def shown(answer: Any) -> str:
    found = SECRET.search(answer.content.decode())
    assert found, answer.content.decode()
    return found[0]


def test_an_endpoint_is_added_and_its_secret_shown_in_one_answer(browser: Client) -> None:
    form = wish()
    answer = browser.post(reverse("webhook-add"), form)
    secret = shown(answer)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, "no-store" in answer.headers["Cache-Control"]) == ("https://client.example.com/hook", True)
    again = browser.post(reverse("webhook-add"), form, follow=True)
    assert again.redirect_chain == [(reverse("webhook", args=[endpoint.pk]), 302)]
    assert "was made and shown before" in again.content.decode()
    places = [again.content.decode(), browser.get(reverse("webhooks")).content.decode()]
    places += [str(IdempotencyRecord.objects.values()[0]), str(list(AuditEntry.objects.values()))]
    assert [place for place in places if secret in place] == []
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://client.example.com/hook",
        "https://127.0.0.1/",
        "https://client.example.com:8443/",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_of_ours_or_none_at_all_is_refused_at_the_form(browser: Client, url: str) -> None:
    answer = browser.post(reverse("webhook-add"), wish(url))
    assert (answer.status_code, WebhookEndpoint.objects.count()) == (422, 0)
    assert url in answer.content.decode()


def test_a_test_message_is_sent_logged_and_sent_again(browser: Client, receiver: Receiver) -> None:
    secret = shown(browser.post(reverse("webhook-add"), wish(receiver.url)))
    endpoint = WebhookEndpoint.objects.get()
    page = reverse("webhook", args=[endpoint.pk])
    browser.post(reverse("webhook-test", args=[endpoint.pk]))
    receiver.will_answer(302)
    first = send(WebhookDelivery.objects.get())
    body = browser.get(page).content.decode()
    for words in ("on its way", "HTTP 302", "1 try", "Redirects are not followed", "Next try"):
        assert words in body
    browser.post(reverse("webhook-replay", args=[first.pk]))
    send(first)
    assert "delivered" in browser.get(page).content.decode()
    browser.post(reverse("webhook-replay", args=[first.pk]))
    replayed = send(WebhookDelivery.objects.exclude(pk=first.pk).get())
    assert [hit.verify(secret)["type"] for hit in receiver.hits] == ["endpoint.test"] * 3
    assert (replayed.replay_of_id, len({hit.headers["webhook-id"] for hit in receiver.hits})) == (first.pk, 1)
    did = [each.additional_data["did"] for each in AuditEntry.objects.exclude(additional_data=None).order_by("pk")]
    assert did == ["tested", "sent again", "sent again"]


def test_a_new_secret_is_shown_once_and_both_sign(browser: Client, receiver: Receiver) -> None:
    old = shown(browser.post(reverse("webhook-add"), wish(receiver.url)))
    endpoint = WebhookEndpoint.objects.get()
    form = {"once": str(uuid.uuid4())}
    new = shown(browser.post(reverse("webhook-rotate", args=[endpoint.pk]), form))
    again = browser.post(reverse("webhook-rotate", args=[endpoint.pk]), form, follow=True).content.decode()
    assert (old == new, new in again, "signature of the old secret" in again) == (False, False, True)
    browser.post(reverse("webhook-test", args=[endpoint.pk]))
    send(WebhookDelivery.objects.get())
    assert [receiver.hits[0].verify(each)["type"] for each in (old, new)] == ["endpoint.test"] * 2


def test_what_is_switched_off_is_told_nothing_until_it_is_on_again(browser: Client, acme: User) -> None:
    endpoint = make_endpoint(acme)
    browser.post(reverse("webhook-switch", args=[endpoint.pk]))
    page = browser.get(reverse("webhook", args=[endpoint.pk])).content.decode()
    assert f"Disabled by {acme.email}." in page
    refused = browser.post(reverse("webhook-test", args=[endpoint.pk]), follow=True)
    assert "Enable it first." in refused.content.decode()
    browser.post(reverse("webhook-switch", args=[endpoint.pk]), {"on": "yes"})
    browser.post(reverse("webhook-test", args=[endpoint.pk]))
    assert WebhookDelivery.objects.count() == 1
    entries = AuditEntry.objects.filter(object_pk=str(endpoint.pk), changes__has_key="is_active")
    assert [each.changes["is_active"] for each in entries.order_by("pk")][-2:] == [["True", "False"], ["False", "True"]]


def test_why_nothing_arrives_is_said_in_the_readers_language(browser: Client, acme: User) -> None:
    endpoint = make_endpoint(acme)
    make_delivery(endpoint, state="failed", tries=10, last_status=500, last_error="The endpoint answered 500.")
    page = browser.get(reverse("webhook", args=[endpoint.pk]), headers={"accept-language": "ko"}).content.decode()
    assert "웹훅 주소의 응답은 500입니다." in page


def test_an_endpoint_is_deleted_with_its_log(browser: Client, acme: User) -> None:
    endpoint = make_endpoint(acme)
    make_delivery(endpoint)
    assert browser.post(reverse("webhook-delete", args=[endpoint.pk])).headers["Location"] == reverse("webhooks")
    assert (WebhookEndpoint.objects.count(), WebhookDelivery.objects.count()) == (0, 0)
    assert AuditEntry.objects.filter(object_pk=str(endpoint.pk), action=AuditEntry.Action.DELETE).exists()


def test_a_long_log_is_paged_and_asks_few_questions(browser: Client, acme: User) -> None:
    endpoint = make_endpoint(acme)
    for number in range(30):
        make_delivery(endpoint, tries=1, event=f"event.{number}")
    address = reverse("webhook", args=[endpoint.pk])
    with CaptureQueriesContext(connection) as queries:
        first = browser.get(address)
    assert len(queries) <= 10
    assert first.content.decode().count('class="message"') == 25
    rest = browser.get(f"{address}?{first.context['older']}").content.decode()
    assert (rest.count('class="message"'), "event.0<" in rest) == (5, True)


def test_nobody_sees_or_changes_what_belongs_to_another(browser: Client, globex: User) -> None:
    endpoint = make_endpoint(globex, url="https://globex.example/hook")
    delivery = make_delivery(endpoint, tries=1, state="failed")
    assert "globex.example" not in browser.get(reverse("webhooks")).content.decode()
    assert browser.get(reverse("webhook", args=[endpoint.pk])).status_code == 404
    names = ("rotate", "test", "switch", "delete")
    writes = [reverse(f"webhook-{name}", args=[endpoint.pk]) for name in names]
    writes.append(reverse("webhook-replay", args=[delivery.pk]))
    for address in writes:
        assert (browser.post(address, wish()).status_code, browser.get(address).status_code) == (404, 405)
        assert Client().post(address).status_code == 302
    assert (WebhookEndpoint.objects.count(), WebhookDelivery.objects.count()) == (1, 1)


def test_nothing_is_posted_without_the_token_of_its_form(acme: User) -> None:
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(acme)
    endpoint = make_endpoint(acme)
    writes = [reverse(f"webhook-{name}", args=[endpoint.pk]) for name in ("rotate", "test", "switch", "delete")]
    writes += [reverse("webhook-add"), reverse("webhook-replay", args=[make_delivery(endpoint).pk])]
    assert {stranger.post(address, wish()).status_code for address in writes} == {403}
