"""Who wrote it: persons, as the page's tags or its bylines name them. An organisation is not a person."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any, Final

from conversions.pipeline.extract.declared import Declared, texts
from conversions.pipeline.extract.lines import ends_sentence, key, sentence_keys, vocabulary

_MOST: Final = 50
_AUTHORS: Final = 10
_META: Final = vocabulary(
    "article:author author dable:author byl parsely-author sailthru.author og:article:author dc.creator "
    "dcterms.creator "
    "citation_author article:author_name cxenseparse:author mediator_author"
)

_SURNAMES: Final = frozenset(
    vocabulary(
        "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 전 홍 유 고 문 양 손 배 백 허 남 심 노 하 곽 성 "
        "차 주 우 구 민 류 나 진 지 엄 "
        "채 원 천 방 공 현 함 변 염 여 추 도 소 석 선 설 마 길 연 위 표 명 기 반 왕 금 옥 육 인 맹 제 모 탁 국 "
        "어 은 편 용 예 경 봉 사 부 "
        "가 복 태 목 형 피 두 감 음 빈 동 온 호 범 좌 팽 승 간 상 시 갈 단 견 당"
    )
)
"""The surnames of more than 99.9 % of Koreans (Statistics Korea, 2015 census), and rarer ones of one syllable."""
_OFFICE = (
    r"(?:선임|수석|전문|객원|인턴|수습|대|사진|영상|취재|의학|과학|경제|문화|북한|논설|여행|음식|종교)?\s?"
    r"(?:기자|특파원|통신원|논설위원|칼럼니스트|에디터|리포터)"
)
_KOREAN = re.compile(rf"(?<![가-힣])([가-힣]{{2,4}})\s?{_OFFICE}(?![가-힣]*(?:회|단|실|간담|들|협))")
_KOREAN_LIST = re.compile(rf"(?<![가-힣])((?:[가-힣]{{2,4}}\s?[·,ㆍ/&]\s?){{1,5}}[가-힣]{{2,4}})\s?{_OFFICE}")
_NAME_MAIL = re.compile(r"(?:^|[=(\[/\s])([가-힣]{2,4})\s*[(\[/=]?\s*[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,3}")
_DATELINE = re.compile(
    r"^.{0,12}?[\[(【<].{1,60}?[\])】>](?:\s?[가-힣·, ]{2,30}(?:기자|특파원)\s?=)?|^[가-힣·, ]{2,30}(?:기자|특파원)\s?="
)
_INTRODUCED = re.compile(
    r"(?<![가-힣])([가-힣]{2,4})\s?(?:기자|특파원)(?:의 보도|가 보도|가 취재|가 전해|가 전합|입니다|가 자세히)"
)
_NEAR: Final = 15
_NOT_NAMES: Final = frozenset(
    vocabulary(
        "현장 담당 취재 사진 인턴 선임 수석 전문 객원 수습 외신 방송 신문 뉴스 일부 해당 출입 동료 본지 여성 "
        "남성 전직 현직 시민 우리 다른 모든 "
        "당시 이상 유명 연예 스포츠 정치 경제 사회 국제 문화 북한 과학 의학 지역 서울 부산 대구 인천 광주 대전 "
        "울산 세종 경기 강원 충북 충남 "
        "전북 전남 경북 경남 제주 도쿄 베이징 워싱턴 뉴욕 파리 런던 이날 소속 공동 온라인 디지털 편집 기획 "
        "탐사 전국 영상 진행 한국 미국 일본"
    )
)
_HANGUL_NAME = re.compile(r"^[가-힣]{2,4}$|^[가-힣]{1,2} [가-힣]{1,3}$")
_REVERSED = re.compile(r"^([가-힣]{2,3}) ([가-힣])$")
"""A Korean name in systems that ask for the given name first."""
_ORGANISATION = re.compile(
    r"\b(?:news|newsroom|newsdesk|staff|desk|editors?|editorial|team|press|reuters|afp|ap|dpa|ansa|efe|tass|upi|pti|ani|bloomberg|"
    r"agency|agencies|agence|agencia|media|times|post|daily|herald|tribune|magazine|network|admin|administrator|board|wire|services?|"
    r"bureau|contributors?|correspondents?|reporters?|redaktion|redacción|rédaction|redazione|redactie|inc|ltd|llc|gmbh|"
    r"corp|company|i?stock\w*|getty\w*|shutterstock|tv|radio|online|digital|studios?|group|foundation|university|institute|webmaster|guest|anonymous)\b|"
    r"뉴스|일보|신문|방송|통신|닷컴|편집|취재팀|취재부|온라인|디지털|미디어|경제|매일|스포츠|연합|기획|센터|협회|위원회|연구|본부|팀$|부$|국$|실$|"
    r"^관리자|^기자$|^운영자|新聞|新闻|编辑部|編集部|通信|通讯|ニュース|デジタル|現代$|時事|网$|社$|\.(?:com|net|org|kr|co|tr|de)\b",
    re.IGNORECASE,
)
_ORGANISATION_TYPES = re.compile(r"Organi[sz]ation|Corporation|WebSite|Brand")
_JOINED = re.compile(r"\s*(?:[,;|·ㆍ・、/&+]|\s(?:and|und|et|y|e|og|och|en|with)\s)\s*", re.IGNORECASE)
_BY = re.compile(
    r"^(?:written by|words by|story by|by|von|par|por|di|door|text|글|글쓴이|기자|reporter)\s*[:=]?\s+", re.IGNORECASE
)


def declared_authors(declared: Declared, *, publishers: Collection[str]) -> tuple[str, ...]:
    """Return the persons in the page's tags, in its order, each once: JSON-LD first, then meta tags.

    ``publishers`` are the site's own names, which are no persons.
    """
    own = {key(name) for name in publishers if name}
    stated = _persons(_jsonld(declared.article), own)
    return stated or _persons([value for name in _META for value in declared.metas.get(name, ())], own)


def signed_authors(*, lines: list[str], body: list[str], publishers: Collection[str]) -> tuple[str, ...]:
    """Return the reporters a Korean page names: in the dateline, beside the body, or introduced by the anchor."""
    datelines = [found.group() for line in body[:3] if (found := _DATELINE.match(line))]
    introduced = [found.group(1) + " 기자" for line in body for found in _INTRODUCED.finditer(line)]
    for source in (datelines, _beside(lines, body), introduced):
        if names := persons(korean_bylines(source), publishers=publishers):
            return names
    return ()


def _beside(lines: list[str], body: list[str]) -> list[str]:
    """Return the short lines just after the body and just before it, where bylines stand."""
    if not body:
        return []
    places = {words: index for index, line in enumerate(lines) for words in sentence_keys(line)}
    last = max(
        (places[words] for line in body[-3:] for words in sentence_keys(line) & places.keys()), default=len(lines)
    )
    first = min((places[words] for line in body[:3] for words in sentence_keys(line) & places.keys()), default=0)
    near = lines[max(0, last - 2) : last + _NEAR] + lines[max(0, first - _NEAR) : first]
    return [line for line in near if len(line) <= 120 and not ends_sentence(line)]


def korean_bylines(lines: Iterable[str]) -> list[str]:
    """Return the names in Korean bylines: "홍길동 기자", "홍길동·김철수 특파원", "홍길동 hong@example.com"."""
    found: dict[str, None] = {}
    for line in lines:
        for group in _KOREAN_LIST.findall(line):
            found.update(dict.fromkeys(name for name in re.split(r"\s?[·,ㆍ/&]\s?", group) if _is_korean_name(name)))
        for pattern in (_KOREAN, _NAME_MAIL):
            found.update(dict.fromkeys(name for name in pattern.findall(line) if _is_korean_name(name)))
    return list(found)


def persons(names: Iterable[str], *, publishers: Collection[str]) -> tuple[str, ...]:
    """Return those of the names that are persons', cleaned of offices and addresses."""
    return _persons(names, {key(name) for name in publishers if name})


