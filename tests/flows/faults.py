"""A conversion, a provider that fails on the wire, and what both sides saw."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from pytest_django import Settings

from accounts.models import QuotaEntry, User
from conversions import execution, gate, services
from conversions.enums import AUTO, AttemptState, Platform
from conversions.models import Attempt, Conversion
from tests.factories import make_key
from tests.faults.dialects import DIALECTS, Dialect
from tests.faults.server import Act, FaultServer, answer, failing, hang_up

TEXT = """정부, 소상공인 지원에 1조 2,000억 원 투입
정부는 24일 소상공인 지원에 1조 2,000억 원을 투입한다고 밝혔다. 지원은 다음 달부터 시작된다.
기획재정부는 매출이 줄어든 가게의 임차료와 이자를 먼저 돕기로 했다. 신청은 가까운 센터에서 받는다.
소상공인연합회는 늦었지만 필요한 조치라고 했다. 정부는 효과를 살펴 지원을 늘릴지 정하기로 했다.
전통시장 상인들은 절차가 간단해야 한다고 입을 모았다. 담당 부처는 신청 서류를 줄이는 방안을 찾고 있다고 설명했다."""

RESPONSES, CHAT, ANTHROPIC = DIALECTS

BOTH = (RESPONSES, ANTHROPIC)
"""Each provider as it is asked unless the environment says otherwise."""

MODELS = {"openai": "gpt-6-luna", "anthropic": "claude-haiku-5-5"}


def good(dialect: Dialect) -> Act:
    """A whole answer whose post is true to TEXT."""
    return answer(json.dumps(dialect.good(), ensure_ascii=False).encode())


def provider_of(dialect: Dialect) -> str:
    return "anthropic" if dialect is ANTHROPIC else "openai"


@dataclass
class Far:
    """One provider as a server of ours."""

    dialect: Dialect
    server: FaultServer

    @property
    def provider(self) -> str:
        return provider_of(self.dialect)

    @property
    def circuit(self) -> str:
        return f"{self.provider}@127.0.0.1:{self.server.port}"

    @property
    def asked(self) -> int:
        return len(self.server.received)

    def facts(self, api_key: str) -> dict[str, str]:
        path = "" if self.dialect is ANTHROPIC else "/v1"
        api = {"responses": "responses", "chat": "chat", "anthropic": "messages"}[self.dialect.name]
        model, base_url = MODELS[self.provider], self.server.base_url + path
        return {"api_key": api_key, "base_url": base_url, "model": model, "api": api}


@contextmanager
def far_side(dialect: Dialect, settings: Settings, *, api_key: str = "sk-operator-000000000000") -> Iterator[Far]:
    """Let a provider be a server that does what the test says; ``api_key`` is the operator's, empty for none."""
    with FaultServer(hang_up) as server:
        far = Far(dialect, server)
        settings.OPERATOR_PROVIDERS = settings.OPERATOR_PROVIDERS | {far.provider: far.facts(api_key)}
        yield far


def ask(user: User, provider: str = AUTO) -> Conversion:
    """Order one post about TEXT."""
    wishes = services.Wishes(platforms=(Platform.X,), provider=provider)
    source = services.Source(text=TEXT)
    (made,) = services.request_conversions(user=user, source=source, wishes=wishes, now=timezone.now())
    return made


def run(conversion: Conversion) -> float | None:
    """Let a worker have it now; return the seconds it wants to come again in."""
    wait = execution.execute(conversion_id=conversion.pk)
    conversion.refresh_from_db()
    return wait


def come_again(conversion: Conversion, far: Far | None = None) -> float | None:
    """Let the time it waits for have come, for its provider's key too."""
    if far is not None:
        gate.rests().end(subject=f"operator:{far.provider}")
    Conversion.objects.filter(pk=conversion.pk).update(not_before=timezone.now())
    return run(conversion)


def calls(conversion: Conversion) -> list[tuple[str, str, str]]:
    """The journal: who was asked, and what became of it."""
    rows = Attempt.objects.filter(conversion=conversion).order_by("id")
    return [(row.provider, row.state, row.failure_code) for row in rows]


def is_unbilled(conversion: Conversion) -> bool:
    """Tell whether no failed call of it has a price or tokens."""
    failed = Attempt.objects.filter(conversion=conversion, state=AttemptState.FAILED)
    return not any(row.cost_usd or row.input_tokens or row.output_tokens for row in failed)


def used(user: User) -> int:
    """The units of the day, the same in counter and ledger."""
    user.refresh_from_db()
    assert sum(QuotaEntry.objects.filter(user=user).values_list("units", flat=True)) == user.api_quota_used
    return user.api_quota_used


def failures(far: Far) -> Any:
    return gate.circuits().look(circuit=far.circuit).failures


def limited(dialect: Dialect, **headers: str) -> Act:
    kind = "rate_limit_error" if dialect is ANTHROPIC else "requests"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return failing(429, dialect.error(kind, "Slow down.", "rate_limit_exceeded"), headers=named)


def erring(status: int, kind: str = "server_error") -> Callable[[Dialect], Act]:
    return lambda dialect: failing(status, dialect.error(kind))


def saying(body: bytes, kind: str = "application/json") -> Callable[[Dialect], Act]:
    return lambda _: answer(body, kind=kind)


def stopped(why: str) -> Callable[[Dialect], Act]:
    return lambda d: answer(json.dumps(d.good(stop=d.stops[why]), ensure_ascii=False).encode())


def written(text: str) -> Callable[[Dialect], Act]:
    return lambda d: answer(json.dumps(d.good(text), ensure_ascii=False).encode())


def refused(status: int, kind: str, code: str | None = None, message: str = "No.") -> Callable[[Dialect], Act]:
    return lambda d: failing(status, d.error(kind, message, code))


def keyed(far: Far, who: str) -> list[bool]:
    return [who in str(dict(each.headers)) for each in far.server.received]


def with_keys(user: User) -> None:
    for provider in ("openai", "anthropic"):
        make_key(user, provider=provider, plaintext=f"sk-own-{provider}-0123456789")
