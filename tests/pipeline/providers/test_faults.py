"""Each way a provider fails, in each dialect: our class and code, the wait it names, one request, no key anywhere."""

from __future__ import annotations

import json
import logging
import pickle
import time
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any

import pytest

from conversions.enums import FailureCode
from conversions.pipeline.providers import errors
from conversions.pipeline.providers.errors import ProviderFailure
from conversions.pipeline.types import Prompt, Usage
from newsforge.lib.errors import Fault, PermanentError, TransientError
from tests.faults.canary import KEY, leaks
from tests.faults.dialects import Dialect
from tests.faults.server import (
    Act,
    FaultServer,
    answer,
    cut,
    dripping,
    endless,
    failing,
    hang_up,
    head,
    reset,
    silence,
    stalling,
)

QUICK = 0.6
PAID = {"input_tokens": 1000, "output_tokens": 50, "cache_read_tokens": 200}


def fail_with(
    server: FaultServer, dialect: Dialect, prompt: Prompt, act: Act, *, timeout: float = 5
) -> ProviderFailure:
    server.play(act)
    with pytest.raises(ProviderFailure) as caught:
        dialect.writer(server.base_url, key=KEY).complete(prompt, timeout=timeout)
    return caught.value


@dataclass(frozen=True, kw_only=True)
class Case:
    """An error answer; ``kind`` and ``code`` are OpenAI's, ``anthropic`` is the other's type."""

    name: str
    status: int
    kind: str
    expected: type[ProviderFailure]
    code: str | None = None
    anthropic: str = "invalid_request_error"
    message: str = field(default="No.", repr=False)

    def act(self, dialect: Dialect) -> Act:
        kind = self.anthropic if dialect.name == "anthropic" else self.kind
        return failing(self.status, dialect.error(kind, self.message, self.code), headers={"request-id": "req_7"})


