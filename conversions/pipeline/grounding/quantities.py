"""The numbers in a Korean or English text, as values with units: 1조 2,000억 원 and 1.2 trillion won are the same."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import regex

_SCALES = {
    "조": 10**12,
    "억": 10**8,
    "만": 10**4,
    "천": 10**3,
    "백": 10**2,
    "십": 10,
    "trillion": 10**12,
    "trn": 10**12,
    "tn": 10**12,
    "billion": 10**9,
    "bn": 10**9,
    "million": 10**6,
    "mn": 10**6,
    "thousand": 10**3,
    "hundred": 10**2,
    "dozen": 12,
}
_UP_TO_NINETEEN = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_TENS_WORDS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINAL_WORDS = "_ first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_MONTH_WORDS = "_ January February March April May June July August September October November December"
_NATIVE_WORDS = "_ 한 두 세 네 다섯 여섯 일곱 여덟 아홉 열"


def _numbered(names: str, *, factor: int = 1) -> dict[str, int]:
    """Return each word with its place in the row, times a factor."""
    return {name: factor * place for place, name in enumerate(names.split()) if name != "_"}


_WORDS = _numbered(_UP_TO_NINETEEN) | _numbered(_TENS_WORDS, factor=10)
_ORDINALS = _numbered(_ORDINAL_WORDS)
_MONTHS = _numbered(_MONTH_WORDS)
_KOREAN = _numbered(_NATIVE_WORDS) | {"석": 3, "넉": 4, "스무": 20, "스물": 20}
_COUNTERS = "명|사람|개|건|번|곳|차례|달|살|시간|가지|마리|대|채|쌍|배|갈래|해|번째|시|군데|그루|장|권|편|골|팀"
_SHORT_MONTHS = "|".join(rf"{name[:3]}\." for name in _MONTHS if name != "May")
_MONTH_NAME = "|".join([*_MONTHS, _SHORT_MONTHS, r"Sept\."])

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_KOREAN_SCALED = (
    rf"(?:(?:{_DIGITS})\s?[조억만천백십]+)(?:\s?(?:{_DIGITS})\s?[조억만천백십]+)*"
    rf"(?:\s?(?:{_DIGITS})(?![\d,]*(?:\.\d)?\s?[년월일시]))?"
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SMALL = "|".join(sorted(_WORDS, key=len, reverse=True))
_SCALE_WORD = "trillion|trn|tn|billion|bn|million|mn|thousand|hundred|dozen"
_SPELLED = (
    rf"(?:(?:{_TENS})[- ](?:one|two|three|four|five|six|seven|eight|nine)|{_SMALL}"
    r"|a(?=\s(?:hundred|thousand|million|billion|trillion|dozen))|half a(?=\s(?:million|billion|dozen)))"
)
_NUMBER = regex.compile(
    rf"(?P<month>(?<!\p{{L}})(?:{_MONTH_NAME})(?!\p{{L}})(?:(?<!May|March)|(?=,? \d)|(?<=(?:in|last|since|"
    rf"until|by|of|\d) (?:May|March))))"
    rf"|(?<![\p{{L}}\d.,])(?P<korean>{_KOREAN_SCALED})"
    rf"|(?<![\d.,])(?P<digits>(?<!\p{{Latin}}){_DIGITS})(?:\s?(?P<scale>{_SCALE_WORD}|[kKmMbB](?=n?\b))(?!\p{{L}}))?"
    rf"|(?<![\p{{L}}\-])(?P<spelled>(?i:{_SPELLED}))(?:[\s-](?P<spelled_scale>(?i:{_SCALE_WORD}))s?)?(?![\p{{L}}])"
    rf"|(?<![\p{{L}}])(?P<ordinal>(?i:{'|'.join(_ORDINALS)}))(?![\p{{L}}])"
    rf"|(?<![가-힣])(?P<native>열(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉)?|스무|한|두|세|석|네|넉|다섯|여섯|일곱|여덟|아홉)\s?(?={_COUNTERS})"
)
_UNITS = (
    ("decade", r"년대|['’]?s(?!\p{L})"),
    ("point", r"%p|%포인트|퍼센트포인트|퍼센트 포인트|percentage[- ]points?|\bpp\b"),
    ("percent", r"%|％|퍼센트|프로(?![가-힣])|percent|per cent|pct"),
    ("won", r"원(?![가-힣]{2})|won\b|KRW"),
    ("dollar", r"달러|불(?=[\s에로이])|(?:(?:US|U\.S\.|American) )?dollars?|USD|bucks"),
    ("euro", r"유로|euros?\b|EUR"),
    ("yen", r"엔(?![가-힣]{2})|yen\b|JPY"),
    ("yuan", r"위안|yuan\b|RMB|CNY"),
    ("pound", r"파운드|pounds?\b|GBP|quid"),
    ("year", r"년(?:간|째|여)?|연도|years?\b|yrs?\b|-?year-old|-?years?-old"),
    ("age", r"살|세(?![가-힣]{2})"),
    ("month", r"월|개월|달(?!러)|-?months?\b"),
    ("week", r"주(?:간|일|째)?(?![가-힣])|-?weeks?\b"),
    ("day", r"일(?:간|째)?(?![가-힣]{2})|-?days?\b"),
    ("hour", r"시간?|-?hours?\b|hrs?\b|[ap]\.?m\b|o'clock"),
    ("minute", r"분(?:간|의|에|쯤)?(?![가-힣]{2})|-?minutes?\b|mins?\b"),
    ("second", r"초(?![가-힣]{2})|-?seconds?\b"),
    ("person", r"명|여 명|인(?=[\s은이가을의])|사람|people\b|persons?\b"),
    ("ordinal", r"(?:번째|위|등|st|nd|rd|th)\b|번째|위(?![가-힣]{2})|호(?![가-힣])|회(?![가-힣])|차(?![가-힣])"),
    (
        "length",
        r"킬로미터|km\b|kilomet(?:er|re)s?|미터|met(?:er|re)s?\b|miles?\b|마일|feet\b|foot\b|ft\b|cm\b|mm\b|센티미터",
    ),
    ("weight", r"톤|tons?\b|tonnes?\b|kg\b|킬로그램|kilograms?\b|그램|grams?\b|lbs?\b"),
    ("times", r"배(?![가-힣]{2})|times\b|-?fold\b"),
)
_UNIT = regex.compile(
    r"[\s\-]?(?:여|가량|\+)?\s?(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS) + ")", regex.I
)
_SYMBOLS = {
    "$": "dollar",
    "＄": "dollar",
    "₩": "won",
    "￦": "won",
    "€": "euro",
    "£": "pound",
    "¥": "yen",
    "#": "ordinal",
}
_ABOUT = regex.compile(
    r"(?:약|대략|어림잡아|about|around|approximately|roughly|some|nearly|almost|close to|거의|near)\s*[\p{Sc}]?$",
    regex.I,
)
_ABOVE = regex.compile(
    r"(?:more than|over|above|at least|upwards of|exceeding|최소|exceeded)\s*(?:the |a )?[\p{Sc}]?$", regex.I
)
_BELOW = regex.compile(
    r"(?:less than|fewer than|under|below|up to|at most|no more than|최대)\s*(?:the |a )?[\p{Sc}]?$", regex.I
)
_ABOUT_AFTER = regex.compile(r"\s?(?:여|가량|쯤|정도|안팎|내외|남짓)")
_ABOVE_AFTER = regex.compile(r".{0,4}?(?:이상|넘[는게은]|초과|웃도|돌파|or more|-plus|\+)")
_BELOW_AFTER = regex.compile(r".{0,4}?(?:이하|미만|밑도|못 미치|이내|or less|or fewer)")
_NOT_COUNTED = regex.compile(
    r"one (?:of|another|day|time|can|who|side)|no one|first (?:lady|name|of all|half)|second half", regex.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One number: its value with its scale, what it counts ("" where the text does not say), and where it stands.

    ``relation`` is "=", "~", ">" or "<": exact, about, at least, at most.
    """

    value: Decimal
    unit: str
    relation: str
    start: int
    end: int


