"""Countries, cities, days and seasons under their Korean and English names: one line is one thing."""

from __future__ import annotations

import regex

_PLACES = """
미국 미 美 United States|U.S.|US|USA|America|American|Americans|Washington
중국 中 China|Chinese|Beijing|PRC
일본 日 Japan|Japanese|Tokyo
한국 대한민국 우리나라 국내 韓 South Korea|South Korean|South Koreans|Korea|Korean|Koreans|Seoul|ROK
북한 北 North Korea|North Korean|North Koreans|Pyongyang|DPRK
러시아 Russia|Russian|Russians|Moscow|Kremlin
우크라이나 Ukraine|Ukrainian|Ukrainians|Kyiv|Kiev
영국 英 United Kingdom|UK|U.K.|Britain|British|Briton|Britons|England|English|London
프랑스 France|French|Paris
독일 Germany|German|Germans|Berlin
이탈리아 Italy|Italian|Italians|Rome
스페인 Spain|Spanish|Madrid
캐나다 Canada|Canadian|Canadians|Ottawa
호주 오스트레일리아 Australia|Australian|Australians
인도 India|Indian|Indians|New Delhi|Delhi
파키스탄 Pakistan|Pakistani|Pakistanis
이란 Iran|Iranian|Iranians|Tehran
이라크 Iraq|Iraqi|Iraqis|Baghdad
이스라엘 Israel|Israeli|Israelis|Jerusalem
팔레스타인 Palestine|Palestinian|Palestinians
시리아 Syria|Syrian|Syrians
사우디아라비아 사우디 Saudi Arabia|Saudi|Saudis|Riyadh
튀르키예 터키 Turkey|Türkiye|Turkish
이집트 Egypt|Egyptian|Cairo
브라질 Brazil|Brazilian|Brazilians
아르헨티나 Argentina|Argentine
멕시코 Mexico|Mexican|Mexicans
칠레 Chile|Chilean
콜롬비아 Colombia|Colombian
베네수엘라 Venezuela|Venezuelan
쿠바 Cuba|Cuban
베트남 Vietnam|Vietnamese|Hanoi
태국 Thailand|Thai|Bangkok
필리핀 Philippines|Filipino|Philippine|Manila
인도네시아 Indonesia|Indonesian|Jakarta
말레이시아 Malaysia|Malaysian
싱가포르 Singapore|Singaporean
대만 Taiwan|Taiwanese|Taipei
홍콩 Hong Kong
몽골 Mongolia|Mongolian
네팔 Nepal|Nepali|Nepalese
아프가니스탄 Afghanistan|Afghan|Kabul
네덜란드 Netherlands|Dutch|Amsterdam
벨기에 Belgium|Belgian|Brussels
스위스 Switzerland|Swiss
오스트리아 Austria|Austrian|Vienna
스웨덴 Sweden|Swedish|Stockholm
노르웨이 Norway|Norwegian|Oslo
덴마크 Denmark|Danish
핀란드 Finland|Finnish
폴란드 Poland|Polish|Warsaw
체코 Czech|Czechia|Prague
헝가리 Hungary|Hungarian
그리스 Greece|Greek|Athens
포르투갈 Portugal|Portuguese|Lisbon
아일랜드 Ireland|Irish|Dublin
남아프리카공화국 남아공 South Africa|South African
나이지리아 Nigeria|Nigerian
케냐 Kenya|Kenyan
유럽연합 EU|European Union
유엔 UN|U.N.|United Nations
나토 NATO|Nato
유럽 Europe|European|Europeans
아시아 Asia|Asian|Asians
아프리카 Africa|African|Africans
중동 Middle East
부산 Busan
대구 Daegu
인천 Incheon
광주 Gwangju
대전 Daejeon
울산 Ulsan
세종 Sejong
제주 Jeju
뉴욕 New York
로스앤젤레스 Los Angeles
"""
_DAYS = """
월요일 Monday|Mon.
화요일 Tuesday|Tues.|Tue.
수요일 Wednesday|Wed.
목요일 Thursday|Thurs.|Thu.
금요일 Friday|Fri.
토요일 Saturday|Sat.
일요일 Sunday|Sun.
봄 spring
여름 summer
가을 autumn
겨울 winter
"""
_SHORT = {"미", "美", "中", "日", "韓", "北", "英", "국내", "인도", "세종", "대전", "광주", "봄"}
"""Too short or too common in other words to be looked for in a post; in an article they count."""


def _group(line: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the Korean and the English names on one line."""
    first = regex.search(r"[A-Za-z]", line)
    at = first.start() if first else len(line)
    return tuple(line[:at].split()), tuple(name for name in line[at:].split("|") if name)


GROUPS = tuple(_group(line) for line in (_PLACES + _DAYS).strip().splitlines())


def _compiled(korean: tuple[str, ...], english: tuple[str, ...]) -> regex.Pattern[str]:
    parts = [rf"(?<![가-힣]){regex.escape(name)}" for name in korean]
    parts += [rf"(?<![\p{{L}}\p{{N}}]){regex.escape(name)}(?![\p{{L}}\p{{N}}])" for name in english]
    return regex.compile("|".join(parts) or r"(?!)")


_SAID = tuple(_compiled(tuple(name for name in korean if name not in _SHORT), english) for korean, english in GROUPS)


NAMES = frozenset(name for korean, english in GROUPS for name in (*korean, *english))
"""Every name above; who asks ``strangers`` need not look these up again."""


def strangers(*, text: str, source: str) -> list[str]:
    """Return each place, day or season the text names and the source does not, in either language."""
    found = []
    for pattern, (korean, english) in zip(_SAID, GROUPS, strict=True):
        match = pattern.search(text)
        if match and not _known(korean, english, source):
            found.append(match.group())
    return found


def _known(korean: tuple[str, ...], english: tuple[str, ...], source: str) -> bool:
    lower = source.lower()
    return any(name in source for name in korean) or any(
        regex.search(rf"(?<![\p{{L}}\p{{N}}]){regex.escape(name.lower())}(?![\p{{L}}\p{{N}}])", lower)
        for name in english
    )
