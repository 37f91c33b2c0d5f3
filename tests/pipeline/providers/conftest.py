"""A server that fails on demand, a prompt, and one test for each dialect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conversions.enums import Platform
from conversions.pipeline.compose import compose
from conversions.pipeline.types import Article, Brief, Prompt
from tests.faults.dialects import DIALECTS, Dialect
from tests.faults.server import FaultServer, hang_up


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(hang_up) as running:
        yield running


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    chosen: Dialect = request.param
    return chosen


@pytest.fixture(scope="session")
def prompt() -> Prompt:
    article = Article(
        url="https://news.example/economy/1",
        title="정부, 1조 2,000억 원 투입",
        text="정부는 24일 소상공인 지원에 1조 2,000억 원을 투입한다고 밝혔다.\n지원은 다음 달 시작된다.",
        language="ko",
        site="뉴스 예시",
    )
    return compose(article=article, brief=Brief(platform=Platform.X))
