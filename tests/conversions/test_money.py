"""Money: estimates that do nothing, usage as it was, and budgets that calls made at the same time cannot pass."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.db.models import F
from django.utils import timezone
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts import budget
from accounts.models import MonthlySpend, QuotaEntry, User
from conversions import execution
from conversions.enums import AttemptState, Payer, Provider
from conversions.models import Article, Attempt, Conversion
from conversions.pipeline.compose import compose
from conversions.pipeline.types import Prompt, Reply, Usage
from conversions.route import Route, close_orphans, worst_cost
from tests.conversions.conftest import problem
from tests.conversions.test_api import ARTICLE, DOOR
from tests.factories import make_attempt, make_conversion, make_key, make_spend
from tests.faults.server import FaultServer, hang_up

ESTIMATES = "/api/v1/estimates"
USAGE = "/api/v1/usage"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Noon in Seoul."""


@dataclass
class PatientWriter:
    """A writer that answers when it is let."""

    model: str = "gpt-6-luna"
    provider: Provider = Provider.OPENAI
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[Prompt] = field(default_factory=list)

    def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
        self.asked.append(prompt)
        assert self.gate.wait(20)
        usage = Usage(input_tokens=900, output_tokens=60)
        return Reply(body="Suwon opened a library.", provider=self.provider, model=self.model, usage=usage)


def estimate(api: APIClient, **body: Any) -> Any:
    return api.post(ESTIMATES, {"text": ARTICLE, "platforms": ["x", "linkedin"]} | body)


