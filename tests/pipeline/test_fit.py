"""A reply becomes a post: clean, complete, and never longer than the platform takes."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversions.enums import Platform, Provider
from conversions.pipeline import platforms
from conversions.pipeline.fit import DoesNotFit, NothingToPost, fit, measure, room, trim
from conversions.pipeline.types import Article, Brief, Post, Reply

ARTICLE = Article(
    url="https://news.example.com/2026/기사?id=1&from=rss",
    canonical_url="https://news.example.com/기사/1",
    title="시립도서관, 24시간 문 연다",
    text="수원시는 23일 시립도서관을 24시간 연다고 밝혔다. 사업비는 24억 3,000만 원이다.\n내용은 suwon.go.kr에 있다.",
    language="ko",
)
LINK = "https://news.example.com/%EA%B8%B0%EC%82%AC/1"
SENTENCES = "수원시가 도서관을 24시간 엽니다. 사업비는 24억 3,000만 원입니다. 시는 올해 안에 문을 연다고 밝혔습니다. "


def post(body: str, platform: Platform = Platform.LINKEDIN, *, article: Article = ARTICLE, **more: object) -> Post:
    reply, brief = made(body, platform, **more)
    return fit(reply=reply, article=article, brief=brief, language="ko")


def made(body: str, platform: Platform, **more: object) -> tuple[Reply, Brief]:
    limit, label = more.pop("limit", None), more.pop("label", True)
    provider = more.pop("provider", Provider.OPENAI)
    reply = Reply(body=body, provider=provider, **more)  # type: ignore[arg-type]  # test shorthand
    return reply, Brief(platform=platform, limit=limit, label=label)  # type: ignore[arg-type]


def test_a_post_is_body_then_link_then_hashtags_and_label() -> None:
    made_post = post("수원시가 도서관을 24시간 엽니다.", Platform.X, hashtags=("수원시",))
    assert made_post.text == f"수원시가 도서관을 24시간 엽니다.\n\n{LINK}\n#수원시 (AI 활용)"
    assert made_post.length == platforms.count(platform=Platform.X, text=made_post.text)
    assert (made_post.limit, made_post.hashtags, made_post.title) == (280, ("수원시",), "")


def test_the_link_is_the_canonical_one_and_only_where_links_work() -> None:
    assert LINK in post("글입니다.", Platform.FACEBOOK).text
    assert "http" not in post("글입니다.", Platform.INSTAGRAM).text
    assert "http" not in post("글입니다.", Platform.KAKAO).text
    assert "http" not in post("글입니다.", Platform.X, article=Article(url=None, text="글")).text


def test_the_label_follows_language_provider_and_choice() -> None:
    reply, brief = made("A library opens all night.", Platform.X)
    assert fit(reply=reply, article=ARTICLE, brief=brief, language="en").text.endswith("(AI-assisted)")
    assert "AI" not in post("글입니다.", provider=Provider.EXTRACTIVE).text
    assert "AI" not in post("글입니다.", label=False).text
    assert post("글입니다.\n\n[AI 활용]").text.count("AI 활용") == 1


@pytest.mark.parametrize(
    ("body", "clean"),
    [
        ("# 제목\n\n**굵게** 쓴 *글*과 `코드`", "제목\n\n굵게 쓴 글과 코드"),
        ("[도서관](https://example.com/x) 소식", "도서관 소식"),
        ("```text\n본문이다.\n```", "본문이다."),
        ("* 하나\n* 둘", "• 하나\n• 둘"),
        ("> 인용\n---\n끝", "인용\n\n끝"),
        ("첫 줄<br>둘째 <b>줄</b> &amp; 끝", "첫 줄\n둘째 줄 & 끝"),
        ("첫 줄\\n\\n둘째 줄", "첫 줄\n\n둘째 줄"),
        ("5*3*2와 snake_case_name은 그대로", "5*3*2와 snake_case_name은 그대로"),
        ("숨\u200b은\u202e 글\u2066자\ufeff\u00ad", "숨은 글자"),
        ("꼬리표\U000e0041\U000e0042 문자", "꼬리표 문자"),
        (unicodedata.normalize("NFD", "한글"), "한글"),
        ("소식 👉 https://evil.example/x", "소식"),
        ("소식\n\n자세히 보기: https://news.example.com/기사/1", "소식"),
        ("소식 (https://evil.example/x)입니다", "소식입니다"),
        ("suwon.go.kr에 있다", "suwon.go.kr에 있다"),
        ("evil.example.com에 있다", "에 있다"),
        ("속보: 도서관이 열린다", "도서관이 열린다"),
        ("[단독] 도서관이 열린다", "도서관이 열린다"),
        ("🚨 BREAKING: It opens", "It opens"),
        ("축하 🎉🎊🥳👨‍👩‍👧‍👦합니다", "축하 🎉🎊합니다"),
        ("오늘 #수원시 소식", "오늘 수원시 소식"),
        ("공백   과\t탭\n\n\n\n줄", "공백 과 탭\n\n줄"),
    ],
)
def test_what_no_reader_should_see_is_gone(body: str, clean: str) -> None:
    made_post = post(body, Platform.KAKAO, label=False)
    assert made_post.text == clean


def test_what_the_article_itself_says_stays() -> None:
    article = Article(url=None, title="[속보] 도서관 개관", text="속보: 도서관이 열렸다. 시민은 #도서관밤 이라고 썼다.")
    assert post("속보: 도서관이 열렸다.", Platform.KAKAO, article=article, label=False).text == "속보: 도서관이 열렸다."
    assert "#도서관밤" in post("시민은 #도서관밤 이라고 썼다.", article=article, label=False).text


def test_flags_of_nations_survive_and_families_stay_whole() -> None:
    england = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert post(f"결승 {england} 👨‍👩‍👧‍👦", Platform.KAKAO, label=False).text == f"결승 {england} 👨‍👩‍👧‍👦"


def test_hashtags_are_sanitised_deduplicated_and_capped() -> None:
    tags = ("#수원 도서관", "수원시!", "수원시", "123", "city library", "a" * 40, "도서관", "개관", "시민", "밤")
    made_post = post("글입니다.\n\n#시장 #수원시", Platform.INSTAGRAM, hashtags=tags)
    assert made_post.hashtags == ("수원도서관", "수원시", "CityLibrary", "도서관", "개관")
    assert post("글입니다.", Platform.KAKAO, hashtags=tags).hashtags == ()
    assert len(platforms.hashtags_in(post("글 #하나 #둘", Platform.THREADS, hashtags=tags).text)) == 1


def test_a_title_only_where_there_is_one_and_never_too_long() -> None:
    assert post("글입니다.", Platform.X, title="제목").title == ""
    assert post("글입니다.", Platform.NAVER_BLOG).title == ARTICLE.title
    title = post("글입니다.", Platform.NAVER_BLOG, title="아주 긴 제목 " * 30).title
    assert len(title) <= 100
    assert title.endswith("…")


def test_too_long_says_by_how_much_and_what_is_left_for_words() -> None:
    with pytest.raises(DoesNotFit) as caught:
        post(SENTENCES * 5, Platform.X, hashtags=("수원시",))
    assert caught.value.limit == 280
    assert caught.value.length > 280
    assert caught.value.params["room"] == room(article=ARTICLE, brief=Brief(platform=Platform.X), language="ko")
    assert "280" in caught.value.detail


def test_hashtags_give_way_before_words_do() -> None:
    body = "가" * 118 + "."
    assert post(body, Platform.X, hashtags=("아주긴해시태그",)).hashtags == ()


def test_an_own_limit_is_kept() -> None:
    assert post(SENTENCES * 3, Platform.X, limit=25_000).limit == 25_000
    with pytest.raises(DoesNotFit):
        post(SENTENCES, Platform.MASTODON, limit=60)


def test_an_answer_without_words_is_no_post() -> None:
    for body in ("", "   ", "https://evil.example/x", "🎉", "```\n```"):
        with pytest.raises(NothingToPost):
            post(body)


def test_trimming_keeps_whole_sentences_link_and_label() -> None:
    reply, brief = made(SENTENCES * 5, Platform.X, hashtags=("수원시",))
    trimmed = trim(reply=reply, article=ARTICLE, brief=brief, language="ko")
    body = trimmed.text.split("\n\n")[0]
    assert trimmed.length <= 280
    assert body.endswith("니다.")
    assert LINK in trimmed.text
    assert trimmed.text.endswith("(AI 활용)")


def test_trimming_never_cuts_a_number_or_a_quotation() -> None:
    body = (
        '시장은 "24시간 여는 도서관은 처음이다. 시민의 뜻이다"라고 하며 사업비가 1조 2,000억 원이라고 '
        + "덧붙이고 " * 60
    )
    reply, _ = made(body, Platform.X)
    for limit in range(60, 200, 4):
        trimmed = trim(reply=reply, article=ARTICLE, brief=Brief(platform=Platform.X, limit=limit), language="ko")
        words = trimmed.text.split("\n\n")[0].removesuffix("(AI 활용)").rstrip()
        assert words.count('"') in {0, 2}
        assert not words.removesuffix("…").endswith(("1조", "2,000억"))
        assert words.endswith("…") or words == ARTICLE.title


def test_when_the_first_sentence_is_too_long_another_one_speaks() -> None:
    reply, brief = made(f"“{'긴 인용 ' * 60}”라고 시장은 말했다. 도서관은 24시간 문을 엽니다.", Platform.X)
    trimmed = trim(reply=reply, article=ARTICLE, brief=brief, language="ko")
    assert trimmed.text.startswith("도서관은 24시간 문을 엽니다.")
    reply, brief = made(f"“{'긴 인용 ' * 60}”라고 시장은 말했다.", Platform.X)
    trimmed = trim(reply=reply, article=ARTICLE, brief=brief, language="ko")
    assert trimmed.text.startswith(ARTICLE.title)


def test_with_no_room_for_words_there_is_no_post() -> None:
    reply, brief = made(SENTENCES, Platform.X, limit=5)
    with pytest.raises(DoesNotFit):
        trim(reply=reply, article=ARTICLE, brief=brief, language="ko")


def test_measure_is_the_length_with_everything_added() -> None:
    reply, brief = made("수원시가 도서관을 24시간 엽니다.", Platform.X, hashtags=("수원시",))
    fitted = fit(reply=reply, article=ARTICLE, brief=brief, language="ko")
    assert measure(reply=reply, article=ARTICLE, brief=brief, language="ko") == fitted.length


PIECES = st.sampled_from(
    [
        "👨‍👩‍👧‍👦",
        "👍🏽",
        "🇰🇷",
        unicodedata.normalize("NFD", "한글 자모 "),
        "가나다라마바사 ",
        "뉴스입니다. ",
        "1조 2,000억 원 ",
        "“인용한 말이다. 두 번째다” ",
        "https://example.com/" + "a" * 150 + " ",
        "chosun.com에 ",
        "#해시태그 ",
        "word " * 20,
        "\n\n",
        "e.g. 3.5% ",
        "**굵게** ",
        "\u200b\u202e",
        "…",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    body=st.lists(PIECES, min_size=1, max_size=60).map("".join),
    tags=st.lists(st.text(max_size=20), max_size=8),
    platform=st.sampled_from(Platform),
    limit=st.one_of(st.none(), st.integers(min_value=1, max_value=600)),
    label=st.booleans(),
)
def test_no_post_is_ever_longer_than_its_limit(
    body: str, tags: list[str], platform: Platform, limit: int | None, label: bool
) -> None:
    reply = Reply(body=body, hashtags=tuple(tags), provider=Provider.ANTHROPIC)
    brief = Brief(platform=platform, limit=limit, label=label)
    for step in (fit, trim):
        try:
            made_post = step(reply=reply, article=ARTICLE, brief=brief, language="ko")
        except (DoesNotFit, NothingToPost):
            continue
        assert made_post.length == platforms.count(platform=platform, text=made_post.text)
        assert made_post.limit is None or made_post.length <= made_post.limit
        assert len(made_post.text.encode()) <= (platforms.RULES[platform].max_bytes or 10**9)
        kinds = {each.kind for each in platforms.check(platform=platform, text=made_post.text, limit=limit)}
        assert not kinds & {"length", "hashtag", "character", "title"}
        assert label == ("(AI 활용)" in made_post.text)
        assert unicodedata.is_normalized("NFC", made_post.text)
