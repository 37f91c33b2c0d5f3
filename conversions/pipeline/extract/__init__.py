"""Page or text to article."""

from __future__ import annotations

from conversions.pipeline.extract.failures import TooComplex, UnreadableArticle, require_ok
from conversions.pipeline.extract.pasted import EmptyText, TextTooLong, from_text
from conversions.pipeline.types import Article, Page

__all__ = ["EmptyText", "TextTooLong", "TooComplex", "UnreadableArticle", "extract", "from_text", "require_ok"]


def extract(*, page: Page) -> Article:
    """Return the article in a page, with a verdict on whether it is one; a bad page is an answer, not an error.

    The same bytes always give the same article. Invisible text never reaches it. What reads pages is imported with the
    first one: it takes 25 MB, which web and writers, who only know pasted texts, do without.

    :raises TooComplex: if the page has more elements than can be read in a couple of seconds.
    """
    from conversions.pipeline.extract.page import read_page

    return read_page(page)