def at_once(works: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same instant, each with a database connection of its own; an exception is a result."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        gate.wait(20)
        try:
            return work()
        except budget.BudgetExceeded as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def prompt_of(conversion: Conversion) -> Prompt:
    assert conversion.article
    return compose(article=conversion.article.value(), brief=execution.brief_of(conversion=conversion))


def route_of(conversion: Conversion, writer: Any, payer: Payer = Payer.USER) -> Route:
    owner = conversion.user if payer == Payer.USER else None
    return Route(writer=writer, conversion_id=conversion.pk, payer=payer, user=owner)


@contextmanager
def a_call_that_is_out(conversion: Conversion, payer: Payer = Payer.USER) -> Iterator[Callable[[], Reply]]:
    """Make a call in a thread and yield, while the provider thinks, what lets it answer and waits for it."""
    writer = PatientWriter()

    def call() -> Reply:
        try:
            return route_of(conversion, writer, payer).complete(prompt_of(conversion), timeout=20)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(call)
        while not writer.asked and not answer.done():
            threading.Event().wait(0.01)

        def finish() -> Reply:
            writer.gate.set()
            return answer.result(20)

        yield finish
        writer.gate.set()


# Estimates


def test_an_estimate_fetches_reserves_and_keeps_nothing(api: APIClient, acme: User, settings: Settings) -> None:
    with FaultServer(hang_up) as site:
        settings.FETCH_ALLOW = f"127.0.0.1:{site.port}"
        for source in (
            {"source_url": f"{site.base_url}/news", "text": None},
            {},
            {"text": None, "html": "<p>수원</p>"},
        ):
            assert estimate(api, **source).status_code == 200
        assert site.connections == 0
    for table in (Article, Conversion, Attempt, MonthlySpend, QuotaEntry):
        assert table.objects.count() == 0
    acme.refresh_from_db()
    assert acme.api_quota_used == 0


def test_our_own_writer_is_free(api: APIClient) -> None:
    body = estimate(api).json()
    assert (body["cost_usd"], body["max_cost_usd"], body["basis"]) == ("0.000000", "0.000000", "text")
    assert [(each["platform"], each["provider"], each["payer"]) for each in body["posts"]] == [
        ("x", "extractive", "nobody"),
        ("linkedin", "extractive", "nobody"),
    ]
    assert (body["units"], body["units_left"], body["fits_quota"], body["fits_budget"]) == (2, 100, True, True)


def test_a_key_of_ones_own_has_a_price(api: APIClient, acme: User) -> None:
    make_key(acme)
    body = estimate(api).json()
    for post in body["posts"]:
        assert (post["provider"], post["payer"]) == ("openai", "user")
        assert post["input_tokens"] > 0
        assert 0 < Decimal(post["cost_usd"]) < Decimal(post["max_cost_usd"])
    for name in ("cost_usd", "max_cost_usd"):
        assert Decimal(body[name]) == sum(Decimal(post[name]) for post in body["posts"])


def test_an_unread_address_is_taken_for_a_typical_article(api: APIClient) -> None:
    assert estimate(api, text=None, source_url="https://news.example/suwon").json()["basis"] == "typical"


def test_a_model_of_unknown_price_has_none(api: APIClient, acme: User, settings: Settings) -> None:
    make_key(acme)
    unknown = settings.OPERATOR_PROVIDERS["openai"] | {"model": "of-our-own-making-7b"}
    settings.OPERATOR_PROVIDERS = settings.OPERATOR_PROVIDERS | {"openai": unknown}
    body = estimate(api, provider="openai").json()
    assert (body["cost_usd"], body["max_cost_usd"], body["posts"][0]["cost_usd"]) == (None, None, None)
    assert body["posts"][0]["input_tokens"] > 0


def test_an_estimate_says_what_does_not_fit(api: APIClient, acme: User) -> None:
    make_key(acme)
    User.objects.update(api_quota_daily=1, monthly_budget_usd=Decimal("0.00"))
    body = estimate(api).json()
    assert (body["units_left"], body["fits_quota"], body["fits_budget"]) == (1, False, False)


def test_what_could_not_be_asked_for_cannot_be_estimated(api: APIClient) -> None:
    problem(estimate(api, provider="openai"), 422, "no-provider-key")
    problem(estimate(api, platforms=["myspace"]), 400, "invalid-request")
    problem(estimate(api, text="too short"), 422, "too-short")


# Usage


def test_usage_by_every_group(api: APIClient, acme: User) -> None:
    first = make_conversion(acme, target_platform="x")
    second = make_conversion(acme, target_platform="kakao")
    costs = {"cost_usd": Decimal("0.001"), "created_at": NOW}
    make_attempt(first, **costs)
    make_attempt(first, **costs, state="failed", failure_code="rate-limited", input_tokens=0, output_tokens=0)
    make_attempt(
        second, **costs | {"created_at": NOW - timedelta(days=1)}, provider="anthropic", model="claude-opus-5-5"
    )

    def rows(group: str) -> dict[str, tuple[Any, ...]]:
        answer = api.get(f"{USAGE}?from=2026-11-01&to=2026-11-30&group_by={group}").json()
        assert (answer["group_by"], answer["from"], answer["to"]) == (group, "2026-11-01", "2026-11-30")
        names = ("conversions", "calls", "input_tokens", "output_tokens", "cost_usd", "unpriced")
        return {row["group"]: tuple(row[name] for name in names) for row in answer["rows"]}

    two, one = (1, 2, 900, 60, "0.002000", 0), (1, 1, 900, 60, "0.001000", 0)
    assert rows("day") == {"2026-11-22": one, "2026-11-23": two}
    assert rows("provider") == {"anthropic": one, "openai": two}
    assert rows("model") == {"claude-opus-5-5": one, "gpt-6-luna": two}
    assert rows("platform") == {"kakao": one, "x": two}


@pytest.mark.parametrize(
    ("zone", "day"), [("Asia/Seoul", "2026-11-24"), ("UTC", "2026-11-23"), ("America/New_York", "2026-11-23")]
)
def test_a_day_of_usage_is_the_users_own(api: APIClient, acme: User, zone: str, day: str) -> None:
    User.objects.update(time_zone=zone)
    late = datetime(2026, 11, 23, 15, 0, 1, tzinfo=UTC)  # a second past midnight in Seoul
    make_attempt(make_conversion(acme), created_at=late)
    assert [row["group"] for row in api.get(f"{USAGE}?from={day}&to={day}").json()["rows"]] == [day]
    before = date.fromisoformat(day) - timedelta(days=1)
    assert api.get(f"{USAGE}?from={before}&to={before}").json()["rows"] == []


@pytest.mark.parametrize("day", [date.min, date.max])
def test_nothing_was_used_on_the_first_and_the_last_day_there_is(api: APIClient, day: date) -> None:
    assert api.get(f"{USAGE}?from={day}&to={day}").json()["rows"] == []


def test_an_unknown_price_is_counted_apart_and_never_as_nothing(api: APIClient, acme: User) -> None:
    conversion = make_conversion(acme)
    make_attempt(conversion, cost_usd=Decimal("0.5"), created_at=NOW)
    make_attempt(conversion, cost_usd=None, created_at=NOW)
    (row,) = api.get(f"{USAGE}?from=2026-11-23&to=2026-11-23").json()["rows"]
    assert (row["calls"], row["cost_usd"], row["unpriced"]) == (2, "0.500000", 1)


def test_usage_says_what_the_month_and_its_budget_are(api: APIClient, acme: User, globex: User) -> None:
    User.objects.filter(pk=acme.pk).update(monthly_budget_usd=Decimal(20))
    make_spend(acme)
    make_spend(globex, spent_usd=Decimal(9))
    make_spend(None, spent_usd=Decimal(90))
    body = api.get(USAGE).json()
    assert (body["spent_this_month_usd"], body["budget_usd"]) == ("1.250000", "20.000000")


def test_globex_sees_nothing_of_acmes_usage(stranger: APIClient, acme: User) -> None:
    make_attempt(make_conversion(acme), cost_usd=Decimal(1))
    assert stranger.get(USAGE).json()["rows"] == []


@pytest.mark.parametrize(
    "query",
    ["from=2026-11-30&to=2026-11-01", "from=2024-01-01&to=2026-01-01", "group_by=user", "to=tomorrow", "by=day"],
)
def test_a_span_or_group_that_is_none_is_refused(api: APIClient, query: str) -> None:
    problem(api.get(f"{USAGE}?{query}"), 400, "invalid-request")


# Budgets


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("payer", [Payer.USER, Payer.OPERATOR])
def test_calls_at_the_same_instant_never_pass_a_budget_together(acme: User, settings: Settings, payer: Payer) -> None:
    writer = PatientWriter(model="gpt-4")  # dear, for a budget is in cents
    conversions = [make_conversion(acme) for _ in range(8)]
    worst = worst_cost(writer=writer, prompt=prompt_of(conversions[0]))
    assert worst
    bound = (worst * Decimal("3.5")).quantize(Decimal("0.01"))
    assert worst * 3 <= bound < worst * 4, "the prompt's price no longer suits this test's bound"
    acme.monthly_budget_usd = settings.OPERATOR_MONTHLY_BUDGET_USD = bound
    acme.save()
    routes = [route_of(each, writer, payer) for each in conversions]
    threading.Timer(3, writer.gate.set).start()
    results = at_once([partial(r.complete, prompt_of(c), timeout=20) for r, c in zip(routes, conversions, strict=True)])
    assert len(writer.asked) == 3
    assert [isinstance(each, budget.BudgetExceeded) for each in results].count(True) == 5
    (month,) = MonthlySpend.objects.all()
    assert month.user == (acme if payer == Payer.USER else None)
    assert month.held_usd == 0
    assert 0 < month.spent_usd == sum(each.cost_usd or 0 for each in Attempt.objects.all()) <= bound


@pytest.mark.django_db(transaction=True)
def test_the_first_calls_of_a_month_do_not_refuse_each_other(acme: User) -> None:
    acme.monthly_budget_usd = Decimal(1)
    acme.save()
    for number in range(5):
        month = NOW + timedelta(days=31 * number)
        holds = at_once([partial(budget.hold, user=acme, amount=Decimal("0.1"), now=month)] * 8)
        assert [each for each in holds if isinstance(each, budget.BudgetExceeded)] == []
    assert {each.held_usd for each in MonthlySpend.objects.all()} == {Decimal("0.8")}


def test_a_budget_is_of_one_month(acme: User) -> None:
    acme.monthly_budget_usd = Decimal(1)
    acme.save()
    last_second = datetime(2026, 11, 30, 14, 59, 59, tzinfo=UTC)  # of November in Seoul
    assert budget.hold(user=acme, amount=Decimal(1), now=last_second) == date(2026, 11, 1)
    with pytest.raises(budget.BudgetExceeded):
        budget.hold(user=acme, amount=Decimal(1), now=last_second)
    assert budget.hold(user=acme, amount=Decimal(1), now=last_second + timedelta(seconds=1)) == date(2026, 12, 1)


def test_a_used_up_budget_refuses_what_has_no_price_too(acme: User) -> None:
    acme.monthly_budget_usd = Decimal("1.25")
    acme.save()
    make_spend(acme)
    with pytest.raises(budget.BudgetExceeded, match=r"\$1.25"):
        budget.hold(user=acme, amount=Decimal(0), now=timezone.now())


def test_usage_below_zero_from_outside_gives_nothing_back(acme: User) -> None:
    month = budget.hold(user=acme, amount=Decimal("0.5"), now=NOW)
    budget.settle(user=acme, month=month, held=Decimal("0.5"), cost=Decimal(-3))
    row = MonthlySpend.objects.get()
    assert row.spent_usd == row.held_usd == 0


@pytest.mark.django_db(transaction=True)
def test_an_amount_set_aside_is_freed_to_the_last_digit(acme: User) -> None:
    """Prices go below a millionth of a dollar, the columns do not."""
    for length in range(40):
        conversion = make_conversion(acme)
        assert conversion.article
        conversion.article.text += "." * length
        writer = PatientWriter()
        writer.gate.set()
        route_of(conversion, writer).complete(prompt_of(conversion), timeout=5)
    month = MonthlySpend.objects.get()
    assert month.held_usd == 0
    assert month.spent_usd == sum(each.cost_usd or 0 for each in Attempt.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_call_taken_for_lost_that_answers_after_all_frees_nothing_twice(acme: User) -> None:
    lost, other = make_conversion(acme), make_conversion(acme)
    with a_call_that_is_out(other) as finish_other:
        others = MonthlySpend.objects.get().held_usd
        with a_call_that_is_out(lost) as finish:
            Attempt.objects.filter(conversion=lost).update(created_at=F("created_at") - timedelta(minutes=1))
            assert close_orphans(before=Attempt.objects.get(conversion=other).created_at) == 1
            assert MonthlySpend.objects.get().held_usd == others
            finish()
        month = MonthlySpend.objects.get()
        assert month.held_usd == others
        late = Attempt.objects.get(conversion=lost)
        assert late.state == AttemptState.ANSWERED
        assert late.held_usd == 0
        assert month.spent_usd == late.cost_usd
        finish_other()
    assert MonthlySpend.objects.get().held_usd == 0


@pytest.mark.django_db(transaction=True)
def test_a_lost_call_of_a_user_who_is_gone_leaves_the_operators_budget_alone(acme: User, globex: User) -> None:
    theirs, ours = make_conversion(acme), make_conversion(globex)
    with a_call_that_is_out(ours, Payer.OPERATOR) as finish:
        held = MonthlySpend.objects.get(user=None).held_usd
        make_attempt(
            theirs, state="open", held_usd=held, payer=Payer.USER, created_at=timezone.now() - timedelta(hours=1)
        )
        acme.delete()
        assert close_orphans(before=timezone.now() - timedelta(minutes=5)) == 1
        assert MonthlySpend.objects.get(user=None).held_usd == held > 0
        finish()
    assert MonthlySpend.objects.get(user=None).held_usd == 0


def test_a_conversions_cost_is_unknown_when_one_of_its_calls_has_no_price(api: APIClient, acme: User) -> None:
    made = make_conversion(acme, status="succeeded", cost_usd=None)
    assert api.get(f"{DOOR}/{made.pk}").json()["cost_usd"] is None
