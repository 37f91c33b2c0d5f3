"""The staircase with a writer that answers what the test says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from conversions.enums import Platform, Provider
from conversions.pipeline.convert import DeadlineExceeded, NoProviderKey, Tools, convert, write
from conversions.pipeline.extract import UnreadableArticle, from_text
from conversions.pipeline.fetch import NotHtml
from conversions.pipeline.providers.errors import (
    BadKey,
    MalformedReply,
    ProviderTimedOut,
    ProviderUnavailable,
    RateLimited,
    Receipt,
)
from conversions.pipeline.providers.extractive import ExtractiveWriter
from conversions.pipeline.types import Article, Brief, Page, Prompt, Reply

TEXT = """Suwon opens a library that never closes

Suwon opened a library on Monday that never closes. The city spent 2.4 billion won on the four-storey building.
Mayor Lee Jae-joon said the library was "a promise kept to people who work at night". It holds 38,000 books.
The city expects 1,200 visitors a day. Residents may borrow seven books for fourteen days, officials said.
"""
GOOD = "Suwon opened a library on Monday that never closes. It holds 38,000 books."
CALL = Receipt(provider=Provider.OPENAI, model="gpt-6-luna")


@dataclass
class FakeWriter:
    answers: list[Reply | Exception]
    provider: Provider = Provider.OPENAI
    model: str = "gpt-6-luna"
    asked: list[Prompt] = field(default_factory=list)

    def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
        assert timeout > 0
        self.asked.append(prompt)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def say(body: str) -> Reply:
    return Reply(body=body, provider=Provider.OPENAI, model="gpt-6-luna")


def nowhere(url: str) -> Page:
    raise AssertionError(url)


def tools(*writers: FakeWriter | ExtractiveWriter, seconds: float = 60) -> Tools:
    return Tools(fetch=nowhere, writers=writers, remaining=lambda: seconds)


@pytest.fixture
def article() -> Article:
    return from_text(text=TEXT, url="https://news.example/suwon")


X = Brief(platform=Platform.X)


def test_a_good_answer_is_asked_for_once(article: Article) -> None:
    writer = FakeWriter([say(GOOD)])
    outcome = write(article=article, brief=X, tools=tools(writer))
    assert GOOD in outcome.post.text
    assert "https://news.example/suwon" in outcome.post.text
    assert outcome.post.limit == 280
    assert outcome.post.length <= 280
    assert len(writer.asked) == 1
    assert set(outcome.timings) == {"generate", "fit", "ground"}


def test_a_wrong_number_is_sent_back_with_what_was_wrong(article: Article) -> None:
    writer = FakeWriter([say(GOOD.replace("38,000", "83,000")), say(GOOD)])
    outcome = write(article=article, brief=X, tools=tools(writer))
    assert "38,000" in outcome.post.text
    assert "83,000" in writer.asked[1].user
    assert not [each for each in outcome.findings if each.kind == "number"]


def test_a_number_that_stays_wrong_is_shown_to_the_person_who_posts(article: Article) -> None:
    wrong = say(GOOD.replace("38,000", "83,000"))
    writer = FakeWriter([wrong, wrong, wrong])
    outcome = write(article=article, brief=X, tools=tools(writer))
    assert len(writer.asked) == 3
    assert [each.excerpt for each in outcome.findings if each.kind == "number"] == ["83,000"]


def test_an_answer_that_is_always_too_long_is_shortened_by_us(article: Article) -> None:
    long = say(" ".join([GOOD] * 8))
    writer = FakeWriter([long, long, long])
    outcome = write(article=article, brief=X, tools=tools(writer))
    assert len(writer.asked) == 3
    assert outcome.post.limit is not None
    assert outcome.post.length <= outcome.post.limit


def test_an_unusable_answer_is_never_asked_for_with_the_same_question(article: Article) -> None:
    writer = FakeWriter([MalformedReply(receipt=CALL), say(GOOD)])
    outcome = write(article=article, brief=X, tools=tools(writer))
    assert GOOD in outcome.post.text
    assert writer.asked[0].digest != writer.asked[1].digest


def test_three_unusable_answers_are_a_failure(article: Article) -> None:
    writer = FakeWriter([MalformedReply(receipt=CALL)] * 3)
    with pytest.raises(MalformedReply):
        write(article=article, brief=X, tools=tools(writer))


def test_what_was_answered_before_a_failure_is_still_good(article: Article) -> None:
    writer = FakeWriter([say(" ".join([GOOD] * 8)), ProviderUnavailable(receipt=CALL)])
    outcome = write(article=article, brief=X, tools=tools(writer))
    assert outcome.post.provider == Provider.OPENAI
    assert outcome.post.length <= 280


def test_the_next_writer_is_asked_and_named(article: Article) -> None:
    outcome = write(article=article, brief=X, tools=tools(FakeWriter([BadKey(receipt=CALL)]), ExtractiveWriter()))
    assert outcome.post.provider == Provider.EXTRACTIVE


def test_a_failure_that_may_pass_is_told_before_one_that_stays(article: Article) -> None:
    with pytest.raises(ProviderUnavailable):
        write(
            article=article,
            brief=X,
            tools=tools(FakeWriter([BadKey(receipt=CALL)]), FakeWriter([ProviderUnavailable(receipt=CALL)])),
        )


def test_nobody_to_ask(article: Article) -> None:
    with pytest.raises(NoProviderKey):
        write(article=article, brief=X, tools=tools())


def test_nobody_is_asked_after_the_deadline(article: Article) -> None:
    writer = FakeWriter([say(GOOD)])
    with pytest.raises(DeadlineExceeded):
        write(article=article, brief=X, tools=tools(writer, seconds=0))
    assert writer.asked == []


def test_a_page_that_says_too_little_is_not_written_about() -> None:
    writer = FakeWriter([say(GOOD)])
    page = Page(url=None, content=b"<html><title>News</title><p>Soon.</p></html>")
    with pytest.raises(UnreadableArticle):
        convert(source=page, brief=X, tools=tools(writer))
    assert writer.asked == []


def test_a_page_that_cannot_be_fetched_is_not_written_about() -> None:
    def refuse(_: str) -> Page:
        raise NotHtml(kind="PDF")

    writer = FakeWriter([say(GOOD)])
    with pytest.raises(NotHtml):
        convert(
            source="https://news.example/a.pdf",
            brief=X,
            tools=Tools(fetch=refuse, writers=(writer,), remaining=lambda: 9.0),
        )
    assert writer.asked == []


def test_another_key_of_a_provider_that_is_down_is_not_tried(article: Article) -> None:
    first, second = FakeWriter([ProviderUnavailable(receipt=CALL)]), FakeWriter([say(GOOD)])
    other = FakeWriter([say(GOOD)], provider=Provider.ANTHROPIC)
    assert GOOD in write(article=article, brief=X, tools=tools(first, second, other)).post.text
    assert (len(second.asked), len(other.asked)) == (0, 1)


def test_another_key_is_tried_when_the_fault_was_the_first_ones(article: Article) -> None:
    first, second = FakeWriter([RateLimited(receipt=CALL, retry_after=90)]), FakeWriter([say(GOOD)])
    assert GOOD in write(article=article, brief=X, tools=tools(first, second)).post.text


def test_the_failure_that_passes_first_is_the_one_told(article: Article) -> None:
    slow, quick = RateLimited(receipt=CALL, retry_after=90), RateLimited(receipt=CALL, retry_after=2)
    writers = [FakeWriter([each]) for each in (BadKey(receipt=CALL), slow, quick)]
    with pytest.raises(RateLimited) as told:
        write(article=article, brief=X, tools=tools(*writers))
    assert told.value.retry_after == 2


def test_a_silent_provider_leaves_the_others_their_share_of_the_time(article: Article) -> None:
    @dataclass
    class Timed(FakeWriter):
        timeouts: list[float] = field(default_factory=list)

        def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
            self.timeouts.append(timeout)
            return super().complete(prompt, timeout=timeout)

    silent = Timed([ProviderTimedOut(receipt=CALL)])
    other = Timed([ProviderTimedOut(receipt=CALL)], provider=Provider.ANTHROPIC)
    outcome = write(article=article, brief=X, tools=tools(silent, other, ExtractiveWriter(), seconds=120))
    assert outcome.post.provider == Provider.EXTRACTIVE
    assert (silent.timeouts, other.timeouts) == ([59.0], [118.0])
    alone = Timed([say(GOOD)])
    write(article=article, brief=X, tools=tools(alone, seconds=120))
    assert alone.timeouts == [120.0]


@pytest.mark.parametrize(("wait", "comes_again"), [(None, True), (1.5, True), (30.0, False)])
def test_our_own_writer_waits_once_for_what_passes_soon(
    article: Article, wait: float | None, comes_again: bool
) -> None:
    def ask(may_come_again: bool) -> Provider:
        failing = FakeWriter([ProviderUnavailable(receipt=CALL, retry_after=wait)])
        made = replace(tools(failing, ExtractiveWriter()), may_come_again=may_come_again)
        return write(article=article, brief=X, tools=made).post.provider

    assert ask(may_come_again=False) == Provider.EXTRACTIVE
    if not comes_again:
        assert ask(may_come_again=True) == Provider.EXTRACTIVE
        return
    with pytest.raises(ProviderUnavailable):
        ask(may_come_again=True)


def test_who_was_silent_before_is_not_waited_for_again(article: Article) -> None:
    silent = FakeWriter([say(GOOD)])
    made = replace(tools(silent, ExtractiveWriter()), silent=frozenset({Provider.OPENAI}))
    assert write(article=article, brief=X, tools=made).post.provider == Provider.EXTRACTIVE
    with pytest.raises(DeadlineExceeded):
        write(article=article, brief=X, tools=replace(made, writers=(silent,)))
    assert silent.asked == []
