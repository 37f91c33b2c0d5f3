"""The failures of a page, each with a sentence that says what to do.

They are here, and not beside what reads pages, for the web tells their sentences and reads no page.
"""

from __future__ import annotations

from typing import Final

from conversions.enums import Verdict
from conversions.pipeline.types import Article
from newsforge.lib.errors import Fault, PermanentError


class TooComplex(PermanentError):
    """The page has more elements than can be read in a couple of seconds."""

    code = "too-complex"
    status_code = 422
    title = "The page is too complex"
    sentence = "The page has more elements or words than can be read safely. Paste the article's text instead."
    fault = Fault.ARTICLE


class UnreadableArticle(PermanentError):
    """The page was read, but holds no article that can be written about."""

    status_code = 422
    fault = Fault.ARTICLE


class TooShort(UnreadableArticle):
    """Too few words."""

    code = "too-short"
    title = "The article is too short"
    sentence = (
        "The text has fewer than 200 characters, too little to write about without inventing. "
        "If the article is longer, paste its text."
    )


class Blocked(UnreadableArticle):
    """A wall against robots."""

    code = "blocked"
    title = "The site blocks automatic reading"
    sentence = (
        "The site answered with a check against robots instead of the article. Open it in a browser and paste its text."
    )


class Paywalled(UnreadableArticle):
    """A teaser before a paywall."""

    code = "paywalled"
    title = "The article is behind a paywall"
    sentence = (
        "Only the beginning of this article can be read without a subscription. If you may use it, paste its text."
    )


class ConsentWall(UnreadableArticle):
    """A consent page before the article."""

    code = "consent-wall"
    title = "The site asks for consent first"
    sentence = "The site shows a consent page instead of the article. Open it in a browser and paste its text."


class JsShell(UnreadableArticle):
    """A page that scripts fill."""

    code = "js-shell"
    title = "The page is empty without scripts"
    sentence = (
        "The article appears only after scripts have run, which we do not do. Open it in a browser and paste its text."
    )


class NotAnArticle(UnreadableArticle):
    """A front page, list, form, error page or file."""

    code = "not-an-article"
    title = "This is not an article"
    sentence = (
        "The address leads to a list, a form, an error page or a file. "
        "Give the address of one article, or paste its text."
    )


_FAILURES: Final[dict[Verdict, type[UnreadableArticle]]] = {
    Verdict.TOO_SHORT: TooShort,
    Verdict.BLOCKED: Blocked,
    Verdict.PAYWALLED: Paywalled,
    Verdict.CONSENT_WALL: ConsentWall,
    Verdict.JS_SHELL: JsShell,
    Verdict.NOT_AN_ARTICLE: NotAnArticle,
}


def require_ok(article: Article) -> None:
    """Let an article with the verdict ``ok`` pass.

    :raises PermanentError: if the verdict is another one; its sentence says what a person can do.
    """
    if article.verdict is not Verdict.OK:
        raise _FAILURES.get(article.verdict, NotAnArticle)
