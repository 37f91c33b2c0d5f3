"""The prompts' pages: drafts are edited, compared, tried and made active; what was active is only read."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import MonthlySpend, User
from conversions import active_prompts
from conversions.models import Attempt, Conversion, PromptVersion
from conversions.pipeline.prompts import DEFAULT
from tests.factories import activate_prompt, make_conversion, make_default_prompt, make_prompt, make_user
from tests.flows.faults import RESPONSES, erring, far_side, good
from tests.pages import address, pull


@pytest.fixture
def shipped(db: None) -> PromptVersion:
    return make_default_prompt()


@pytest.fixture
def draft(shipped: PromptVersion) -> PromptVersion:
    return make_prompt(version="shorter", user_template=DEFAULT.user.replace("as a text of its own", "in your words"))


def client_with(*rights: str) -> Client:
    person = make_user("someone@newsforge.example", is_staff=True)
    person.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(person)
    return client


def review(version: PromptVersion) -> str:
    return reverse("admin:conversions_promptversion_review", args=[version.pk])


def words(**changes: str) -> dict[str, str]:
    values = {"version": "mine", "platform": "x", "language": "", "note": "", "system_template": "Be brief."}
    return values | {"user_template": "$article"} | changes


def test_a_new_draft_begins_with_the_words_in_force(desk: Client, shipped: PromptVersion) -> None:
    page = desk.get(address(PromptVersion, "add"))
    assert page.context["adminform"].form.initial["system_template"] == DEFAULT.system
    assert desk.post(address(PromptVersion, "add"), words()).status_code == 302
    made = PromptVersion.objects.get(version="mine")
    assert (made.state, made.platform, made.created_by) == ("draft", "x", "staff@newsforge.example")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"user_template": "$article $nonsense"}, "cannot be used. It must name $article, and besides only $article,"),
        ({"user_template": "Write a post."}, "cannot be used. It must name $article"),
        ({"system_template": "x" * 20_001}, "at most 20000 characters"),
        ({"version": "two words"}, "Use letters, digits, points, hyphens and underscores."),
        ({"version": DEFAULT.version}, "already exists"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    desk: Client, shipped: PromptVersion, wrong: dict[str, str], sentence: str
) -> None:
    page = desk.post(address(PromptVersion, "add"), words(**wrong))
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert PromptVersion.objects.count() == 1


def test_a_draft_is_edited_and_what_was_active_is_not(
    desk: Client, shipped: PromptVersion, draft: PromptVersion
) -> None:
    form = words(version="shorter", platform="")
    assert desk.post(address(PromptVersion, "change", draft.pk), form).status_code == 302
    assert desk.post(address(PromptVersion, "change", shipped.pk), form).status_code == 403
    assert "<textarea" not in desk.get(address(PromptVersion, "change", shipped.pk)).content.decode()
    assert desk.post(address(PromptVersion, "delete", shipped.pk), {"post": "yes"}).status_code == 403
    assert desk.post(address(PromptVersion, "delete", draft.pk), {"post": "yes"}).status_code == 302
    assert list(PromptVersion.objects.all()) == [shipped]


def test_activated_with_a_reason_and_rolled_back_with_one_button(
    desk: Client, shipped: PromptVersion, draft: PromptVersion
) -> None:
    assert "This field is required." in pull(desk, draft, "activate")
    assert "Version shorter is active" in pull(desk, draft, "activate", reason="fewer words")
    active_prompts.forget()
    assert active_prompts.in_force().choose(platform="x", language="ko").version == "shorter"
    said = set(LogEntry.objects.values_list("object_repr", "change_message"))
    assert said == {("shorter", "activated: fewer words"), (DEFAULT.version, "retired for shorter: fewer words")}
    page = desk.get(address(PromptVersion, "changelist")).content.decode()
    assert page.count("Roll back") == 1
    assert f"Version {DEFAULT.version} is active again." in pull(desk, draft, "roll-back")
    draft.refresh_from_db()
    assert (draft.state, LogEntry.objects.count()) == ("retired", 4)
    assert "Version shorter is active:" in pull(desk, draft, "activate", reason="again")


def test_copied_and_retired(desk: Client, shipped: PromptVersion) -> None:
    special = activate_prompt(version="x-only", platform="x")
    assert "is a new draft with the words of x-only" in pull(desk, special, "copy")
    assert PromptVersion.objects.get(state="draft").platform == "x"
    assert "Version x-only is retired" in pull(desk, special, "retire", reason="the general one is as good")
    assert "cannot be retired" in pull(desk, shipped, "retire", reason="why not")
    assert "No other version was active here before" in pull(desk, shipped, "roll-back")


def test_what_changes_is_marked_in_signs_and_colour(desk: Client, shipped: PromptVersion, draft: PromptVersion) -> None:
    page = desk.get(review(draft)).content.decode()
    assert "<del>- Task: write one post for $platform from the article above, as a text of its own" in page
    assert "<ins>+ Task: write one post for $platform from the article above, in your words" in page
    assert "No difference." in page, "the other half"
    assert "This version is the one in force." in desk.get(review(shipped)).content.decode()
    hostile = make_prompt(version="hostile", system_template="<script>alert(1)</script>")
    assert "<script>alert" not in desk.get(review(hostile)).content.decode()


def test_the_very_prompt_is_shown_with_its_price(
    desk: Client, draft: PromptVersion, acme: User, settings: Settings
) -> None:
    settings.OPERATOR_PROVIDERS = {name: facts | {"api_key": ""} for name, facts in settings.OPERATOR_PROVIDERS.items()}
    page = desk.get(review(draft), {"sample": "en", "platform": "linkedin", "language": "ko"})
    assert "in your words" in page.context["prompt"].user
    assert "LinkedIn" in page.context["prompt"].user
    assert "Korean (한국어)" in page.context["prompt"].user
    shown = page.content.decode()
    assert re.search(r"About \d+ tokens in and 400 out", shown)
    assert "There is no operator's key: set OPENAI_API_KEY." in shown
    assert all(price.cost_usd > 0 for price in page.context["prices"])
    assert "Write it" not in shown


def test_a_version_is_tried_as_what_it_is_for(desk: Client, shipped: PromptVersion) -> None:
    special = make_prompt(version="kakao-en", platform="kakao", language="en")
    page = desk.get(review(special))
    assert page.context["prompt"].brief.platform == "kakao"
    assert page.context["prompt"].language == "en"
    assert "prompt" not in desk.get(review(special), {"platform": "x"}).context
    unfillable = make_prompt(version="bad", user_template="no")
    assert "cannot be used" in desk.get(review(unfillable)).content.decode()


def test_a_real_post_is_written_paid_for_and_not_stored(desk: Client, draft: PromptVersion, settings: Settings) -> None:
    choice = {"sample": "ko", "platform": "x", "language": "ko", "provider": "openai"}
    with far_side(RESPONSES, settings) as far:
        far.server.play(good(RESPONSES))
        page = desk.post(review(draft), choice)
        assert "in your words" in far.server.received[0].body.decode()
        trial = page.context["trial"]
        assert trial.outcome.post.text in page.content.decode()
        assert trial.calls == far.asked
        assert trial.cost_usd == MonthlySpend.objects.get(user=None).spent_usd > 0
        assert MonthlySpend.objects.get(user=None).held_usd == 0
        assert (Conversion.objects.count(), Attempt.objects.count()) == (0, 0)
        assert "tried at openai: x ko" in LogEntry.objects.get().change_message
        far.server.play(erring(500)(RESPONSES))
        assert "OpenAI" in desk.post(review(draft), choice).context["trial_failure"]
        settings.OPERATOR_MONTHLY_BUDGET_USD = 0
        far.server.received.clear()
        assert "This month's budget" in desk.post(review(draft), choice).context["trial_failure"]
        assert far.asked == 0


def test_uses_are_counted_with_one_statement_and_a_bound(
    desk: Client, shipped: PromptVersion, acme: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(12):
        version = make_prompt(version=f"v{number}")
        make_conversion(acme, prompt_version=version.version)
    article = Conversion.objects.values_list("article_id", flat=True)[0]
    many = [Conversion(user=acme, target_platform="x", article_id=article, prompt_version="v1") for _ in range(1005)]
    Conversion.objects.bulk_create(many)
    with django_assert_max_num_queries(8):  # type: ignore[operator] # the fixture is a context manager's maker
        page = desk.get(address(PromptVersion, "changelist"))
    used = {row.version: row.uses for row in page.context["cl"].result_list}
    assert (used["v0"], used["v1"], used[DEFAULT.version]) == (1, 1001, 0)
    assert "&gt; 1000" in page.content.decode()


class TestWhoMay:
    def test_who_may_look_changes_nothing(self, draft: PromptVersion) -> None:
        client = client_with("view_promptversion")
        for page in (address(PromptVersion, "changelist"), address(PromptVersion, "change", draft.pk), review(draft)):
            shown = client.get(page)
            assert shown.status_code == 200
            assert "/lever/" not in shown.content.decode()
        for lever in ("activate", "roll-back", "retire", "copy"):
            answer = client.post(address(PromptVersion, "lever", draft.pk, lever), {"reason": "mine"})
            assert answer.status_code == 403
        assert client.post(review(draft), {"provider": "openai"}).status_code == 403
        draft.refresh_from_db()
        assert draft.state == "draft"

    def test_who_has_no_right_sees_nothing(self, draft: PromptVersion) -> None:
        client = client_with()
        for page in (review(draft), address(PromptVersion, "lever", draft.pk, "activate")):
            assert client.get(page).status_code == 403

    def test_who_may_change_them_activates(self, draft: PromptVersion) -> None:
        client = client_with("view_promptversion", "change_promptversion")
        assert "Version shorter is active" in pull(client, draft, "activate", reason="tested")

    def test_nothing_moves_without_a_token(self, staff: User, draft: PromptVersion) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(staff)
        for page in (address(PromptVersion, "lever", draft.pk, "activate"), review(draft)):
            assert client.post(page, {"reason": "x", "provider": "openai"}).status_code == 403
        client.get(address(PromptVersion, "lever", draft.pk, "activate"), {"reason": "x"})
        assert client.get(address(PromptVersion, "lever", draft.pk, "roll-back")).status_code == 405
        assert client.get(address(PromptVersion, "lever", draft.pk, "nonsense")).status_code == 404
        draft.refresh_from_db()
        assert draft.state == "draft"


def test_the_pages_speak_korean(desk: Client, shipped: PromptVersion, draft: PromptVersion) -> None:
    in_korean = {"headers": {"accept-language": "ko"}}
    for page, word in (
        (address(PromptVersion, "changelist"), "초안"),
        (review(draft), "달라지는 내용"),
        (address(PromptVersion, "lever", draft.pk, "activate"), "사유"),
    ):
        assert word in desk.get(page, **in_korean).content.decode()  # type: ignore[arg-type] # the client's own keywords
