"""Whether a post speaks to a model, or as one: instructions, prompt fragments, code, and answers to no question."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from conversions.pipeline.sentences import sentence_spans, sentences
from conversions.pipeline.types import Article, Finding
from conversions.pipeline.words import STOP_WORDS, stem, words
from newsforge.lib.sentences import stored

LEAKED = stored("This reads like an instruction to a model, or like its answer, and not like news.")

_I = regex.I
_ALWAYS = (
    regex.compile(
        r"\b(?:ignor|disregard|forget|overrid|bypass|cancel)\w*\b.{0,40}\b(?:instructions?|prompts?|rules|guidelines|polic(?:y|ies)"
        r"|content|info(?:rmation)?|the user|manual scoring|everything (?:above|before)|above)\b",
        _I | regex.S,
    ),
    regex.compile(
        r"\b(?:system|initial|starting|original|hidden|your|previous|new|secret) ?(?:system )?(?:prompts?|"
        r"instructions?|message|configuration)\b"
        r"|\brepeat (?:this|the|our|everything) (?:entire |whole |above )|\bsystem_prompt\b|"
        r"\binitiali[sz]ation string\b|\bdeveloper mode\b|\bmaintenance mode\b|\bDAN mode\b|\bjailbreak\w*\b",
        _I,
    ),
    regex.compile(
        r"\b(?:you are now|from now on,? you|you will now|you are going to act|act as (?:a|an|my|if)|pretend "
        r"(?:you|to be)|i want you to (?:act|pretend))\b"
        r"|\b(?:take on the role|never break character|break character|stay in character)\b",
        _I,
    ),
    regex.compile(
        r"\b(?:as an? (?:ai|artificial intelligence|(?:large )?language model)\b|i(?:'m| am) (?:an? )?(?:ai|"
        r"language model)|my (?:training data|knowledge cutoff))"
        r"|\bi (?:cannot|can't|can ?not|am unable to|won't) (?:assist|help|comply|provide|fulfil+|write|generate)\b"
        r"|^(?:sure|certainly|of course|absolutely|okay|ok)[,!.:]? (?:here|i)\b|\bhere(?:'s| is| are) (?:the|"
        r"your|a|an) (?:\w+ )?(?:post|tweet|caption|thread|summary|draft|version|rewrite)\b",
        _I | regex.M,
    ),
    regex.compile(
        r"</?\s*(?:article|answer|instructions?|system(?:_prompt)?|user|assistant|context|document|"
        r"prompt)(?:[-_ ][\w-]*)?\s*/?>"
        r"|<\|[^|>]{1,40}\|>|\[/?INST\]|<<SYS>>|^\s*#{2,}\s*(?:instructions?|system|new|response|새|지시)|^(?:system|assistant|user|human|ai)\s*[:：]"
        r"|\[(?:ADMIN|SYSTEM|INST)\b|\[[a-z]+(?:-[a-z]+)+\]|\b(?:SYSTEM MESSAGE|ADMIN(?:ISTRATOR)? (?:REQUEST|"
        r"OVERRIDE))\b|^\s*(?:article|answer)-[0-9a-f]{8,}",
        _I | regex.M,
    ),
    regex.compile(
        r"<\s*(?:script|img|iframe|svg|div|object|embed|a\s|style|meta|link)\b|&(?:lt|#60|#x3c);|javascript\s*:|data:text/html|\bon(?:error|load|click)\s*="
        r"|\b(?:alert|eval|prompt|confirm|fetch)\s*\(|document\.cookie|String\.fromCharCode|expression\(|<!--|\\x[0-9a-f]{2}|\]\(\s*https?:",
        _I,
    ),
    regex.compile(
        r"\b(?:base ?(?:64|32|16)|rot ?13|cipher|anagrams?|leetspeak|homophonic)\b|\b(?:encode|decode) (?:your|"
        r"the|it|in|this)\b|\{generator\.name\}",
        _I,
    ),
    regex.compile(
        r"(?:이전|앞선|위의?|기존|모든|지금까지의)\s*(?:지시|지침|명령|프롬프트|규칙|"
        r"내용)\S*\s*(?:\S+\s*){0,2}(?:무시|잊|취소|따르지)|새로?운?\s?(?:지시|명령|지침)(?:이다|사항|\s*#|을 "
        r"따)"
        r"|시스템\s*(?:프롬프트|메시지|지시)|프롬프트(?:를|를?\s)|(?:API|비밀)\s?키(?:를|와|\S*).{0,20}(?:출력|공개|알려|보내)|환경\s?변수"
        r"|AI(?:\s?(?:어시스턴트|모델|비서|챗봇))?(?:에게|는|야|님)\s*[:：,]?.{0,40}(?:작성|출력|써라|쓰라|"
        r"하라|할 것|해라|답하|무시)|처리하는 AI",
        _I,
    ),
    regex.compile(
        r"(?:출력|작성|게시|답변|요약|번역|포함|추가|삽입|무시|묘사|표시|응답|작업)(?:해\s?줘|하라\b|해라|"
        r"하시오|할 것|하지 마라|하세요)|(?:써라|쓰지 마라|기다리지 마라|붙이지 말고|넣어라|써 ?줘|알려 ?줘|"
        r"따르라)"
        r"|(?:다음은|아래는|여기|요청하신).{0,12}(?:게시물|게시글|포스트|요약|트윗|초안|캡션)(?:입니다|이에요|예요)|"
        r"(?:저는|나는) AI|AI 언어\s?모델"
        r"|(?:죄송하지만|죄송합니다).{0,30}(?:수 없|어렵)",
        _I,
    ),
    regex.compile(
        r"\b(?:automated (?:screening|analysis|systems?)|analysis software|note (?:to|by|for) (?:an? |the "
        r")?(?:ai|automated|trustworthy|llm|model|assistant|bot)\b"
        r"|pre-verified by|report only:|evaluate the candidate|recommend them for)",
        _I,
    ),
)
_UNLESS_QUOTED = (
    regex.compile(
        r"\b(?:respond|reply|answer|output|print|say|write) (?:only )?(?:with|in|using)?\s*(?:only|just|"
        r"exactly|absolutely nothing|the following)\b"
        r"|\b(?:simply|just|only) (?:respond|reply|print|output|answer|say)\b|\b(?:respond|reply|answer) "
        r"(?:with|in|using)\b|\breply only\b",
        _I,
    ),
    regex.compile(
        r"\b(?:your|the|this) (?:response|reply|answer|output)\b(?! (?:of|by|from|to|was|is|came|has|had|were|"
        r"will)\b)|\b(?:your message|your role|your task|your job is)\b"
        r"|\bif (?:the )?(?:user|asked)\b.{0,60}\b(?:reply|respond|say|answer|asks?)\b|\bdo not (?:mention|"
        r"reveal|disclose|write explanations)\b",
        _I,
    ),
)
_TASK_VERBS = """
write provide add include explain translate describe list show give create generate draft compose produce encode
render convert replace rearrange scramble jumble group misspell introduce integrate enhance modify augment apply
use reply respond answer output print repeat summarize summarise determine classify break evaluate recommend
suggest tell insert incorporate rewrite reverse invert assume imagine pretend send delete execute run call open
display reveal
"""
_TASK = regex.compile(
    r"^[\W_]*(?:please |kindly |now |then |first |in your \w+,? |when \w+ing[^,]*, )*(?:"
    + "|".join(_TASK_VERBS.split())
    + r")\b(?!\s*(?:of|to be|up|s\b))",
    _I,
)
_REQUEST = regex.compile(
    r"^[\W_]*(?:can|could|would|will) you\b|^[\W_]*how (?:do|can|would|should) (?:i|you)\b|^[\W_]*what(?:'s| "
    r"is| are| were)\b",
    _I,
)
_QUESTION = regex.compile(
    r"^[\W_]*(?:what|how|why|who|when|where|which|is|are|can|could|do|does|determine)\b.*\?|\?\s*['\"‘“]", _I | regex.S
)
_FOREIGN = 0.5
"""A request or question is not the article's when this share of its words is not (our choice)."""


