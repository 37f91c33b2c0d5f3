"""The main journey in one process: an address or a page becomes posts, written by each provider over the real wire."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conversions import execution, reading, services, tools
from conversions.enums import AttemptState, Platform, Status
from conversions.models import Attempt, Conversion
from newsforge.embedded.home import ROOT
from tests.faults.llmock import Llmock, llmock

SAMPLES = ROOT / "newsforge/embedded/samples"
PAGES = {f"/{path.name}": path.read_bytes() for path in SAMPLES.glob("*.html")}


class Site(http.server.BaseHTTPRequestHandler):
    """A newspaper's site with the bundled articles, and one address that leads into our own network."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
            self.end_headers()
            return
        page = PAGES.get(self.path)
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page or b"<h1>Not here</h1>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Llmock]:
    with llmock() as running:
        yield running


@pytest.fixture(autouse=True)
def own_network(site: str, settings: Settings) -> Iterator[None]:
    settings.FETCH_ALLOW = site
    tools.http_policy.cache_clear()
    yield
    tools.http_policy.cache_clear()


def convert(user: User, url: str, *platforms: Platform, provider: str = "auto") -> list[Conversion]:
    wishes = services.Wishes(platforms=platforms or tuple(Platform), provider=provider)
    made = services.request_conversions(user=user, source=services.Source(url=url), wishes=wishes, now=timezone.now())
    article = made[0].article
    assert article is not None
    ready, _ = reading.read(article_id=article.pk, times_up=TimeoutError)
    for conversion_id in ready:
        execution.execute(conversion_id=conversion_id)
    return list(Conversion.objects.filter(batch_id=made[0].batch_id).order_by("position"))


@pytest.mark.parametrize("name", sorted(PAGES))
def test_an_address_becomes_ten_posts_that_fit_without_any_account(acme: User, site: str, name: str) -> None:
    posts = convert(acme, f"http://{site}{name}")
    assert [(post.target_platform, post.status) for post in posts] == [(each, "succeeded") for each in Platform]
    assert len({post.content_generated for post in posts}) > 5
    for post in posts:
        assert post.limit is None or (post.length is not None and post.length <= post.limit)
        assert (post.provider, post.tokens_used) == ("extractive", 0)
        assert post.cost_usd == 0
        assert post.findings == []
    acme.refresh_from_db()
    assert acme.api_quota_used == 10


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_model_answers_through_its_sdk_and_tokens_and_cost_are_kept(
    acme: User, site: str, simulator: Llmock, settings: Settings, provider: str
) -> None:
    body = {"title": "", "body": "새 관으로 바꾸는 공사를 시작합니다.", "hashtags": ["상수도"]}
    simulator.script({"type": "reply", "text": json.dumps(body, ensure_ascii=False)})
    urls = {"openai": simulator.openai_url, "anthropic": simulator.anthropic_url}
    settings.OPERATOR_PROVIDERS = {
        name: {**facts, "api_key": "sk-llmock-000000000000", "base_url": urls[name]}
        for name, facts in settings.OPERATOR_PROVIDERS.items()
    }
    korean = next(name for name in PAGES if "ko" in name)
    (post,) = convert(acme, f"http://{site}{korean}", Platform.X, provider=provider)
    assert (post.status, post.provider) == (Status.SUCCEEDED, provider)
    assert "새 관으로 바꾸는 공사를 시작합니다." in post.content_generated
    attempts = Attempt.objects.filter(conversion=post, state=AttemptState.ANSWERED)
    assert post.tokens_used == sum(each.input_tokens + each.output_tokens for each in attempts) > 100
    assert post.cost_usd is not None
    assert post.cost_usd > 0
    assert {each.price_version for each in attempts} != {""}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://{site}/nothing", "page-not-found"),
        ("http://{site}/moved", "address-not-allowed"),
        ("http://127.0.0.1:9/", "address-not-allowed"),
        ("http://no-such-host.invalid/", "host-not-found"),
    ],
)
def test_an_address_that_cannot_be_read_ends_in_its_code_with_the_unit_back(
    acme: User, site: str, address: str, code: str
) -> None:
    first, second = convert(acme, address.format(site=site), Platform.X, Platform.THREADS)
    assert first.failure_code == second.failure_code == code
    assert first.error_message
    assert first.content_generated == ""
    acme.refresh_from_db()
    assert acme.api_quota_used == 0


@override_settings(OPERATOR_PROVIDERS={name: {"api_key": ""} for name in ("openai", "anthropic")})
def test_a_provider_without_a_key_is_said_so_and_not_replaced(acme: User, site: str) -> None:
    (post,) = convert(acme, f"http://{site}{next(iter(PAGES))}", Platform.X, provider="openai")
    assert (post.status, post.failure_code) == (Status.FAILED, "no-provider-key")
