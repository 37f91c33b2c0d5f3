"""Article and brief become the prompt a model is asked with; a rejected answer becomes the next one."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from string import Template

from conversions.enums import Language, Tone
from conversions.pipeline import platforms
from conversions.pipeline.extract.language import detect_language
from conversions.pipeline.fit import room
from conversions.pipeline.fit.clean import visible
from conversions.pipeline.platforms import RULES, Register
from conversions.pipeline.prompts import (
    AGAIN,
    CUT,
    FORMS,
    LANGUAGES,
    NAMES_OF_PLATFORMS,
    REGISTERS,
    SHIPPED,
    TONES,
    Prompts,
)
from conversions.pipeline.types import Article, Brief, Prompt, Reply

INPUT_CHARACTERS = 24_000
"""Of the article, at most: four times a long news report, and within every current model's reach. Ours."""

REASONING_TOKENS = 4096
"""Room for what a model thinks before it writes; providers count it as output. Ours."""

TOKENS_PER_CHARACTER = 2
"""Hangul takes up to one, its JSON around it the rest. Ours, on the safe side."""

OF_ARTICLE = 0.8
"""How long a post may be against its article. Ours."""

LEAST_CHARACTERS = 40
SHRINK = 0.85
"""How much shorter a text is asked for after one that was too long."""

_HASHTAG_UNITS = 10
_CHARACTERS_PER_WORD = 6
_CHARACTERS_PER_SENTENCE = {"ko": 45}
_OTHER_SENTENCE = 110
_DENSITY = {"ko": 0.5, "ja": 0.45, "zh": 0.35}
"""Characters that say what one English character says, roughly."""
_TYPICAL = {
    "ko": "정부는 오늘 새로운 대책을 발표했습니다. ",
    "ja": "政府は新たな対策を発表しました。",
    "zh": "政府公布了新的对策。",
}
"""A sentence to see what a character costs on a platform that weighs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How long a body should be, in characters: ``aim`` for it, and never above ``most``."""

    aim: int
    most: int


def compose(*, article: Article, brief: Brief, prompts: Prompts = SHIPPED) -> Prompt:
    """Return the prompt for one post: our rules, the article fenced as data, the task after it.

    :raises conversions.pipeline.prompts.PromptTemplateInvalid: if the template cannot be filled.
    """
    language = language_of(article=article, brief=brief)
    template = prompts.choose(platform=brief.platform, language=language)
    length = length_of(article=article, brief=brief, language=language)
    rules = RULES[brief.platform]
    values = {
        "article": fenced(article=article),
        "platform": NAMES_OF_PLATFORMS[brief.platform],
        "language": _language_line(brief, language),
        "length": _length_line(length, language),
        "form": _form(brief),
        "tone": TONES[brief.tone],
        "title": f"one line of at most {rules.max_title} characters, saying the news." if rules.max_title else "none.",
        "hashtags": _hashtags(rules.usual_hashtags),
    }
    return Prompt(
        system=template.system,
        user=template.fill(values=values),
        article=article,
        brief=brief,
        language=language,
        max_output_tokens=REASONING_TOKENS + TOKENS_PER_CHARACTER * length.most,
        version=template.version,
    )


def compose_again(*, prompt: Prompt, reply: Reply | None, problem: str) -> Prompt:
    """Return the prompt that shows a model its rejected answer, says what was wrong and sets the new length.

    ``reply`` is None when there was nothing that could be read. A text that was too long is asked for shorter than the
    last time; how often to ask is the caller's to decide.
    """
    code = f"answer-{_code(prompt.article)}"
    asked = prompt.user.count(f"<{code}>")
    length = length_of(article=prompt.article, brief=prompt.brief, language=prompt.language)
    if reply is not None and len(reply.body) > length.aim * SHRINK**asked:
        length = Length(aim=round(length.aim * SHRINK ** (asked + 1)), most=round(length.most * SHRINK ** (asked + 1)))
    answer = "(nothing that could be read)" if reply is None else f"{reply.title}\n{reply.body}".strip()
    again = Template(AGAIN).substitute(
        code=code,
        answer=visible(answer).replace(code, ""),
        problem=" ".join(problem.split()),
        language=_language_line(prompt.brief, prompt.language),
        length=_length_line(length, prompt.language),
    )
    return replace(prompt, user=f"{prompt.user}\n\n{again}")


