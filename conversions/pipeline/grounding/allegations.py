"""Whether a post keeps an allegation an allegation: 혐의, 의혹, alleged, accused."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from conversions.pipeline.sentences import sentences
from conversions.pipeline.types import Article, Finding
from newsforge.lib.sentences import stored

STATED_AS_FACT = stored("The article reports “%(excerpt)s” as an allegation; the post states it as a fact.")

_HEDGES = regex.compile(
    r"\b(?:alleg\w*|accus\w*|suspect\w*|suspicion|charg(?:ed|es?)\b|claim\w*|reported(?:ly)?"
    r"|indict\w*|purported\w*|supposed\w*"
    r"|den(?:y|ies|ied)|investigat\w*|prob(?:e|ed|ing)|trial|plead\w*|prosecut\w*|if convicted"
    r"|arrest\w*|lawsuit|sued?|suing|complaint)"
    r"|혐의|의혹|주장|의심|추정|전해졌|전해진|알려졌|알려진|피의자|용의자|고소|고발|기소|송치|수사|조사|체포|영장|재판|부인|논란",
    regex.I,
)
_SETTLED = regex.compile(
    r"\b(?:convict\w*|sentenced|found guilty|pleaded guilty|pled guilty|jailed for|admitted|confessed|life sentence)"
    r"|유죄|징역|실형|확정|시인|자백|선고",
    regex.I,
)
_CRIMES = {
    "murder": r"murder\w*|killed|killing|살해|살인",
    "rape": r"rap(?:e|ed|ing|ist)\b|성폭행|강간",
    "assault": r"assault\w*|molest\w*|성추행|폭행|구타",
    "harassment": r"harass\w*|성희롱|스토킹|괴롭",
    "abuse": r"abus(?:e|ed|ing)\b|학대",
    "fraud": r"fraud\w*|defraud\w*|scam\w*|사기(?!업|록|간)",
    "theft": r"stole\w*|steal\w*|theft|robb\w*|절도|훔[쳐치친쳤]|강도",
    "embezzlement": r"embezzl\w*|횡령|배임|빼돌",
    "bribery": r"brib\w*|뇌물|금품을 받",
    "corruption": r"corrupt\w*|비리|유착",
    "forgery": r"forg(?:ed|ery|ing)\b|falsif\w*|위조|조작",
    "tax": r"tax evasion|evad(?:ed|ing) tax\w*|탈세|포탈",
    "drugs": r"smuggl\w*|traffick\w*|마약|투약",
    "leak": r"leak(?:ed|ing)\b|유출",
    "threat": r"blackmail\w*|extort\w*|협박|갈취",
    "collusion": r"collu\w*|price[- ]fixing|담합",
    "insider": r"insider (?:trading|dealing)|주가 ?조작|내부자 거래",
    "plagiarism": r"plagiari\w*|표절",
    "drunk": r"drunk[- ]driv\w*|음주 ?운전",
}
_PATTERNS = {name: regex.compile(rf"(?<!\p{{Latin}})(?:{pattern})", regex.I) for name, pattern in _CRIMES.items()}
_MOSTLY = 0.5


def check_allegations(*, text: str, article: Article) -> Iterator[Finding]:
    """Return a finding for each deed a post states as a fact that the article only reports as alleged.

    Deeds are known in Korean and English, so that a translation is checked too.
    """
    source = f"{article.title}\n{article.text}"
    said = sentences(source)
    before = ""
    for sentence in sentences(text):
        if sentence not in source and not _HEDGES.search(sentence) and not _HEDGES.search(before):
            yield from _bare(sentence, said)
        before = sentence


def _bare(sentence: str, said: list[str]) -> Iterator[Finding]:
    for pattern in _PATTERNS.values():
        match = pattern.search(sentence)
        if match and _is_alleged(pattern, said):
            message = STATED_AS_FACT % {"excerpt": match.group()}
            yield Finding(kind="allegation", excerpt=match.group(), message=message)


def _is_alleged(pattern: regex.Pattern[str], said: list[str]) -> bool:
    """Return whether most of the article's sentences about a deed hedge it, and none says that it is settled."""
    about = [sentence for sentence in said if pattern.search(sentence)]
    if not about or any(_SETTLED.search(sentence) for sentence in about):
        return False
    return sum(bool(_HEDGES.search(sentence)) for sentence in about) > _MOSTLY * len(about)
