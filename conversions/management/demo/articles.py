"""The news of the demo set, written for it: places are real, people, figures and papers are not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article: its language, headline, text, the line its posts begin with, and their tags."""

    language: str
    title: str
    text: str
    post: str
    tags: tuple[str, ...]


STORIES = (
    Story(
        language="ko",
        title="수원시, 밤에도 문 여는 도서관 개관",
        text=(
            "수원시가 월요일 24시간 도서관을 열었다. 4층 건물을 짓는 데 24억 원이 들었고 장서는 3만 8000권이다. "
            "시는 하루 1200명이 찾을 것으로 내다본다. 시민은 일곱 권을 14일 동안 빌릴 수 있다."
        ),
        post="수원시가 밤새 문 여는 도서관을 열었습니다. 일곱 권을 14일 동안 빌릴 수 있습니다.",
        tags=("수원", "도서관"),
    ),
    Story(
        language="ko",
        title="부산항 9월 컨테이너 처리량 6.2% 늘어",
        text=(
            "부산항이 9월에 컨테이너 201만 개를 처리했다. 지난해 같은 달보다 6.2% 많다. "
            "환적 물량이 112만 개로 절반을 넘었다. 항만공사는 북미 노선이 두 개 늘어난 덕분이라고 설명했다."
        ),
        post="부산항의 9월 컨테이너 처리량이 지난해보다 6.2% 늘었습니다. 북미 노선 두 개가 더해졌습니다.",
        tags=("부산항", "물류"),
    ),
    Story(
        language="ko",
        title="제주 감귤 농가, 인공지능으로 병해 찾는다",
        text=(
            "제주 서귀포의 감귤 농가 140곳이 사진으로 병해를 찾는 서비스를 쓰기 시작했다. "
            "잎 사진을 올리면 3초 안에 결과가 나온다. 농업기술원은 첫 달 정확도가 91%였다고 밝혔다."
        ),
        post="서귀포 감귤 농가 140곳이 잎 사진으로 병해를 찾기 시작했습니다. 결과는 3초 안에 나옵니다.",
        tags=("제주", "감귤", "농업"),
    ),
    Story(
        language="ko",
        title="대전 트램 첫 구간 시험 운행 시작",
        text=(
            "대전시가 도시철도 2호선 트램의 첫 구간 3.9km에서 시험 운행을 시작했다. "
            "수소 트램 세 대가 하루 40차례 오간다. 정식 개통은 2028년 12월로 예정돼 있다."
        ),
        post="대전 트램이 첫 구간 3.9km를 달리기 시작했습니다. 정식 개통은 2028년 12월로 예정돼 있습니다.",
        tags=("대전", "트램"),
    ),
    Story(
        language="ko",
        title="광주비엔날레 관람객 31만 명 다녀가",
        text=(
            "86일 동안 열린 광주비엔날레가 막을 내렸다. 관람객은 31만 명으로 집계됐다. "
            "30개 나라 작가 72명이 참여했고, 외국인 관람객은 넷 중 하나였다."
        ),
        post="광주비엔날레에 31만 명이 다녀갔습니다. 30개 나라 작가 72명이 함께했습니다.",
        tags=("광주비엔날레", "전시"),
    ),
    Story(
        language="ko",
        title="강릉시, 커피 찌꺼기로 거리 화단 가꾼다",
        text=(
            "강릉시가 카페 220곳에서 커피 찌꺼기를 모아 퇴비로 만든다. 한 달에 18톤이 모인다. "
            "퇴비는 거리 화단 64곳에 쓰인다. 시는 쓰레기 처리비를 해마다 9000만 원 줄일 것으로 본다."
        ),
        post="강릉 카페 220곳의 커피 찌꺼기가 거리 화단의 퇴비가 됩니다. 한 달에 18톤이 모입니다.",
        tags=("강릉", "커피", "재활용"),
    ),
    Story(
        language="en",
        title="Leeds opens a repair shop for old bicycles",
        text=(
            "Leeds opened a public bicycle workshop on Saturday. Eleven volunteers repair donated bicycles and lend "
            "them to newcomers for six months. The council paid 48,000 pounds for the tools. 130 bicycles are waiting."
        ),
        post="Leeds now repairs donated bicycles and lends them to newcomers for six months. 130 are waiting.",
        tags=("Leeds", "Cycling"),
    ),
    Story(
        language="en",
        title="Portland harbour to charge ferries overnight",
        text=(
            "The harbour of Portland will charge its four ferries overnight from March. Two charging masts cost "
            "3.1 million dollars. Each ferry needs five hours for a full charge and saves 900 litres of diesel a day."
        ),
        post="Portland's four ferries will charge overnight from March, saving 900 litres of diesel each a day.",
        tags=("Portland", "Ferries"),
    ),
    Story(
        language="en",
        title="School meals in Bristol now come from nearby farms",
        text=(
            "Bristol's 41 primary schools buy their vegetables from farms within 30 miles since September. "
            "Meals cost four pence more. A survey of 2,300 parents found that 78 percent welcome the change."
        ),
        post="41 primary schools in Bristol now buy vegetables from nearby farms. 78 percent of parents welcome it.",
        tags=("Bristol", "SchoolMeals"),
    ),
    Story(
        language="en",
        title="Astronomers in Chile find a comet by its shadow",
        text=(
            "A team of nine astronomers in Chile found a comet by the shadow it cast on a distant star. "
            "It measures two kilometres and comes closest to the Sun in 2031. The find took 14 nights."
        ),
        post="Nine astronomers found a two-kilometre comet by its shadow. It nears the Sun in 2031.",
        tags=("Astronomy", "Comet"),
    ),
    Story(
        language="en",
        title="Night buses in Dublin double their passengers",
        text=(
            "Night buses in Dublin carried 1.9 million passengers this year, twice as many as last year. "
            "Six routes now run all night. The operator hires 55 drivers before the winter timetable starts."
        ),
        post="Dublin's night buses carried 1.9 million passengers this year, twice as many as last year.",
        tags=("Dublin", "Transport"),
    ),
    Story(
        language="en",
        title="A village in Wales buys its own pub",
        text=(
            "The 260 residents of a village in Wales bought their pub for 310,000 pounds. 190 of them hold shares. "
            "It opens in May with a shop and a post office in the same house."
        ),
        post="A Welsh village bought its pub for 310,000 pounds; 190 of its 260 residents hold shares.",
        tags=("Wales", "Community"),
    ),
)