def language_of(*, article: Article, brief: Brief) -> str:
    """Return the ISO 639-1 code of the language to write in."""
    if brief.language is not Language.SOURCE:
        return brief.language.value
    found = article.language or detect_language(f"{article.title}\n{article.text}")
    return (found or "en")[:2].lower()


def length_of(*, article: Article, brief: Brief, language: str) -> Length:
    """Return how long the body should be, counted in characters, since that is what a model can hit.

    The platform's ideal length, less what link, label and hashtags take, over what a character of this language costs;
    and never as long as the article, because what is asked for beyond it would be invented.
    """
    rules = RULES[brief.platform]
    left = room(article=article, brief=brief, language=language)
    hashtags = rules.usual_hashtags * _HASHTAG_UNITS
    units = rules.ideal if left is None else min(rules.ideal, left - hashtags)
    typical = _TYPICAL.get(language, "x")
    cost = platforms.count(platform=brief.platform, text=typical) / len(typical)
    told = len(article.text) * _DENSITY.get(language, 1.0) / _DENSITY.get(article.language or language, 1.0)
    most = max(int(min(units / cost, told * OF_ARTICLE)), LEAST_CHARACTERS)
    return Length(aim=int(most * 0.9), most=most)


def fenced(*, article: Article) -> str:
    """Return the article as a model sees it: cut to what is sent, between two lines it cannot contain."""
    text = visible(article.text)
    shown = _first_paragraphs(text, INPUT_CHARACTERS)
    lines = [
        f"Title: {_line(article.title)}" if article.title else "",
        f"Source: {_line(article.site)}" if article.site else "",
        f"Published: {article.published_at:%Y-%m-%d}" if article.published_at else "",
        shown,
    ]
    code = _code(article)
    block = "\n".join([f"<article-{code}>", *filter(None, lines), f"</article-{code}>"])
    if len(shown) < len(text):
        block += "\n" + Template(CUT).substitute(shown=len(shown), whole=len(text))
    return block


def _code(article: Article) -> str:
    """Return a code that depends on the article alone and does not stand in it."""
    whole = visible(f"{article.title}\n{article.site}\n{article.text}")
    code = hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:16]
    while code in whole:
        code = hashlib.sha256(code.encode()).hexdigest()[:16]
    return code


def _first_paragraphs(text: str, most: int) -> str:
    """Return whole paragraphs up to ``most`` characters; of a single longer one, whole words."""
    if len(text) <= most:
        return text
    end = text.rfind("\n", 0, most + 1)
    if end <= 0:
        end = text.rfind(" ", 0, most + 1)
    return text[: end if end > 0 else most].rstrip()


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _language_line(brief: Brief, language: str) -> str:
    name = LANGUAGES.get(language, f"the article's own ({language})")
    line = f"{name}, and no other; names and terms without a usual form in it stay as they are."
    return f"{line} {REGISTERS[_register(brief)]}" if language == "ko" else line


def _register(brief: Brief) -> Register:
    if brief.tone is Tone.FORMAL:
        return Register.FORMAL
    return Register.POLITE if brief.tone is Tone.FRIENDLY else RULES[brief.platform].register


def _length_line(length: Length, language: str) -> str:
    per_sentence = _CHARACTERS_PER_SENTENCE.get(language, _OTHER_SENTENCE)
    sentences = max(math.floor(length.aim / per_sentence), 1)
    about = f"about {length.aim} characters with spaces"
    if language not in _TYPICAL:
        about = f"about {length.aim // _CHARACTERS_PER_WORD} words"
    plural = "sentence" if sentences == 1 else "sentences"
    return f"{about}, which is about {sentences} {plural}; never more than {length.most} characters."


def _form(brief: Brief) -> str:
    fold = RULES[brief.platform].fold
    form = FORMS[brief.platform]
    return f"{form} Readers see only the first {fold} characters at first; they must tell the news." if fold else form


def _hashtags(usual: int) -> str:
    if not usual:
        return "none, an empty list."
    return f"{usual} at most, each one word or name that stands in the article, in the language of the post."
