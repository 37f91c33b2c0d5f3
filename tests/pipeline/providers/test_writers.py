"""What goes out and what comes back when all is well, and what a writer guards."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conversions.enums import Provider
from conversions.pipeline.providers import anthropic, errors, openai, transport
from conversions.pipeline.providers.asking import SdkWriter
from conversions.pipeline.providers.errors import BadKey
from conversions.pipeline.types import Prompt, Usage
from tests.faults.canary import KEY, leaks
from tests.faults.dialects import POST, Dialect
from tests.faults.server import FaultServer, answer, dripping, head, late, silence
from tests.faults.tls import self_signed


def good(dialect: Dialect, **changes: Any) -> bytes:
    return json.dumps(dialect.good(**changes), ensure_ascii=False).encode()


def complete(dialect: Dialect, server: FaultServer, prompt: Prompt, body: bytes, **headers: str) -> Any:
    server.play(answer(body, headers=headers))
    return dialect.writer(server.base_url, key=KEY).complete(prompt, timeout=5)


def test_a_reply(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    reply = complete(dialect, server, prompt, good(dialect), **{"x-request-id": "req_5"})
    assert reply.body == POST["body"]
    assert reply.hashtags == ("경제", "정부")
    assert reply.model == "model-1-2026-01-01"
    assert reply.request_id == "req_5"
    assert 0 <= reply.latency_ms < 5000
    written = 100 if dialect.name == "anthropic" else 0
    assert reply.usage == Usage(
        input_tokens=1000, output_tokens=50, cache_read_tokens=200, cache_write_tokens=written
    ), "input is the total, whoever counts"


def test_what_is_sent(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    complete(dialect, server, prompt, good(dialect))
    (request,) = server.received
    assert (request.method, request.path) == ("POST", dialect.path)
    assert request.headers["authorization"] == f"Bearer {KEY}" or request.headers["x-api-key"] == KEY
    assert "cookie" not in request.headers
    sent = json.loads(request.body)
    most = sent.get("max_output_tokens") or sent.get("max_tokens")
    assert most == prompt.max_output_tokens
    assert sent.get("store", False) is False
    assert not {"temperature", "top_p", "stream"} & set(sent)
    schema = json.dumps(sent)
    assert all(name in schema for name in ("json_schema", "additionalProperties", "hashtags"))


def test_nothing_of_one_key_reaches_the_next(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    server.play(answer(good(dialect), headers={"set-cookie": "session=of-the-first; Path=/"}))
    dialect.writer(server.base_url, key=KEY).complete(prompt, timeout=5)
    dialect.writer(server.base_url, key="sk-other-key").complete(prompt, timeout=5)
    second = server.received[1].headers
    assert "sk-other-key" in second.get("authorization", "") + second.get("x-api-key", "")
    assert "cookie" not in second
    assert KEY not in repr(second)


def test_the_operators_organization_does_not_travel_with_a_users_key(
    dialect: Dialect, server: FaultServer, prompt: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-operator")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-operator")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-operator")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-operator")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-operator")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    server.play(answer(good(dialect)))
    dialect.writer(server.base_url, key="sk-of-a-user").complete(prompt, timeout=5)
    assert "operator" not in repr(dict(server.received[0].headers))


def test_a_redirect_does_not_carry_the_key_elsewhere(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    with FaultServer(answer(good(dialect))) as elsewhere:
        location = {"location": f"{elsewhere.base_url}{dialect.path}"}
        server.play(answer(b"", status="307 Temporary Redirect", headers=location))
        with pytest.raises(errors.BadProviderRequest):
            dialect.writer(server.base_url, key=KEY).complete(prompt, timeout=5)
        assert elsewhere.received == []


@pytest.mark.parametrize("key", ["", " ", "sk-열쇠", "sk-a\nX-Evil: 1", f"{KEY} ", "“sk-quoted”"])
def test_a_key_no_header_can_carry_is_a_bad_key(
    key: str, dialect: Dialect, server: FaultServer, prompt: Prompt
) -> None:
    with pytest.raises(BadKey) as caught:
        dialect.writer(server.base_url, key=key).complete(prompt, timeout=5)
    assert server.connections == 0
    assert len(key) < 2 or key not in repr(vars(caught.value)) + str(caught.value)
    assert caught.value.__context__ is None


def test_a_writer_shows_no_key(dialect: Dialect) -> None:
    writer = dialect.writer("http://127.0.0.1:9", key=KEY)
    assert KEY not in repr(writer)
    assert KEY not in repr(vars(writer))


def test_a_request_id_that_repeats_the_key_is_dropped(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    reply = complete(dialect, server, prompt, good(dialect), **{"request-id": "sk-canary", "x-request-id": "fine"})
    assert reply.request_id == "sk-canary"
    other = dialect.writer(server.base_url, key="sk-canary")
    assert other.complete(prompt, timeout=5).request_id == ""


@pytest.mark.parametrize(
    "base_url", ["localhost:8000", "ftp://127.0.0.1", "http://[", "http://", "http://127.0.0.1:port"]
)
def test_a_base_url_that_is_none(base_url: str, dialect: Dialect, prompt: Prompt) -> None:
    with pytest.raises(errors.BadProviderRequest) as caught:
        dialect.writer(base_url, key=KEY).complete(prompt, timeout=5)
    assert leaks(caught.value, []) == []


def test_a_slow_first_byte_within_time_is_fine(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    server.play(late(0.5, answer(good(dialect))))
    reply = dialect.writer(server.base_url, key=KEY).complete(prompt, timeout=5)
    assert reply.body == POST["body"]
    assert reply.latency_ms >= 500


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ('{"title": "제목\\n둘", "body": "한\\r\\n줄", "hashtags": ["##가", " ", "나 "]}', "한\n줄"),
        ('```json\n{"title": "제목 둘", "body": "fenced", "hashtags": ["가", "나"]}\n```', "fenced"),
        ('{"title": "제목 둘", "body": "a\\u0000b\\u0007c", "hashtags": ["가", "나"]}', "abc"),
        ('{"title": "제목 둘", "body": "x\\ud800y", "hashtags": ["가", "나"], "more": 1}', "x\ufffdy"),
        ('{"title": "제목 둘", "body": "\\u1112\\u1161\\u11ab", "hashtags": ["가", "나"]}', "한"),
    ],
    ids=["lines", "fence", "controls", "half a character", "NFD"],
)
def test_a_text_is_made_fit_to_store(
    text: str, body: str, dialect: Dialect, server: FaultServer, prompt: Prompt
) -> None:
    reply = complete(dialect, server, prompt, good(dialect, text=text))
    assert (reply.body, reply.title, reply.hashtags) == (body, "제목 둘", ("가", "나"))
    reply.body.encode()


def test_a_model_name_that_is_none_is_not_believed(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    assert complete(dialect, server, prompt, good(dialect, model="<script>")).model == "model-1"
    assert complete(dialect, server, prompt, good(dialect, model=None)).model == "model-1"


def test_a_look_up_that_hangs(dialect: Dialect, prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def hanging(*_: Any, **__: Any) -> list[Any]:
        released.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    started = time.monotonic()
    with pytest.raises(errors.ProviderTimedOut):
        dialect.writer("http://provider.example", key=KEY).complete(prompt, timeout=1.5)
    assert time.monotonic() - started < 2.5
    released.set()


def test_a_name_that_does_not_exist(dialect: Dialect, prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(errors.ProviderUnreachable):
        dialect.writer("http://provider.example", key=KEY).complete(prompt, timeout=5)


class Alarm(Exception):
    pass


def test_a_workers_own_time_limit_is_not_taken_for_a_broken_connection(
    dialect: Dialect, server: FaultServer, prompt: Prompt
) -> None:
    def ring(*_: Any) -> None:
        raise Alarm

    server.play(answer(good(dialect)), silence)
    writer = dialect.writer(server.base_url, key=KEY)
    writer.complete(prompt, timeout=5)
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(Alarm):
            writer.complete(prompt, timeout=5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_twenty_threads_share_the_connections(dialect: Dialect, server: FaultServer, prompt: Prompt) -> None:
    server.play(answer(good(dialect)))
    writer = dialect.writer(server.base_url, key=KEY)
    bodies: list[str] = []
    threads = [
        threading.Thread(target=lambda: bodies.append(writer.complete(prompt, timeout=20).body)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [POST["body"]] * 20
    assert len(server.received) == 20


def forget_clients() -> None:
    for cache in (transport.http_client, openai._client, anthropic._client):
        cache.cache_clear()


def test_tls(dialect: Dialect, prompt: Prompt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over TLS the same promises hold, and only to a certificate that holds."""
    certificate = self_signed(tmp_path)
    drip = dripping(head(500) + b" " * 500, every=0.05)
    with FaultServer(answer(good(dialect)), drip, certificate=certificate) as server:
        writer = dialect.writer(server.base_url, key=KEY)
        with pytest.raises(errors.ProviderUnreachable) as caught:
            writer.complete(prompt, timeout=5)
        assert leaks(caught.value, []) == []
        assert server.received == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        forget_clients()
        try:
            assert writer.complete(prompt, timeout=5).body == POST["body"]
            started = time.monotonic()
            with pytest.raises(errors.ProviderTimedOut):
                writer.complete(prompt, timeout=0.6)
            assert 0.5 < time.monotonic() - started < 2
        finally:
            forget_clients()


def test_a_forked_child_makes_connections_of_its_own() -> None:
    code = """
import os, sys
from conversions.pipeline.providers.transport import http_client
parent = http_client()
if os.fork() == 0:
    os._exit(0 if http_client() is not parent else 3)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_provider_that_is_not_asked_is_not_imported() -> None:
    code = """
import sys
from conversions.pipeline.providers.anthropic import AnthropicWriter
from conversions.pipeline.providers.openai import OpenAIWriter
AnthropicWriter(api_key="k", model="m")
OpenAIWriter(api_key="k", model="m")
sys.exit(bool({"openai", "anthropic", "httpx2"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_providers_are_named(dialect: Dialect) -> None:
    writer: SdkWriter = dialect.writer("http://127.0.0.1:9", key=KEY)
    assert writer.provider is (Provider.ANTHROPIC if dialect.name == "anthropic" else Provider.OPENAI)
    assert replace(errors.Receipt(provider=writer.provider, model="m"), model=writer.model).model == "model-1"
