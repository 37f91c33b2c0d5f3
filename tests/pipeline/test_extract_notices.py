"""Which lines are the publisher's own and which are news: the rules, line by line."""

from __future__ import annotations

from datetime import datetime

import pytest

from conversions.pipeline.extract.authors import korean_bylines
from conversions.pipeline.extract.boilerplate import Surroundings, story_lines
from conversions.pipeline.extract.dates import parse_date

NOTICES = """
Copyrights ⓒ TV한빛. 무단전재 및 재배포 금지
Copyright ⓒ 한빛방송. All rights reserved. 무단 전재, 재배포 및 AI학습 이용 금지
<저작권자(c) 나루통신, 무단 전재-재배포, AI 학습 및 활용 금지>
[ⓒ 두레경제 & dure.example, 무단전재 및 재배포 금지]
- Copyrights ⓒ 새길일보 & saegil.example, 무단 전재 및 재배포 금지 -
본 기사의 무단 전재 및 재배포를 금합니다.
※ 이 기사의 저작권은 두레신문에 있습니다.
무단전재-재배포 금지
※ '당신의 제보가 뉴스가 됩니다'
제보는 카카오톡 narujebo
■ 제보하기
▶ 한빛뉴스는 여러분의 제보를 기다립니다.
기사제보 및 보도자료 news@dure.example
▶ 네이버에서 한빛뉴스를 구독해주세요!
▷ 카카오톡에서 '한빛뉴스'를 친구 추가하세요
☞ 한빛뉴스 유튜브 구독하기
[두레경제 구독하기]
▶ 관련기사 : 헌책방 거리에 불이 다시 켜졌다
좋아요와 구독, 알림 설정!
홍길동 기자 hong@dure.example
두레신문 홍길동 기자(hong@dure.example)
hong@dure.example
(사진=연합뉴스)
[사진 출처 : 검찰청 공식 트위터 캡처]
/연합뉴스
▲위 사진은 기사 내용과 직접적인 관련이 없습니다.
▲ 홍길동 장관이 회의를 하고 있다. [사진=연합뉴스]
입력 2026-04-07 19:09:16
등록 2023.04.21 16:25 / 수정 2023.04.21 16:26
입력 : 2024.01.02 오전 10:21 | 수정 : 2024.01.02 오후 3:00
서지안 기자의 기사 모음
홍길동 기자의 다른기사 보기
(끝)
Published: June 1, 2026 at 6:30 am
Sign up for our newsletter
For the latest breaking news, sign up for our newsletters.
Read more: how the bay got its first ferry
Advertisement
Story continues below
© 2026 The Quay Courier. All rights reserved.
Follow us on X and Facebook
Reporting by Jane Doe; Editing by John Roe
The Associated Press contributed to this report.
""".strip().split("\n")

NEWS = """
정부는 무단 복제를 금지하는 법안을 국회에 냈다.
법원은 사진의 저작권자는 촬영자라고 판단했다.
시청자의 제보로 사건이 알려졌습니다.
경찰은 목격자들의 제보를 기다리고 있습니다.
경찰은 시민 제보를 바탕으로 용의자를 붙잡았다.
구독 경제가 커지면서 해지도 어려워졌다.
유튜브 구독자가 100만 명을 넘었다.
▷나윤슬 : 좋아요. 그럼 다음 질문입니다.
자세한 내용은 복지로 누리집에서 확인하세요.
[리포트]
■ 진행 : 나윤슬 변호사
12만 4,000명이 다녀갔다.
2025년 5월 1일
홍길동 기자가 현장을 다녀왔습니다.
사진은 거짓말을 하지 않는다고 그는 말했다.
이메일로 접수하면 된다.
전화: 상담은 평일에만 받는다.
The copyright case will be heard in May.
Subscribe buttons should be easy to find, the regulator said.
Watch the skies, officials warn: a comet is coming.
Recommended doses vary with age, the doctor said.
Join the queue early, fans were told.
More from necessity than choice, she left.
""".strip().split("\n")

