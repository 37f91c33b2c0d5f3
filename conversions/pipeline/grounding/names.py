"""Whether the people, places and bodies a post names stand in the article."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

from conversions.pipeline.grounding.world import NAMES, strangers
from conversions.pipeline.types import Article, Finding
from conversions.pipeline.words import STOP_WORDS, is_korean, stem, stems_of, words
from newsforge.lib.sentences import stored

NOT_IN_ARTICLE = stored("%(excerpt)s does not stand in the article.")

_CAPITALISED = regex.compile(
    r"(?<![\p{L}\p{N}@#])\p{Lu}[\p{L}\p{N}'’.&-]*(?<![.'’-])(?:['’]s)?(?: (?:of |de |van |von |bin |al |the "
    r")?\p{Lu}[\p{L}\p{N}'’.&-]*(?<![.'’-])(?:['’]s)?){0,5}"
)
_STARTS = regex.compile(r"(?:^|[.!?…\n:;•\"“‘'(\[]\s*|[—–-]\s+)$")
_TITLES = (
    "대통령|총리|부총리|장관|차관|의원|대표|회장|부회장|총재|교수|감독|코치|선수|씨|위원장|부위원장|검사|판사|변호사|사장|부사장|부장|청장"
    "|시장|지사|도지사|군수|구청장|후보|배우|가수|작가|박사|이사|이사장|팀장|본부장|실장|국장|의장|원내대표|대변인|원장|소장|총장|대사|국왕"
    "|왕자|공주|여왕|교황|특파원|아나운서|작곡가|화백|주교|목사|스님|신부|대법관|대법원장|검찰총장|사령관|대장|중장|소장|대위|병장|경감"
)
_KOREAN_PERSON = regex.compile(
    rf"(?<![가-힣])(?P<name>[가-힣]{{2,4}})\s?(?:전 |前 |신임 |부)?(?P<title>{_TITLES})(?![가-힣]{{2}})"
)
_NOT_PERSON_WORDS = """
전직 현직 신임 여성 남성 여자 남자 국가 유명 원로 신인 톱 인기 당시 해당 공동 각자 대표 담당 관련 야당 여당 한국
미국 일본 중국 영국 북한 프랑스 독일 러시아 지역 초대 역대 전임 후임 차기 현재 이번 지난 모든 국회 정부 외국
일부 주요 다른 같은 어느 우리 최고 수석 선임 담임 검찰 경찰 법무부 외교부 국방부 기획재정부 서울 경기 부산 대구
인천 광주 대전 울산 세종 강원 충북 충남 전북 전남 경북 경남 제주 시의회 도의회 명예 특별 은퇴 국민 통합 그리고
그러나 이어 또한 함께 지방 중앙 프로 아마추어 주한 주미 주중 주일 정당 무소속 초선 재선 중진 해외 현지 전문 축구
야구 농구 배구
"""
_NOT_PERSON = frozenset(_NOT_PERSON_WORDS.split())
_KOREAN_BODY = regex.compile(
    r"(?<![가-힣])(?P<name>[가-힣A-Za-z]{2,10}(?:그룹|전자|은행|증권|자동차|중공업|건설|제약|통신|항공|대학교|대병원|병원|경찰서|지방법원|지법|고법|지검|경찰청"
    r"|위원회|연구원|연구소|공사|공단|협회|재단|노조|신문|일보|방송|엔터테인먼트|백화점|초등학교|중학교|고등학교|시청|도청|군청|구청))"
)
_LATIN = regex.compile(r"(?<![\p{Latin}\p{N}@#])\p{Lu}[\p{Latin}\p{N}&.-]*[\p{Latin}\p{N}]")
_KINDS_WORDS = """
ocean sea river lake mount mountain city town county state street road avenue square park island islands bridge
tower university college school academy hospital court airport station stadium arena church cathedral museum
hotel bank company corporation group party ministry department police government parliament congress senate
house league cup minister president prime chief officer director sir lord lady king queen prince princess region
province district
"""
_KINDS = frozenset(_KINDS_WORDS.split())
_CALLS_WORDS = """
read watch click here finally video live exclusive breaking update now new video photos listen more
"""
_CALLS = frozenset(_CALLS_WORDS.split())
_POSSESSIVE = regex.compile(r"['’]s?$")
_INNER = regex.compile(r"[-'’&.]")
_ACRONYM_GAPS = frozenset(["of", "the", "and", "for", "in", "de", "la"])


def check_names(*, text: str, article: Article) -> Iterator[Finding]:
    """Return a finding for each name the article does not have.

    Countries, cities, days and seasons are known in Korean and English; all other names are compared only within one
    script, because a transliteration cannot be looked up.
    """
    source = f"{article.title}\n{article.text}\n{article.site}\n{' '.join(article.authors)}"
    foreign = strangers(text=text, source=source)
    for name in foreign:
        yield _finding(name)
    korean = is_korean(source)
    if korean and not is_korean(text):
        found: Iterator[str] = iter(())
    else:
        found = (
            _korean_strangers(text, source) if korean else _latin_strangers(text, source, everywhere=is_korean(text))
        )
    for name in found:
        if name not in NAMES and not any(name in known or known in name for known in foreign):
            yield _finding(name)


def _latin_strangers(text: str, source: str, *, everywhere: bool) -> Iterator[str]:
    """Return the rows of capitalised words of which a word is not in the source."""
    known = _known(source)
    seen: set[str] = set()
    for match in (_LATIN if everywhere else _CAPITALISED).finditer(text):
        name = str(match.group())
        opens = not everywhere and bool(_STARTS.search(text, max(0, match.start() - 4), match.start()))
        if name not in seen and _is_strange(name, known, opens=opens):
            seen.add(name)
            yield name


def _is_strange(name: str, known: _Known, *, opens: bool) -> bool:
    """Return whether a part of a name is unknown; the first word of a sentence is large in any case."""
    parts = [part for part in words(name) if part[:1].isupper() and part.lower() not in _CALLS]
    if opens and parts and not (parts[0].isupper() and len(parts[0]) > 1):
        parts = parts[1:]
    strange = [part for part in parts if not known.has(part) and not known.has_acronym(part)]
    if len(parts) > 1:  # "the Pacific Ocean" is the Pacific, Man Utd is Manchester United
        strange = [part for part in strange if not known.has_long_form(part)]
    if len(strange) < len(parts):
        strange = [part for part in strange if part.lower() not in _KINDS]
    return bool(strange) and not known.has_acronym(name)


@lru_cache(maxsize=4)
def _known(source: str) -> _Known:
    return _Known(source)


class _Known:
    """The words of a source, to ask whether a name's part is among them in some form."""

    def __init__(self, source: str) -> None:
        tokens = words(source)
        self._lower = {form for token in tokens for form in self._forms(token)}
        self._stems = {stem(token) for token in tokens}
        self._starts = {token.lower()[:5] for token in tokens if len(token) >= 5 and token[0].isupper()}
        self._capitalised = {token for token in tokens if len(token) >= 6 and token[0].isupper()}
        self._initials = "".join(
            token[0] if token[0].isupper() else " " for token in tokens if token.lower() not in _ACRONYM_GAPS
        )

    def has(self, part: str) -> bool:
        """Return whether a part of a name stands in the source: as it is, inflected, or as its people's name."""
        if len(part) < 2 or part.lower() in STOP_WORDS or part[:1].isdigit():
            return True
        forms = self._forms(part)
        return (
            bool(forms & self._lower)
            or stem(part) in self._stems
            or (len(part) >= 6 and part.lower()[:5] in self._starts)
        )

    def has_long_form(self, part: str) -> bool:
        """Return whether a short part is an abbreviation: Utd of United, Man of Manchester."""
        if not 3 <= len(part) <= 4:
            return False
        pattern = regex.compile(part[0] + "".join(rf"\p{{Ll}}*{letter}" for letter in part[1:]))
        return any(pattern.match(name) for name in self._capitalised)

    def has_acronym(self, name: str) -> bool:
        """Return whether the source spells an acronym out, or gives the acronym of what is spelled out."""
        letters = "".join(char for char in name if char.isalpha())
        if letters.isupper() and 2 <= len(letters) <= 6:
            return letters in self._initials
        initials = "".join(part[0] for part in words(name) if part[:1].isupper())
        return len(initials) > 2 and initials.lower() in self._lower

    @staticmethod
    def _forms(token: str) -> set[str]:
        plain = _POSSESSIVE.sub("", token).lower()
        return {plain, plain.replace(".", ""), *_INNER.split(plain)} - {""}


