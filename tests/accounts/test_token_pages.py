"""The page of access tokens, with no script: a token is shown in one answer, then nowhere; nothing of others'."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import AccessToken, IdempotencyRecord, User
from monitoring.models import AuditEntry
from tests.factories import make_token

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r"nf_[0-9a-f]{16}_[0-9A-Za-z]{43}")


@pytest.fixture
def browser(acme: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(acme)
    return client


def wish(**more: str) -> dict[str, str]:
    return {"name": "cms", "days": "90", "once": str(uuid.uuid4()), **more}


def shown(answer: Any) -> str:
    """The token an answer shows."""
    found = TOKEN.search(answer.content.decode())
    assert found, answer.content.decode()
    return found[0]


def opens(token: str) -> bool:
    return Client().get(reverse("api-conversions"), headers={"authorization": f"Bearer {token}"}).status_code == 200


def test_a_new_token_is_shown_in_one_answer_and_opens_the_api(browser: Client) -> None:
    answer = browser.post(reverse("token-add"), wish())
    token = shown(answer)
    assert opens(token)
    assert "no-store" in answer.headers["Cache-Control"]
    page = browser.get(reverse("tokens")).content.decode()
    assert token[:19] in page
    secret = token.rpartition("_")[2]
    sessions = [str(each.get_decoded()) for each in Session.objects.all()]
    kept = [f"{each.body} {each.headers}" for each in IdempotencyRecord.objects.all()]
    audited = [f"{each.changes} {each.object_repr}" for each in AuditEntry.objects.all()]
    assert [text for text in (page, *sessions, *kept, *audited) if secret in text] == []


def test_a_reload_makes_no_other_token_and_says_what_to_do(browser: Client) -> None:
    form = wish()
    first = shown(browser.post(reverse("token-add"), form))
    again = browser.post(reverse("token-add"), form, follow=True)
    body = again.content.decode()
    assert (again.redirect_chain, first in body, AccessToken.objects.count()) == ([(reverse("tokens"), 302)], False, 1)
    assert "was made and shown before" in body


@pytest.mark.parametrize(("days", "lasts"), [("30", 30), ("365", 365), ("", None)])
def test_a_token_ends_when_it_was_asked_to(browser: Client, days: str, lasts: int | None) -> None:
    browser.post(reverse("token-add"), wish(days=days))
    ends = AccessToken.objects.get().expires_at
    assert (ends is None) if lasts is None else (ends and abs(ends - timezone.now() - timedelta(days=lasts)).days < 1)


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "a\u202eb"}, {"days": "5"}, {"once": "x"}, {"name": "x" * 101}]
)
def test_what_cannot_be_made_is_said_at_the_form(browser: Client, wrong: dict[str, str]) -> None:
    answer = browser.post(reverse("token-add"), wish(**wrong))
    assert answer.status_code in {400, 422}
    assert not AccessToken.objects.exists()


def test_a_user_has_so_many_tokens_at_most(browser: Client, acme: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_TOKENS", 2)
    kept, _ = make_token(acme)
    make_token(acme)
    answer = browser.post(reverse("token-add"), wish())
    assert (answer.status_code, "Revoke one you no longer use." in answer.content.decode()) == (409, True)
    services.revoke_token(token=kept, now=timezone.now())
    assert browser.post(reverse("token-add"), wish()).status_code == 200


def test_nobody_fills_the_table_by_making_and_revoking(browser: Client, acme: User) -> None:
    for _ in range(services.TOKENS_AT_ONCE):
        token, _secret = services.issue_token(user=acme, name="cms")
        services.revoke_token(token=token, now=timezone.now())
    answer = browser.post(reverse("token-add"), wish())
    assert answer.status_code == 429
    assert "Tokens were made too often" in answer.content.decode()
    assert AccessToken.objects.filter(user=acme).count() == services.TOKENS_AT_ONCE


def test_a_token_is_changed_for_another_with_an_overlap(browser: Client, acme: User) -> None:
    old, plaintext = make_token(acme)
    new = shown(browser.post(reverse("token-rotate", args=[old.pk]), {"hours": "1", "once": str(uuid.uuid4())}))
    old.refresh_from_db()
    assert old.expires_at
    assert timedelta(minutes=59) < old.expires_at - timezone.now() <= timedelta(hours=1)
    assert (opens(plaintext), opens(new)) == (True, True)
    entry = AuditEntry.objects.filter(object_pk=str(old.pk), action=AuditEntry.Action.UPDATE).latest("pk")
    assert ("expires_at" in entry.changes, entry.actor_email) == (True, acme.email)
    browser.post(reverse("token-rotate", args=[old.pk]), {"hours": "0", "once": str(uuid.uuid4())})
    assert not opens(plaintext)


def test_a_revoked_token_opens_nothing_and_stays_on_the_record(browser: Client, acme: User) -> None:
    token, plaintext = make_token(acme, name="old cms")
    browser.post(reverse("token-revoke", args=[token.pk]))
    assert not opens(plaintext)
    page = browser.get(reverse("tokens")).content.decode()
    assert "Tokens that ended" in page
    assert "old cms" in page
    refused = browser.post(
        reverse("token-rotate", args=[token.pk]), {"hours": "1", "once": str(uuid.uuid4())}, follow=True
    )
    assert "has expired or was revoked" in refused.content.decode()
    assert AuditEntry.objects.filter(object_pk=str(token.pk), action=AuditEntry.Action.UPDATE).exists()


def test_the_page_asks_few_questions(browser: Client, acme: User) -> None:
    for _ in range(10):
        make_token(acme)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(reverse("tokens")).content.decode().count('class="card"') == 10
    assert len(queries) <= 10


def test_nobody_sees_or_changes_what_belongs_to_another(browser: Client, globex: User) -> None:
    token, plaintext = make_token(globex, name="globex desk")
    page = browser.get(reverse("tokens")).content.decode()
    assert "globex desk" not in page
    for name in ("token-rotate", "token-revoke"):
        address = reverse(name, args=[token.pk])
        assert browser.post(address, {"hours": "0", "once": str(uuid.uuid4())}).status_code == 404
        assert browser.get(address).status_code == 405
        assert Client().post(address).status_code == 302
    assert Client().get(reverse("tokens")).status_code == 302
    assert opens(plaintext)


def test_nothing_is_posted_without_the_token_of_its_form(acme: User) -> None:
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(acme)
    token, _ = make_token(acme)
    for address in (
        reverse("token-add"),
        *(reverse(name, args=[token.pk]) for name in ("token-rotate", "token-revoke")),
    ):
        assert stranger.post(address, wish(hours="0")).status_code == 403