def _jsonld(article: dict[str, Any]) -> list[str]:
    names: list[str] = []
    for field in ("author", "creator"):
        value = article.get(field)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and _ORGANISATION_TYPES.search(str(item.get("@type"))):
                continue
            names.extend(texts(item))
        if names:
            break
    return names


def _persons(values: Iterable[str], own: set[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for value in islice(values, _MOST):
        for name in _names(value[:500]):
            if _is_person(name, own):
                found.setdefault(key(name), name)
    return tuple(list(found.values())[:_AUTHORS])


def _names(value: str) -> list[str]:
    """Return the names in one byline, without by-words, offices and addresses."""
    if re.search(r"https?://|^@|^www\.", value):
        return []
    if re.search("[가-힣]", value) and (named := korean_bylines([value])):
        return named
    value = re.sub(r"[\w.+-]{1,64}@[\w.-]{1,64}", " ", value)
    value = _BY.sub("", " ".join(value.split()))
    value = re.sub(rf"\s?{_OFFICE}$", "", value)
    names = [name.strip(" .-–—()[]'\"") for name in _JOINED.split(value)]
    return [_REVERSED.sub(r"\2\1", name) for name in names]


def _is_person(name: str, own: set[str]) -> bool:
    if not 2 <= len(name) <= 60 or len(name.split()) > 6 or re.search(r"\d|[<>{}=:]", name):
        return False
    if key(name) in own or not key(name):
        return False
    if name.isupper() and " " not in name and name.isascii():
        return False  # initials of an agency or a desk
    if re.search("[가-힣]", name):
        return bool(_HANGUL_NAME.match(name)) and not _ORGANISATION.search(name) and name not in _NOT_NAMES
    return not _ORGANISATION.search(name)


def _is_korean_name(name: str) -> bool:
    if name in _NOT_NAMES or name.endswith(("기자", "위원", "특파원", "통신원")):
        return False
    return name[0] in _SURNAMES or name[:2] in ("남궁", "황보", "제갈", "선우", "독고", "사공", "서문")