def _korean_strangers(text: str, source: str) -> Iterator[str]:
    """Return people before a title, bodies by their ending, and Latin names, that the source does not have."""
    compact = "".join(source.split())
    seen: set[str] = set()
    for match in _KOREAN_PERSON.finditer(text):
        name = match["name"]
        if name in _NOT_PERSON or any(each in compact for each in stems_of(name)) or name in seen:
            continue
        seen.add(name)
        yield match.group()
    for match in _KOREAN_BODY.finditer(text):
        name = match["name"]
        if not _stands_in(name, compact) and name not in seen:
            seen.add(name)
            yield name
    if regex.search(r"\p{Latin}", text):
        known = {word.lower() for word in regex.findall(r"[\p{Latin}\p{N}&.-]+", source)}
        joined = source.lower()
        yield from (
            name
            for name in dict.fromkeys(match.group() for match in _LATIN.finditer(text))
            if name.lower() not in known and name.lower() not in joined
        )


def _stands_in(name: str, compact: str) -> bool:
    """Return whether a Korean name stands in a text without spaces, whole, or as the parts it is made of."""
    if name in compact:
        return True
    return any(name[:cut] in compact and name[cut:] in compact for cut in range(2, len(name) - 1))


def _finding(name: str) -> Finding:
    return Finding(kind="name", excerpt=name, message=NOT_IN_ARTICLE % {"excerpt": name})
