"""What a person is not given is refused by a page of the site, in the reader's language, that says where to go."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override

from accounts.models import User
from newsforge.lib import problem
from tests.addresses import addresses, filled, objects_in_database
from tests.factories import make_one_of_each

KOREAN = {"accept-language": "ko"}
OURS = ("keys/", "tokens/", "webhooks/", "account/", "posts/", "count/", "convert/")


def test_no_such_page() -> None:
    answer = Client(headers=KOREAN).get("/nowhere/")
    assert answer.status_code == 404
    assert "없는 페이지입니다" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_form_without_its_token(acme: User) -> None:
    browser = Client(enforce_csrf_checks=True, headers=KOREAN)
    browser.force_login(acme)
    answer = browser.post(reverse("convert"), {"source": "https://example.com/"})
    assert answer.status_code == 403
    assert "오래된 양식입니다" in answer.content.decode()


def test_a_request_that_makes_no_sense_and_a_page_of_somebody_else() -> None:
    request = RequestFactory().get("/anything/")
    with override("en"):
        assert b"<h1>This request is not complete</h1>" in problem.bad_request(request, ValueError()).getvalue()
        assert b"<h1>This page is not yours to open</h1>" in problem.permission_denied(request, ValueError()).getvalue()


@pytest.mark.django_db
def test_a_forms_address_leads_to_its_form_before_and_after_logging_in(acme: User) -> None:
    make_one_of_each(acme)
    stranger, browser = Client(), Client(headers={"accept-language": "en"})
    browser.force_login(acme)
    asked = set()
    for each in addresses():
        if not each.route.startswith(OURS):
            continue
        for path in filled(each, objects_in_database()):
            answer = browser.get(path)
            if answer.status_code != 405:
                continue
            asked.add(each.name)
            assert answer.headers["Allow"] == "POST"
            assert b"To the form" in answer.content
            led = stranger.post(path).headers["Location"].partition("next=")[2]
            assert browser.get(led).status_code == 200
    assert {"convert", "key-add", "token-add", "webhook-add", "post-edit", "account-settings"} <= asked
