"""Whole conversions with the words staff made active: what the provider is sent, and what is remembered of it."""

from __future__ import annotations

import socket
import threading

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from conversions.models import Attempt, Conversion, PromptVersion
from conversions.pipeline.prompts import DEFAULT
from tests.factories import activate_prompt, make_default_prompt
from tests.faults.server import Received
from tests.flows.faults import BOTH, RESPONSES, ask, come_again, far_side, good, limited, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


@pytest.fixture
def shipped(db: None) -> PromptVersion:
    return make_default_prompt()


def asked_with(conversion: Conversion) -> set[str]:
    return set(Attempt.objects.filter(conversion=conversion).values_list("prompt_version", flat=True))


def test_post_and_calls_name_the_version_they_were_asked_with(acme: User, settings: Settings) -> None:
    activate_prompt(version="korean-x", platform="x", language="ko", system_template="Say it in one line.")
    for dialect in BOTH:
        with far_side(dialect, settings) as far:
            far.server.play(good(dialect))
            conversion = ask(acme, far.provider)
            run(conversion)
            sent = far.server.received[-1].body.decode()
        assert (conversion.status, conversion.prompt_version) == ("succeeded", "korean-x")
        assert asked_with(conversion) == {"korean-x"}
        assert "Say it in one line." in sent
        assert DEFAULT.system[:40] not in sent
    own = ask(acme, "extractive")
    run(own)
    assert (own.status, own.prompt_version) == ("succeeded", "korean-x")


def test_one_that_failed_has_it_on_its_calls(acme: User, settings: Settings) -> None:
    with far_side(RESPONSES, settings) as far:
        far.server.play(limited(RESPONSES, retry_after="9999"))
        conversion = ask(acme, far.provider)
        run(conversion)
    assert (conversion.status, conversion.prompt_version) == ("failed", "")
    assert asked_with(conversion) == {DEFAULT.version}


@pytest.mark.parametrize(("is_changed", "calls"), [(False, 1), (True, 2)])
def test_a_stored_answer_belongs_to_the_words_it_was_asked_with(
    acme: User, settings: Settings, is_changed: bool, calls: int
) -> None:
    with far_side(RESPONSES, settings) as far:
        far.server.play(good(RESPONSES))
        conversion = ask(acme, far.provider)
        run(conversion)
        Conversion.objects.filter(pk=conversion.pk).update(status="pending", prompt_version="", run=2)
        if is_changed:
            activate_prompt(version="second", platform="x", system_template="Be brief.")
        come_again(conversion, far)
    assert (conversion.status, far.asked) == ("succeeded", calls)
    assert conversion.prompt_version == ("second" if is_changed else DEFAULT.version)


@pytest.mark.django_db(transaction=True)
def test_an_activation_amid_a_conversion_changes_only_later_ones(acme: User, settings: Settings) -> None:
    with far_side(RESPONSES, settings) as far:
        asked, activated = threading.Event(), threading.Event()

        def slowly(stream: socket.socket, received: Received) -> None:
            asked.set()
            assert activated.wait(10)
            good(RESPONSES)(stream, received)

        def staff() -> None:
            assert asked.wait(10)
            activate_prompt(version="later")
            activated.set()
            connection.close()

        far.server.play(slowly, good(RESPONSES))
        clerk = threading.Thread(target=staff)
        clerk.start()
        first, second = ask(acme, far.provider), ask(acme, far.provider)
        run(first)
        clerk.join()
        run(second)
    assert (first.status, first.prompt_version) == ("succeeded", DEFAULT.version)
    assert (second.status, second.prompt_version) == ("succeeded", "later")
