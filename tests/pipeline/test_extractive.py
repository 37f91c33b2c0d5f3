"""The writer that needs no account: sentences of the article, word for word, as much as a platform takes."""

from __future__ import annotations

import re
import time

import pytest

from conversions.enums import Platform, Provider
from conversions.pipeline.fit import fit
from conversions.pipeline.grounding import ground
from conversions.pipeline.keyterms import key_terms
from conversions.pipeline.platforms import check
from conversions.pipeline.providers.extractive import ExtractiveWriter
from conversions.pipeline.types import Article, Brief, Prompt, Reply

KOREAN = Article(
    url="https://news.example.com/기사/1",
    title="한빛시, 빈 상가 40곳을 청년 공방으로 바꾼다 - 한빛일보",
    language="ko",
    text="""[한빛일보 이가람 기자] 한빛시가 원도심의 빈 상가 40곳을 사들여 청년 공방으로 바꾼다고 23일 밝혔다.
시는 3년 동안 사업비 1,200억 원을 들여 상가마다 작업실과 전시장을 마련한다. 임대료는 시세의 1.5% 수준이다.
김나래 시장은 "청년이 떠난 거리에 다시 불을 켜겠다. 첫 공방은 내년 3월에 문을 연다"고 말했다.
그러나 상인회는 기존 상가의 매출이 줄어들 것을 걱정한다. 상인회 관계자는 "주차장이 먼저"라고 했다.
시는 공방 입주자를 다음 달 10일까지 모집한다. 한빛시에 사는 19세 이상 39세 이하 청년이면 누구나 신청할 수 있다.
원도심 상가는 2019년부터 빈 곳이 늘어 지금은 세 곳 중 한 곳이 비어 있다. 청년 공방은 전국에서 다섯 번째다.
ⓒ 한빛일보 무단 전재 및 재배포 금지
이가람 기자 garam@hanbit.example""",
)
ENGLISH = Article(
    url="https://news.example.com/1",
    title="Harbor City to turn 40 empty shops into studios | Harbor Times",
    language="en",
    text="""Harbor City will buy 40 empty shops in the old town and turn them into studios for young makers.
The U.S. city will spend $12.5 million over three years, Mayor Nora Fields said on Monday.
"We want the lights back on. The first studio opens in March," Ms. Fields said.
But shop owners fear for their sales. They want a car park first.
Makers aged 19 to 39 who live in Harbor City can apply for a studio until Jan. 10.
One in three shops in the old town has stood empty since 2019, according to the city.
Sign up for our newsletter.""",
)
ARTICLES = [KOREAN, ENGLISH]
TIED = re.compile(r"[\s•]+")


def written(article: Article, platform: Platform, **more: object) -> Reply:
    brief = Brief(platform=platform, **more)  # type: ignore[arg-type]  # test shorthand
    prompt = Prompt(system="", user="", article=article, brief=brief, language=article.language or "en")
    return ExtractiveWriter().complete(prompt, timeout=1.0)


def posted(article: Article, platform: Platform) -> str:
    return fit(
        reply=written(article, platform),
        article=article,
        brief=Brief(platform=platform),
        language=article.language or "",
    ).text


@pytest.mark.parametrize("article", ARTICLES, ids=["ko", "en"])
@pytest.mark.parametrize("platform", Platform)
def test_every_sentence_is_the_articles_and_every_post_fits(article: Article, platform: Platform) -> None:
    reply = written(article, platform)
    source = TIED.sub(" ", f"{article.title} {article.text}")
    for line in filter(None, reply.body.split("\n")):
        for sentence in re.split(r"(?<=다\.) |(?<=[a-z]\.) (?=[A-Z])", line):
            assert TIED.sub(" ", sentence).strip() in source
    made = fit(reply=reply, article=article, brief=Brief(platform=platform), language=article.language or "")
    assert check(platform=platform, text=made.text, title=made.title) == ()
    assert ground(post=made, article=article) == ()


def test_the_reply_names_its_writer_and_never_changes() -> None:
    first, second = written(KOREAN, Platform.LINKEDIN), written(KOREAN, Platform.LINKEDIN)
    assert (first.provider, first.model, first.usage.total) == (Provider.EXTRACTIVE, "", 0)
    assert (first.body, first.hashtags) == (second.body, second.hashtags)


def test_x_gets_one_sentence_that_tells_the_news() -> None:
    assert written(KOREAN, Platform.X).body == (
        "한빛시가 원도심의 빈 상가 40곳을 사들여 청년 공방으로 바꾼다고 23일 밝혔다."
    )
    assert written(ENGLISH, Platform.X).body == (
        "Harbor City will buy 40 empty shops in the old town and turn them into studios for young makers."
    )


def test_platforms_get_different_texts() -> None:
    for article in ARTICLES:
        bodies = {platform: written(article, platform).body for platform in Platform}
        assert len(set(bodies.values())) >= 6
        assert min(len(bodies[each]) for each in (Platform.NAVER_BLOG, Platform.LINKEDIN)) > 2 * len(bodies[Platform.X])
    assert "\n• " in written(KOREAN, Platform.LINKEDIN).body
    assert written(KOREAN, Platform.NAVER_BLOG).title == "한빛시, 빈 상가 40곳을 청년 공방으로 바꾼다"
    assert len(re.findall(r"#\w+", posted(KOREAN, Platform.INSTAGRAM))) >= 3


def test_by_lines_notices_and_adverts_are_no_sentences() -> None:
    for platform in Platform:
        body = written(KOREAN, platform).body
        assert not any(word in body for word in ("기자", "무단", "@"))
        assert "newsletter" not in written(ENGLISH, platform).body


def test_a_sentence_that_leans_on_another_never_stands_without_it() -> None:
    for platform in Platform:
        body = written(KOREAN, platform).body
        if "그러나 상인회는" in body:
            assert "문을 연다" in body
        english = written(ENGLISH, platform).body
        if "They want a car park" in english:
            assert "But shop owners" in english


def test_hashtags_are_nouns_and_names() -> None:
    korean = key_terms(KOREAN, most=8)
    assert {"상가", "공방", "청년"} <= set(korean)
    assert not [term for term in korean if term.endswith(("다", "은", "는", "을", "를", "했", "에서", "으로"))]
    english = key_terms(ENGLISH, most=5)
    assert "HarborCity" in english
    assert not [term for term in english if term.lower() in {"said", "will", "the", "monday"}]


def test_an_accounts_own_limit_is_written_for() -> None:
    short = written(KOREAN, Platform.MASTODON, limit=120)
    assert len(short.body) < len(written(KOREAN, Platform.MASTODON).body)


@pytest.mark.parametrize("text", ["짧다", "제목뿐인 글", "文" * 300, "no full stop here " * 40, "\n\n\n", "다. " * 50])
def test_odd_articles_still_give_a_reply(text: str) -> None:
    article = Article(url=None, title="제목입니다", text=text, language="ko")
    for platform in Platform:
        assert written(article, platform).body.strip()


def test_it_takes_milliseconds() -> None:
    text = "\n".join(f"{KOREAN.text} {number}번째 소식이다." for number in range(400))[:200_000]
    article = Article(url=KOREAN.url, title=KOREAN.title, text=text, language="ko")
    started = time.process_time()
    for _ in range(5):
        written(article, Platform.LINKEDIN)
    assert (time.process_time() - started) / 5 < 0.5  # 50 ms on an idle machine