def check_leaks(*, text: str, article: Article) -> Iterator[Finding]:
    """Return a finding for each place where the post gives or follows orders, or shows code.

    Words that only a model's conversation has are told always: an article can carry them hidden. Everyday words are
    told unless the whole sentence stands in the article. Requests and questions are told when they are about something
    else than the article.
    """
    told: list[tuple[int, int]] = []
    for pattern in (*_ALWAYS, *_UNLESS_QUOTED):
        match = pattern.search(text)
        if match and not any(start < match.end() and match.start() < end for start, end in told):
            if pattern in _UNLESS_QUOTED and _line_of(text, match.start()) in article.text:
                continue
            told.append(match.span())
            yield _finding(match.group())
    requests = [] if told else [sentence for sentence in sentences(text) if _is_request(sentence)]
    known = {stem(word) for word in words(f"{article.title}\n{article.text}")} if requests else set()
    yield from (_finding(sentence) for sentence in requests if _foreign(sentence, known))


def _line_of(text: str, at: int) -> str:
    """Return the sentence around a place."""
    return next((text[start:end] for start, end in sentence_spans(text) if start <= at < end), text)


def _is_request(sentence: str) -> bool:
    return bool(_TASK.search(sentence) or _REQUEST.search(sentence) or _QUESTION.search(sentence))


def _foreign(sentence: str, known: set[str]) -> bool:
    """Return whether a sentence is about something the article is not about."""
    content = {stem(word) for word in words(sentence) if word.lower() not in STOP_WORDS}
    return len(content - known) >= _FOREIGN * len(content) if content else False


def _finding(excerpt: str) -> Finding:
    return Finding(kind="instruction", excerpt=" ".join(excerpt.split())[:120], message=LEAKED)
