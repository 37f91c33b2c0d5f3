"""What happens to a conversion after the queue, whatever its writer and its worker do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from accounts.models import MonthlySpend, QuotaEntry, User
from conversions import execution, lease, services, tasks, tools
from conversions.enums import AttemptState, Payer, Platform, Provider, Status
from conversions.models import Attempt, Conversion
from conversions.pipeline.compose import compose
from conversions.pipeline.providers.errors import ProviderUnavailable, RateLimited, Receipt
from conversions.pipeline.types import Prompt, Reply, Usage
from conversions.route import Route, close_orphans

pytestmark = pytest.mark.django_db

TEXT = """Suwon opens a 24-hour library for night-shift workers
Suwon opened a library on Monday that never closes. The city spent 2.4 billion won on the four-storey building.
Mayor Lee Jae-joon said the library was "a promise kept to people who work at night". It holds 38,000 books.
The city expects 1,200 visitors a day. Residents may borrow seven books for fourteen days, officials said."""

GOOD = "Suwon opened a library on Monday that never closes. It holds 38,000 books."

CALL = Receipt(provider=Provider.OPENAI, model="gpt-6-luna")

Answer = Reply | BaseException


@dataclass
class FakeWriter:
    """A writer that says what the test gives it, in order, and counts how often it was asked."""

    answers: list[Answer]
    provider: Provider = Provider.OPENAI
    model: str = "gpt-6-luna"
    asked: list[Prompt] = field(default_factory=list)

    def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
        assert timeout > 0
        self.asked.append(prompt)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def reply(body: str) -> Reply:
    usage = Usage(input_tokens=900, output_tokens=60)
    return Reply(body=body, provider=Provider.OPENAI, model="gpt-6-luna", usage=usage, request_id="req_1", latency_ms=5)


@pytest.fixture
def acme() -> User:
    return User.objects.create_user("editor@acme.example", api_quota_daily=10)


@pytest.fixture
def asked_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeWriter]:
    """Let the next conversions be written by a fake writer through a real route."""

    def use(*answers: Answer) -> FakeWriter:
        writer = FakeWriter(list(answers))
        monkeypatch.setattr(
            tools,
            "writers_for",
            lambda *, conversion: (
                Route(writer=writer, conversion_id=conversion.pk, payer=Payer.USER, user=conversion.user),
            ),
        )
        return writer

    return use


def ask(user: User, *platforms: Platform) -> list[Conversion]:
    wishes = services.Wishes(platforms=platforms or (Platform.X,))
    return services.request_conversions(user=user, source=services.Source(text=TEXT), wishes=wishes, now=timezone.now())


def run(conversion: Conversion) -> float | None:
    wait = execution.execute(conversion_id=conversion.pk)
    conversion.refresh_from_db()
    return wait


def used(user: User) -> int:
    user.refresh_from_db()
    ledger = QuotaEntry.objects.filter(user=user).aggregate(sum=Sum("units"))["sum"]
    assert ledger == user.api_quota_used
    return user.api_quota_used


def test_a_success_keeps_post_tokens_cost_and_unit(acme: User, asked_of: Callable[..., FakeWriter]) -> None:
    asked_of(reply(GOOD))
    (conversion,) = ask(acme)
    assert run(conversion) is None
    assert conversion.status == Status.SUCCEEDED
    assert GOOD in conversion.content_generated
    assert conversion.length is not None
    assert conversion.limit is not None
    assert conversion.length <= conversion.limit
    assert (conversion.provider, conversion.tokens_used) == ("openai", 960)
    attempt = Attempt.objects.get()
    assert attempt.state == AttemptState.ANSWERED
    assert conversion.cost_usd == attempt.cost_usd
    assert used(acme) == 1


def test_a_second_delivery_of_the_message_does_nothing(acme: User, asked_of: Callable[..., FakeWriter]) -> None:
    writer = asked_of(reply(GOOD))
    (conversion,) = ask(acme)
    run(conversion)
    run(conversion)
    assert len(writer.asked) == 1
    assert Attempt.objects.count() == 1
    assert used(acme) == 1


def test_a_permanent_failure_gives_the_unit_back_and_says_why(acme: User, asked_of: Callable[..., FakeWriter]) -> None:
    asked_of(ProviderUnavailable(receipt=CALL))
    (conversion,) = ask(acme)
    conversion.deadline_at = timezone.now()
    conversion.save()
    assert run(conversion) is None
    assert conversion.status == Status.FAILED
    assert conversion.failure_code
    assert conversion.error_message
    assert used(acme) == 0


def test_a_passing_failure_steps_back_and_waits_as_long_as_asked(
    acme: User, asked_of: Callable[..., FakeWriter]
) -> None:
    writer = asked_of(RateLimited(receipt=CALL, retry_after=7), reply(GOOD))
    (conversion,) = ask(acme)
    wait = run(conversion)
    assert wait is not None
    assert wait >= 7
    assert conversion.status == Status.PENDING
    assert run(conversion) is None  # too early: not claimed
    assert len(writer.asked) == 1
    Conversion.objects.update(not_before=timezone.now())
    run(conversion)
    assert conversion.status == Status.SUCCEEDED
    assert used(acme) == 1


def test_an_answer_that_was_paid_for_is_not_asked_for_again(acme: User, asked_of: Callable[..., FakeWriter]) -> None:
    writer = asked_of(reply(GOOD))
    (conversion,) = ask(acme)
    Conversion.objects.filter(pk=conversion.pk).update(status=Status.PROCESSING, claim=5)
    conversion.refresh_from_db()
    (route,) = tools.writers_for(conversion=conversion)
    assert conversion.article is not None
    prompt = compose(article=conversion.article.value(), brief=execution.brief_of(conversion=conversion))
    route.complete(prompt, timeout=5)
    Conversion.objects.filter(pk=conversion.pk).update(status=Status.PENDING)  # its worker died before keeping
    run(conversion)
    assert conversion.status == Status.SUCCEEDED
    assert len(writer.asked) == 1


def test_a_worker_that_lost_its_claim_writes_nothing(acme: User, asked_of: Callable[..., FakeWriter]) -> None:
    (conversion,) = ask(acme)

    class Overtaken(FakeWriter):
        def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
            Conversion.objects.filter(pk=conversion.pk).update(claim=99)
            return super().complete(prompt, timeout=timeout)

    writer = asked_of(reply(GOOD))
    writer.__class__ = Overtaken
    run(conversion)
    assert conversion.status == Status.PROCESSING
    assert conversion.content_generated == ""


def test_cancelling_while_it_is_written_gives_the_unit_back_once(
    acme: User, asked_of: Callable[..., FakeWriter]
) -> None:
    (conversion,) = ask(acme)

    class Cancelled(FakeWriter):
        def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
            services.cancel_conversion(conversion=conversion, actor="editor", now=timezone.now())
            return super().complete(prompt, timeout=timeout)

    writer = asked_of(reply(GOOD))
    writer.__class__ = Cancelled
    run(conversion)
    assert conversion.status == Status.CANCELLED
    assert conversion.content_generated == ""
    assert used(acme) == 0


def test_a_retry_from_the_door_is_a_new_run_for_a_new_unit(acme: User, asked_of: Callable[..., FakeWriter]) -> None:
    asked_of(RateLimited(receipt=CALL, retry_after=900), reply(GOOD))
    (conversion,) = ask(acme)
    run(conversion)
    assert (conversion.status, conversion.failure_code) == (Status.FAILED, "rate-limited")
    services.retry_conversion(conversion=conversion, actor="editor", now=timezone.now())
    assert used(acme) == 1
    run(conversion)
    assert (conversion.status, conversion.run) == (Status.SUCCEEDED, 2)
    assert used(acme) == 1


def test_a_dead_workers_conversion_is_taken_back_and_a_late_one_fails(
    acme: User, asked_of: Callable[..., FakeWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LENGTH", timedelta(0))  # the database may have come up a moment ago
    asked_of(reply(GOOD))
    young, late = ask(acme, Platform.X, Platform.LINKEDIN)
    now = timezone.now()
    gone = now - timedelta(seconds=1)
    Conversion.objects.update(status=Status.PROCESSING, claim=1, lease_until=gone, started_at=gone)
    Conversion.objects.filter(pk=young.pk).update(deadline_at=now + timedelta(seconds=60))
    Conversion.objects.filter(pk=late.pk).update(deadline_at=gone)
    tasks.reap_stuck()
    young.refresh_from_db()
    late.refresh_from_db()
    assert young.status == Status.PENDING
    assert (late.status, late.failure_code) == (Status.FAILED, "worker-lost")
    assert used(acme) == 1


def test_after_a_restart_of_the_database_the_living_have_time_to_renew_their_leases(
    acme: User, asked_of: Callable[..., FakeWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LENGTH", timedelta(days=3650))  # it came up less than that ago
    asked_of(reply(GOOD))
    (conversion,) = ask(acme)
    Conversion.objects.update(status=Status.PROCESSING, claim=1, lease_until=timezone.now() - timedelta(seconds=1))
    tasks.reap_stuck()
    conversion.refresh_from_db()
    assert conversion.status == Status.PROCESSING


def test_a_budget_refuses_the_call_that_it_does_not_cover(acme: User, asked_of: Callable[..., FakeWriter]) -> None:
    acme.monthly_budget_usd = Decimal("0.00")
    acme.save()
    writer = asked_of(reply(GOOD))
    (conversion,) = ask(acme)
    run(conversion)
    assert (conversion.status, conversion.failure_code) == (Status.FAILED, "budget-exceeded")
    assert writer.asked == []


def test_what_a_dead_workers_call_set_aside_is_freed(acme: User, asked_of: Callable[..., FakeWriter]) -> None:
    class Killed(BaseException):
        """What a SIGKILL leaves behind: a row that says a call went out."""

    asked_of(Killed())
    (conversion,) = ask(acme)
    (route,) = tools.writers_for(conversion=conversion)
    assert conversion.article is not None
    with pytest.raises(Killed):
        route.complete(
            compose(article=conversion.article.value(), brief=execution.brief_of(conversion=conversion)), timeout=5
        )
    assert MonthlySpend.objects.get().held_usd > 0
    assert close_orphans(before=timezone.now() + timedelta(seconds=1)) == 1
    assert MonthlySpend.objects.get().held_usd == 0
    assert Attempt.objects.get().failure_code == "worker-lost"
