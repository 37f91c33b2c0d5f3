"""The words of a Korean or English text, and the stems by which they are compared."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import regex

WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’.&\-][\p{L}\p{N}]+)*")
_HANGUL = regex.compile(r"[가-힣]")
_LETTER = regex.compile(r"\p{L}")

_PARTICLES = """
은 는 이 가 을 를 의 에 와 과 로 도 만 나 랑 며 고 께 엔 선 라 인 란 들 등 측 씨 님 간 당 여 야 으로 에서 에게
에는 에도 에만 에선 와의 과의 와는 과는 로는 로도 로의 까지 부터 마저 조차 마다 보다 처럼 만큼 밖에 이나 이며
이고 이라 이란 이다 이라는 이라고 이라며 라는 라고 라며 라면 하고 한테 께서 께서는 들은 들이 들을 들의 들도 들에
들과 들에게 등은 등이 등을 등의 등에 등과 등도 등으로 측은 측이 측에 측의 씨는 씨가 씨를 씨의 씨도 으로는 으로도
으로의 으로써 으로서 로써 로서 로부터 으로부터 에서는 에서도 에서의 에서만 에게는 에게서 까지의 까지는 부터는
만의 만이 만을 보다는 보다도 이었다 였다 입니다 이에요 예요 인데 이지만 이자 임을 임이 이면 일까 인지 이어서
여서 이었던 였던 이라던 이든 든지 이든지 으로까지 까지도 에까지
"""

PARTICLES = frozenset(_PARTICLES.split())
"""Korean particles and forms of the copula that stand at the end of a noun (국립국어원 표준국어대사전, 조사; 이다)."""

_LONGEST_PARTICLE = max(map(len, PARTICLES))

_STOP_WORDS = """
a about above after again against all also am an and any are as at be because been before being below between
both but by can could did do does doing down during each even few for from further get gets go goes got had has
have having he her here hers herself him himself his how i if in into is it its itself just like made make many
may me might more most much must my myself no nor not now of off on once one only or other our ours out over own
per put said same say says she should so some still such than that the their theirs them themselves then there
these they this those through to too under until up upon us very was we were what when where which while who
whom whose why will with within without would yet you your yours told according new mr mrs ms dr year years day
days time people 그 이 저 것 수 등 및 또 또한 더 가장 매우 다시 이미 아직 모두 함께 위해 위한 대한 대해 통해
따라 따르면 관련 관련해 있는 없는 하는 한다 했다 된다 됐다 있다 없다 이날 이번 지난 지난달 지난해 올해 내년 오늘
어제 내일 오전 오후 당시 현재 최근 이후 이전 때문 경우 가운데 정도 이상 이하 약 기자 뉴스 사진 제공 앞서 한편
이어 특히 하지만 그러나 그리고 그는 그녀는 이는 이에 우리 모든 여러 각 첫 두 세 네 같은 다른 많은 큰 말했다
밝혔다 전했다 설명했다 덧붙였다 것으로 것이다 것은 것이 것을 수도 중 후 전 때 뒤 이런 그런 어떤 위치 하루 사람
자신 문제 부분 상황 내용 이유 결과 사실 생각 가능성 만큼 대로 동안 사이 예정 계획 방침 입장 의견
"""

STOP_WORDS = frozenset(_STOP_WORDS.split())


def is_korean(text: str) -> bool:
    """Return whether at least a third of the letters are Hangul; Korean news mixes in Latin names."""
    letters = len(_LETTER.findall(text))
    return letters > 0 and len(_HANGUL.findall(text)) * 3 >= letters


def words(text: str) -> list[str]:
    """Return the words of a text as they stand; a hyphen, apostrophe or full stop inside belongs to its word."""
    return [str(match.group()) for match in WORD.finditer(text)]


def without_particle(word: str) -> str:
    """Return a Korean word without the longest particle at its end that leaves two syllables."""
    return min(stems_of(word), key=len)


@lru_cache(maxsize=50_000)
def stems_of(word: str) -> tuple[str, ...]:
    """Return what a Korean word may be a form of: itself, and itself without any particle that leaves two syllables."""
    if not "가" <= word[-1:] <= "힣":
        return (word,)
    lengths = range(1, min(_LONGEST_PARTICLE, len(word) - 2) + 1)
    return (word, *(word[:-length] for length in lengths if word[-length:] in PARTICLES))


def attested_stems(tokens: Iterable[str]) -> dict[str, str]:
    """Return for each Korean word the stem that the text itself shows with most different particles.

    So 전문가는 and 전문가들은 are both 전문가 and not 전문: no dictionary knows the names in the news.
    """
    forms: dict[str, set[str]] = {}
    tokens = set(tokens)
    for token in tokens:
        for stem in stems_of(token):
            forms.setdefault(stem, set()).add(token[len(stem) :])
    return {token: max(stems_of(token), key=lambda stem: (len(forms[stem]), len(stem))) for token in tokens}


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return an English word without its inflection, in lower case: enough to find it again, not a word itself."""
    word = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    for ending, least, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return _undoubled(word[: len(word) - len(ending)] + instead)
    return word.removesuffix("e") if len(word) > 4 else word


_ENDINGS = (
    ("sses", 1, "ss"),
    ("ies", 2, "y"),
    ("ied", 2, "y"),
    ("ying", 2, "y"),
    ("ings", 3, ""),
    ("ing", 3, ""),
    ("edly", 3, ""),
    ("ed", 3, ""),
    ("ers", 3, ""),
    ("er", 4, ""),
    ("ves", 2, "f"),
    ("xes", 1, "x"),
    ("ches", 2, "ch"),
    ("shes", 2, "sh"),
    ("ly", 4, ""),
    ("es", 3, ""),
    ("ss", 2, "ss"),
    ("us", 2, "us"),
    ("is", 2, "is"),
    ("s", 2, ""),
)


def _undoubled(root: str) -> str:
    if len(root) > 3 and root[-1] == root[-2] and root[-1] in "bdgmnprt":
        root = root[:-1]
    return root.removesuffix("e") if len(root) > 4 else root
