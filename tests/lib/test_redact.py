"""No secret passes the redactor, whatever it stands in, however long; what people need to read does."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from newsforge.lib import redact
from newsforge.lib.crypto import KeyRing
from tests.faults.canary import KEY

SECRETS = {
    "openai": "sk-proj-Abc123_def-456GHIjklMNOpqrsTUVwxyz0123456789abcdefT3BlbkFJxyz",
    "anthropic": "sk-ant-api03-AbCdEf_123-456GHIjklMNOpqrsTUVwxyz0123456789-AA",
    "canary": KEY,
    "canary in an address": quote(KEY, safe=""),
    "ours": f"nf_0123456789abcdef_{'Zq7Vx93LmTw0' * 4}"[:64],
    "webhook": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw+/x=",
    "sealed": KeyRing(["k1:" + "A" * 43 + "="]).encrypt(plaintext="x", bound_to="y"),
}

FRAMES = (
    "{}",
    "Incorrect API key provided: {}.",
    "https://api.example.com/v1?key={}&n=1",
    "Authorization: Bearer {}",
    "{{'x-api-key': '{}'}}",
    '{{"secret": "{}", "n": 1}}',
    "[(b'authorization', b'Bearer {}')]",
    "BadKey('{}')",
    "키는 {} 입니다",
)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_known_by_its_shape(kind: str, frame: str) -> None:
    secret = SECRETS[kind]
    shown = redact.text(frame.format(secret))
    assert redact.MARK in shown
    assert secret[12:24] not in shown
    assert secret[-6:] not in shown


NAMED = (
    "GET /v1/models?api_key={}&limit=1",
    "GET /v1/models?limit=1&access_token={}",
    "/login?next=%2Fadmin%3Ftoken%3D{}",
    "x-api-key: {}",
    "X-Api-Key={}",
    "{{'X-Api-Key': '{}'}}",
    '{{"password": "{}"}}',
    "password='{} two words'",
    "('x-api-key', '{}')",
    "(b'x-api-key', b'{}')",
    "'x-api-key': 'cut off in the middle {}",
    "authorization: Basic {}",
    "Proxy-Authorization: {}",
    "Cookie: csrftoken={}; sessionid={}",
    "OPENAI_API_KEY={}",
    "redis://:{}@redis.internal:6379/0",
    "postgres://newsforge:{}@db.internal/newsforge",
)


@pytest.mark.parametrize("frame", NAMED)
def test_a_secret_without_a_shape_is_known_by_its_name(frame: str) -> None:
    assert "hunter2secret" not in redact.text(frame.format(*["hunter2secret"] * 2))


PLAIN = (
    "GET /api/v1/conversions?cursor=abc&status=failed",
    f"conversion_id={uuid.UUID(int=7)} key_id={uuid.UUID(int=7)}",
    "https://news.example/article?id=5#top",
    "max_output_tokens: 900, tokens=12",
    "KeyError: 'title'",
    "The key's balance is used up",
    "OpenAI does not accept this key. Make a new one at the provider and store it here.",
    "a monkey: and a desk-side-table ask-me-anything-you-like",
    "editor@acme.example wrote to desk@globex.example",
    "정부가 24일 1조 2,000억 원을 투입한다고 밝혔습니다.",
    "nf_0123456789abcdef_… (revoked)",
)


@pytest.mark.parametrize("line", PLAIN)
def test_the_rest_stays_readable(line: str) -> None:
    assert redact.text(line) == line


def test_a_nested_event_loses_its_secrets_and_nothing_else() -> None:
    class Client:
        def __repr__(self) -> str:
            return f"Client(api_key={KEY!r})"

    when = uuid.uuid4()
    event = {
        "event": f"failed with {KEY}",
        "headers": {"X-Api-Key": "short", "Accept": "*/*", "n": 3},
        KEY: 1,
        "args": [("authorization", "Bearer abcdefgh"), {KEY}, KEY.encode(), Client()],
        "token": {"any": "thing"},
        "id": when,
        "key": None,
    }
    shown = redact.scrub(event)
    assert KEY not in json.dumps(shown, default=repr)
    assert "abcdefgh" not in json.dumps(shown, default=repr)
    assert shown["headers"] == {"X-Api-Key": redact.MARK, "Accept": "*/*", "n": 3}
    assert (shown["token"], shown["id"], shown["key"]) == (redact.MARK, when, None)
    assert event["event"] == f"failed with {KEY}", "what is logged elsewhere is not changed"


def test_what_has_no_end_is_cut() -> None:
    ring: dict[str, Any] = {}
    ring["again"] = ring
    assert redact.MARK in str(redact.scrub(ring))


HOSTILE = (
    "sk-", "sk-" * 3, "sk-a ", "://", "://:", "http://a:b", "key=", "key='", 'key="', "key: ", "key = ", "token%3d",
    "bearer ", "Bearer\t",
    "nf_", "nf_0_", "v1.", "v1.a.", "whsec_", "'key', '", "secret\"", "api-", "a", " ", "\n", "\\",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_text_takes_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        hostile = (piece * (size // len(piece) + 1))[:size]
        started = time.perf_counter()
        redact.text(hostile)
        return time.perf_counter() - started

    short = min(seconds(50_000) for _ in range(2))
    assert seconds(400_000) < max(short * 8 * 4, 0.2), "eight times the length, eight times the time, and room"