@lru_cache(maxsize=8)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return every number of a text, in order; digits, 조/억/만, number words and the names of months."""
    return tuple(found for match in _NUMBER.finditer(text) if (found := _quantity(text, match)) is not None)


def _quantity(text: str, match: regex.Match[str]) -> Quantity | None:
    if _NOT_COUNTED.match(text, match.start()) or _NOT_COUNTED.match(text, max(0, match.start() - 3)):
        return None
    end = match.end()
    unit_match = _UNIT.match(text, end)
    unit = str(unit_match.lastgroup or "") if unit_match else ""
    if match["month"]:
        unit = "month"
    elif match["ordinal"]:
        unit = "ordinal"
    unit = _SYMBOLS.get(text[match.start() - 1 : match.start()], unit) if unit not in {"percent", "point"} else unit
    stop = unit_match.end() if unit_match else end
    return Quantity(
        value=_value(match),
        unit="year" if unit == "age" else unit,
        relation=_relation(text, match.start(), end, stop),
        start=match.start(),
        end=stop,
    )


def _value(match: regex.Match[str]) -> Decimal:
    if match["month"]:
        return Decimal(next(number for name, number in _MONTHS.items() if name[:3] == match["month"][:3]))
    if match["korean"]:
        return _korean_value(match["korean"])
    if match["ordinal"]:
        return Decimal(_ORDINALS[match["ordinal"].lower()])
    if match["native"]:
        return _native_value(match["native"])
    if match["spelled"]:
        return _spelled_value(match["spelled"].lower()) * _SCALES.get((match["spelled_scale"] or "").lower(), 1)
    scale = (match["scale"] or "").lower()
    return Decimal(match["digits"].replace(",", "")) * {"k": 10**3, "m": 10**6, "b": 10**9}.get(
        scale, _SCALES.get(scale, 1)
    )


def _korean_value(text: str) -> Decimal:
    """Return the value of a number with Korean units: 3만5천, 1조 2,000억, 2천5백만."""
    total = section = Decimal(0)
    for digits, units in regex.findall(rf"({_DIGITS})\s?([조억만천백십]*)", text):
        part = Decimal(digits.replace(",", ""))
        for unit in units:
            if _SCALES[unit] >= 10**4:
                total, part, section = total + (section + part) * _SCALES[unit], Decimal(0), Decimal(0)
            else:
                part *= _SCALES[unit]
        section += part
    return total + section


def _native_value(word: str) -> Decimal:
    if word in _KOREAN:
        return Decimal(_KOREAN[word])
    return Decimal(10 + _KOREAN[word[1:]])


def _spelled_value(words: str) -> Decimal:
    if words.startswith("half"):
        return Decimal("0.5")
    if words == "a":
        return Decimal(1)
    return Decimal(sum(_WORDS[word] for word in regex.split(r"[- ]", words)))


def _relation(text: str, start: int, end: int, stop: int) -> str:
    """Return how a number is meant, from the words before it, between it and its unit, and after that."""
    before, between, after = text[max(0, start - 20) : start], text[end : end + 8], text[stop : stop + 8]
    for sign, ahead, behind in ((">", _ABOVE, _ABOVE_AFTER), ("<", _BELOW, _BELOW_AFTER)):
        if ahead.search(before) or behind.match(after):
            return sign
    return "~" if _ABOUT.search(before) or _ABOUT_AFTER.match(between) or _ABOUT_AFTER.match(after) else "="