STORY = ["시장은 예산을 늘리겠다고 밝혔다.", "예산은 12억 원이다."]


def lines_of(*lines: str) -> list[str]:
    return story_lines([*lines], around=Surroundings())


@pytest.mark.parametrize("line", NOTICES)
def test_a_notice_is_dropped(line: str) -> None:
    assert lines_of(*STORY, line) == STORY


@pytest.mark.parametrize("line", NEWS)
def test_news_that_mentions_such_things_stays(line: str) -> None:
    assert lines_of(STORY[0], line, STORY[1]) == [STORY[0], line, STORY[1]]


def test_channels_go_with_the_tip_line_they_stand_under() -> None:
    channels = ["[카카오톡] 한빛 검색해 채널 추가", "[전화] 02-398-0000", "[메일] tip@hanbit.example"]
    assert lines_of(*STORY, "※ '당신의 제보가 뉴스가 됩니다'", *channels) == STORY


def test_a_notice_glued_behind_the_last_sentence_is_cut_off() -> None:
    glued = "군은 버스를 세 대 늘렸다. <저작권자 ⓒ 나루통신, 무단전재 및 재배포 금지>"
    assert lines_of(*STORY, glued) == [*STORY, "군은 버스를 세 대 늘렸다."]


def test_an_agency_end_mark_is_cut_off() -> None:
    assert lines_of(*STORY, "군은 버스를 늘렸다. (끝)") == [*STORY, "군은 버스를 늘렸다."]


def test_a_list_of_other_stories_behind_the_body_is_cut_off() -> None:
    headlines = ["이 시각 주요뉴스", "고양이 역장이 은퇴했다", "눈 녹자 드러난 산길 쓰레기 3톤"]
    story = [*STORY, "나머지는 내년에 쓰기로 했다.", "의회는 다음 달 표결한다."]
    assert lines_of(*story, *headlines) == story


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("[한빛일보 서지안 기자] 시장은", ["서지안"]),
        ("(가람=나루통신) 윤서후 기자 = 시장은", ["윤서후"]),
        ("문하람·차보미 기자", ["문하람", "차보미"]),
        ("도지윤 선임기자 jiyun@saegil.example", ["도지윤"]),
        ("남궁민 특파원", ["남궁민"]),
        ("정다온 thekian@dure.example", ["정다온"]),
        ("현장 기자들이 모였다", []),
        ("사진 기자", []),
        ("기자회견이 열렸다", []),
        ("이정후 기자회견", []),
        ("한 기자가 물었다", []),
    ],
)
def test_korean_bylines(line: str, names: list[str]) -> None:
    assert korean_bylines([line]) == names


@pytest.mark.parametrize(
    ("text", "language", "moment"),
    [
        ("2026-04-07T19:09:16+09:00", "ko", "2026-04-07T19:09:16+09:00"),
        ("2026-04-07 19:09:16", "ko", "2026-04-07T19:09:16+09:00"),
        ("2026-04-07 19:09:16", "en", "2026-04-07T19:09:16+00:00"),
        ("2026.04.07 (19:09)", "ko", "2026-04-07T19:09:00+09:00"),
        ("2026. 4. 7. 오후 7:09", "ko", "2026-04-07T19:09:00+09:00"),
        ("2026년 4월 7일 오전 12시 5분", "ko", "2026-04-07T00:05:00+09:00"),
        ("2026年4月7日 19:09", "ja", "2026-04-07T19:09:00+09:00"),
        ("20260407190916", "ko", "2026-04-07T19:09:16+09:00"),
        ("Tue, 07 Apr 2026 10:09:16 GMT", "en", "2026-04-07T10:09:16+00:00"),
        ("2026-04-07T10:09:16.123Z", "en", "2026-04-07T10:09:16.123000+00:00"),
    ],
)
def test_dates_as_pages_write_them(text: str, language: str, moment: str) -> None:
    assert parse_date(text, language=language) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-45", "0001-01-01", "2026.99.99 (99:99)", "9" * 10_000])
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text, language="ko") is None