CASES = (
    Case(
        name="unknown key",
        status=401,
        kind="invalid_request_error",
        code="invalid_api_key",
        anthropic="authentication_error",
        message=f"Incorrect API key provided: {KEY}. You can find your API key at https://platform.example.",
        expected=errors.BadKey,
    ),
    Case(
        name="forbidden",
        status=403,
        kind="invalid_request_error",
        code="model_not_allowed",
        anthropic="permission_error",
        message=f"Key {KEY} may not.",
        expected=errors.KeyForbidden,
    ),
    Case(
        name="no money, 429",
        status=429,
        kind="insufficient_quota",
        code="insufficient_quota",
        anthropic="rate_limit_error",
        message="You exceeded your current quota, please check your plan and billing details.",
        expected=errors.KeyQuotaExhausted,
    ),
    Case(
        name="no money, 402",
        status=402,
        kind="billing",
        anthropic="billing_error",
        expected=errors.KeyQuotaExhausted,
    ),
    Case(
        name="no money, 400",
        status=400,
        kind="invalid_request_error",
        code="billing_hard_limit_reached",
        message="Your credit balance is too low to access the API.",
        expected=errors.KeyQuotaExhausted,
    ),
    Case(
        name="too long",
        status=400,
        kind="invalid_request_error",
        code="context_length_exceeded",
        message="prompt is too long: 250000 tokens > 200000 maximum",
        expected=errors.ContextTooLong,
    ),
    Case(
        name="too long, 413",
        status=413,
        kind="invalid_request_error",
        anthropic="request_too_large",
        expected=errors.ContextTooLong,
    ),
    Case(
        name="too long for the key's limit",
        status=429,
        kind="tokens",
        code="rate_limit_exceeded",
        anthropic="rate_limit_error",
        message="Request too large for model-1 on tokens per min (TPM): Limit 30000, Requested 50000.",
        expected=errors.ContextTooLong,
    ),
    Case(
        name="filtered",
        status=400,
        kind="invalid_request_error",
        code="content_filter",
        anthropic="content_filter",
        expected=errors.ContentRefused,
    ),
    Case(
        name="no such model",
        status=404,
        kind="invalid_request_error",
        code="model_not_found",
        anthropic="not_found_error",
        message=f"The model `model-1` does not exist for {KEY}.",
        expected=errors.BadProviderRequest,
    ),
    Case(name="bad request", status=400, kind="invalid_request_error", expected=errors.BadProviderRequest),
    Case(name="unprocessable", status=422, kind="invalid_request_error", expected=errors.BadProviderRequest),
    Case(name="redirect", status=307, kind="moved", expected=errors.BadProviderRequest),
    Case(name="408", status=408, kind="timeout", expected=errors.ProviderTimedOut),
    Case(name="409", status=409, kind="conflict", expected=errors.ProviderUnavailable),
    Case(name="500", status=500, kind="server_error", anthropic="api_error", expected=errors.ProviderUnavailable),
    Case(name="502", status=502, kind="bad_gateway", anthropic="api_error", expected=errors.ProviderUnavailable),
    Case(
        name="503", status=503, kind="service_unavailable", anthropic="api_error", expected=errors.ProviderUnavailable
    ),
    Case(
        name="503 overloaded",
        status=503,
        kind="service_unavailable",
        anthropic="api_error",
        message="The engine is currently overloaded, please try again later.",
        expected=errors.ProviderOverloaded,
    ),
    Case(name="504", status=504, kind="timeout", anthropic="timeout_error", expected=errors.ProviderTimedOut),
    Case(
        name="529",
        status=529,
        kind="overloaded",
        anthropic="overloaded_error",
        message="Overloaded",
        expected=errors.ProviderOverloaded,
    ),
    Case(
        name="rate limit",
        status=429,
        kind="requests",
        code="rate_limit_exceeded",
        anthropic="rate_limit_error",
        message=f"Rate limit reached for {KEY} in organization org-1234567.",
        expected=errors.RateLimited,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_answers(
    case: Case, dialect: Dialect, server: FaultServer, prompt: Prompt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    failure = fail_with(server, dialect, prompt, case.act(dialect))
    assert type(failure) is case.expected
    assert failure.code in set(FailureCode)
    assert failure.request_id == "req_7"
    assert failure.usage is None, "nothing was paid"
    assert leaks(failure, caplog.records) == []
    assert len(server.received) == 1
    again = pickle.loads(pickle.dumps(failure))  # noqa: S301 - our own bytes
    assert (type(again), str(again), again.request_id) == (type(failure), str(failure), "req_7")


WAITS: dict[str, tuple[dict[str, str], float | None]] = {
    "none": ({}, None),
    "whole": ({"retry-after": "1"}, 1.0),
    "fraction": ({"retry-after": "1.5"}, 1.5),
    "long": ({"retry-after": "90"}, 90.0),
    "milliseconds": ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
    "nonsense": ({"retry-after": "soon"}, None),
}


@pytest.mark.parametrize("name", WAITS)
@pytest.mark.parametrize("status", [429, 503, 529])
def test_the_wait_a_provider_names(
    status: int, name: str, dialect: Dialect, server: FaultServer, prompt: Prompt
) -> None:
    headers, expected = WAITS[name]
    started = time.monotonic()
    failure = fail_with(server, dialect, prompt, failing(status, dialect.error("slow"), headers=headers))
    assert isinstance(failure, TransientError)
    assert failure.retry_after == expected
    assert time.monotonic() - started < 1, "waiting is not the writer's business"
    assert len(server.received) == 1
    assert pickle.loads(pickle.dumps(failure)).retry_after == expected  # noqa: S301 - our own bytes


def test_the_wait_as_a_date(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    date = formatdate(time.time() + 30, usegmt=True)
    failure = fail_with(server, dialect, prompt, failing(429, dialect.error("slow"), headers={"Retry-After": date}))
    assert isinstance(failure, errors.RateLimited)
    assert failure.retry_after == pytest.approx(30, abs=2)


BROKEN: dict[str, Act] = {
    "reset before headers": reset,
    "closed without a word": hang_up,
    "cut body": cut(b'{"id": "x", "output": []}' * 100, after=60),
    "body reset": cut(b'{"id": "x", "output": []}' * 100, after=60, by_reset=True),
    "not HTTP": lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "endless": endless,
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_connections(
    name: str, dialect: Dialect, server: FaultServer, prompt: Prompt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    failure = fail_with(server, dialect, prompt, BROKEN[name])
    assert type(failure) is errors.ProviderUnreachable
    assert failure.usage is None
    assert leaks(failure, caplog.records) == []
    assert len(server.received) == 1


def test_nobody_listens(dialect: Dialect, prompt: Prompt, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FaultServer(hang_up) as gone:
        writer = dialect.writer(gone.base_url, key=KEY)
    with pytest.raises(errors.ProviderUnreachable) as caught:
        writer.complete(prompt, timeout=5)
    assert leaks(caught.value, caplog.records) == []


SLOW: dict[str, Act] = {
    "silence": silence,
    "dripping body": dripping(b" " * 500, every=0.05, first=head(500)),
    "dripping headers": dripping(b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 5000, every=0.05),
    "silent body": stalling(head(500) + b"{"),
}


@pytest.mark.parametrize("name", SLOW)
def test_the_time_limit_is_the_wall_clock(
    name: str, dialect: Dialect, server: FaultServer, prompt: Prompt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.play(answer(json.dumps(dialect.good()).encode()), SLOW[name])
    writer = dialect.writer(server.base_url, key=KEY)
    writer.complete(prompt, timeout=5)  # the SDK's first call builds its models; that is not what is timed here
    started = time.monotonic()
    with pytest.raises(errors.ProviderTimedOut) as caught:
        writer.complete(prompt, timeout=QUICK)
    assert QUICK * 0.9 < time.monotonic() - started < QUICK + 1
    assert caught.value.latency_ms >= QUICK * 900
    assert leaks(caught.value, caplog.records) == []
    assert len(server.received) == 2


def test_a_server_that_does_not_listen_while_we_send(dialect: Dialect, prompt: Prompt) -> None:
    huge = replace(prompt, user=prompt.user * 8_000)
    with FaultServer(hang_up, deaf=True) as server:
        started = time.monotonic()
        with pytest.raises(errors.ProviderTimedOut):
            dialect.writer(server.base_url, key=KEY).complete(huge, timeout=1.5)
        assert time.monotonic() - started < 3


def text_case(text: str) -> Any:
    return lambda dialect: json.dumps(dialect.good(text)).encode()


PAGES: dict[str, tuple[Any, type[ProviderFailure], bool]] = {
    "web page": (lambda _: b"<!doctype html><title>Sign in</title>", errors.NotAnAnswer, False),
    "half the JSON": (lambda dialect: json.dumps(dialect.good()).encode()[:200], errors.NotAnAnswer, False),
    "a list": (lambda _: b"[1, 2]", errors.NotAnAnswer, False),
    "null": (lambda _: b"null", errors.NotAnAnswer, False),
    "not UTF-8": (lambda _: b'{"a": "\xff\xfe"}', errors.NotAnAnswer, False),
    "too deep": (lambda _: b"[" * 100_000, errors.NotAnAnswer, False),
    "nothing": (lambda _: b"", errors.NoAnswer, False),
    "no output": (
        lambda dialect: json.dumps(dialect.good(output=[], choices=[], content=[])).encode(),
        errors.EmptyReply,
        True,
    ),
    "strange output": (
        lambda dialect: json.dumps(dialect.good(output=5, choices={"a": 1}, content="text")).encode(),
        errors.EmptyReply,
        True,
    ),
    "empty text": (text_case(""), errors.EmptyReply, True),
    "blank body": (text_case('{"title": "", "body": " \\n ", "hashtags": []}'), errors.EmptyReply, True),
    "prose": (text_case("Here is your post: hello!"), errors.MalformedReply, True),
    "cut JSON": (text_case('{"title": "", "body": "정부가 24일'), errors.MalformedReply, True),
    "other fields": (text_case('{"text": "hello"}'), errors.MalformedReply, True),
    "number for a body": (text_case('{"title": "", "body": 5, "hashtags": []}'), errors.MalformedReply, True),
    "tags as a string": (text_case('{"title": "", "body": "x", "hashtags": "a b"}'), errors.MalformedReply, True),
    "tags of numbers": (text_case('{"title": "", "body": "x", "hashtags": [1]}'), errors.MalformedReply, True),
}


@pytest.mark.parametrize("name", PAGES)
def test_good_status_bad_answer(
    name: str, dialect: Dialect, server: FaultServer, prompt: Prompt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body, expected, paid = PAGES[name]
    failure = fail_with(server, dialect, prompt, answer(body(dialect)))
    assert type(failure) is expected
    assert (failure.usage is not None) is paid
    if paid:
        assert_paid(failure)
    assert leaks(failure, caplog.records) == []
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("stop", "expected"), [("length", errors.Truncated), ("refusal", errors.ContentRefused)], ids=["length", "refusal"]
)
def test_stops_that_are_no_success(
    stop: str, expected: type[ProviderFailure], dialect: Dialect, server: FaultServer, prompt: Prompt
) -> None:
    """The text is whole and well-formed JSON, and still no post."""
    body = json.dumps(dialect.good(stop=dialect.stops[stop])).encode()
    failure = fail_with(server, dialect, prompt, answer(body, headers={"request-id": "req_9"}))
    assert type(failure) is expected
    assert isinstance(failure, PermanentError)
    assert failure.request_id == "req_9"
    assert_paid(failure)
    assert_paid(pickle.loads(pickle.dumps(failure)))  # noqa: S301 - our own bytes


def assert_paid(failure: ProviderFailure) -> None:
    assert failure.usage is not None
    assert failure.usage.input_tokens == PAID["input_tokens"]
    assert failure.usage.output_tokens == PAID["output_tokens"]
    assert failure.usage.cache_read_tokens == PAID["cache_read_tokens"]
    assert failure.model == "model-1-2026-01-01"


def test_openai_refusal_part(server: FaultServer, prompt: Prompt) -> None:
    from tests.faults.dialects import DIALECTS

    responses, chat, _ = DIALECTS
    part = {"type": "message", "content": [{"type": "refusal", "refusal": "I cannot help with that."}]}
    refused = answer(json.dumps(responses.good(output=[part])).encode())
    assert type(fail_with(server, responses, prompt, refused)) is errors.ContentRefused
    message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
    refused = answer(json.dumps(chat.good(choices=[{"finish_reason": "stop", "message": message}])).encode())
    assert type(fail_with(server, chat, prompt, refused)) is errors.ContentRefused


def test_anthropic_context_window(server: FaultServer, prompt: Prompt) -> None:
    from tests.faults.dialects import DIALECTS

    anthropic = DIALECTS[2]
    body = json.dumps(anthropic.good(stop="model_context_window_exceeded")).encode()
    failure = fail_with(server, anthropic, prompt, answer(body))
    assert type(failure) is errors.ContextTooLong
    assert_paid(failure)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": "server_error", "message": "oops"}, errors.ProviderUnavailable),
        ({"code": "rate_limit_exceeded", "message": "slow"}, errors.RateLimited),
        ({"code": "invalid_prompt", "message": "flagged"}, errors.ContentRefused),
        ("upstream is gone", errors.ProviderUnavailable),
    ],
)
def test_an_error_inside_a_good_status(
    error: object, expected: type[ProviderFailure], dialect: Dialect, server: FaultServer, prompt: Prompt
) -> None:
    body = json.dumps(dialect.good("", status="failed", error=error)).encode()
    failure = fail_with(server, dialect, prompt, answer(body))
    assert type(failure) is expected
    assert_paid(failure)


def test_a_web_page_with_403_is_not_the_keys_fault(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    act = answer(b"<html>Access denied</html>", status="403 Forbidden", kind="text/html")
    failure = fail_with(server, dialect, prompt, act)
    assert failure.fault is not Fault.KEY


def test_only_what_the_provider_is_to_blame_for_stops_it_for_everyone() -> None:
    down = {each for each in _all(errors.ProviderDown) if each is not errors.ProviderDown}
    assert {each.code for each in down} == {
        "provider-overloaded",
        "provider-unavailable",
        "provider-timed-out",
        "provider-unreachable",
        "malformed-reply",
        "empty-reply",
    }
    assert {each for each in _all(ProviderFailure) if each.counts is errors.Counts.PROVIDER} - {
        errors.ProviderDown
    } == down
    assert all(each.fault is Fault.PROVIDER for each in down)


@pytest.mark.parametrize("reported", [-5, None, "many", True, 1e400, {"a": 1}])
def test_usage_is_never_negative_or_nonsense(
    reported: object, dialect: Dialect, server: FaultServer, prompt: Prompt
) -> None:
    names = ("input_tokens", "output_tokens", "prompt_tokens", "completion_tokens", "cache_read_input_tokens")
    body = json.dumps(dialect.good(usage=dict.fromkeys(names, reported))).encode()
    server.play(answer(body))
    usage = dialect.writer(server.base_url, key=KEY).complete(prompt, timeout=5).usage
    assert all(0 <= count < 2**31 for count in (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens))


@pytest.mark.parametrize("usage", [None, [], 5])
def test_no_usage_is_no_tokens(usage: object, dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    server.play(answer(json.dumps(dialect.good(usage=usage)).encode()))
    assert dialect.writer(server.base_url, key=KEY).complete(prompt, timeout=5).usage == Usage()


def _all(kind: type[ProviderFailure]) -> set[type[ProviderFailure]]:
    return {kind, *(each for child in kind.__subclasses__() for each in _all(child))}


def test_every_failure_tells_what_to_do_and_has_a_known_code() -> None:
    from conversions.enums import Provider

    receipt = errors.Receipt(provider=Provider.OPENAI, model="model-1", reason="because")
    concrete = [each for each in _all(ProviderFailure) if not each.__subclasses__()]
    assert len(concrete) == 16
    for kind in concrete:
        failure = kind(receipt=receipt)
        assert failure.code in set(FailureCode)
        assert 400 <= failure.status_code < 600
        assert "%" not in failure.detail
        assert failure.detail.endswith((".", "because"))
        assert isinstance(failure, PermanentError) != isinstance(failure, TransientError)
