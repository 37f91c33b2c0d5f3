"""What people paste into the search of a table of millions: each kind of it is found by an index.

An id is looked up before this (``HouseAdmin``). Part of a word is not searched for: that reads every row.
"""

from __future__ import annotations

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from accounts.selectors import people_like
from conversions.models import Article
from conversions.models.article import TITLE_WORDS

MOST_ARTICLES = 500
"""The newest that a search goes by: a word of every tenth title is looked for by nobody without another."""


def condition(*, term: str, articles: str) -> Q:
    """Return which rows a search finds: by an owner's address, the article's address, or words of its title.

    ``articles`` is the lookup from the rows to their article, ``pk`` from the article itself.
    """
    if "@" in term and "://" not in term:
        return Q(user__in=people_like(text=term))
    found = Article.objects.filter(url=term) if "://" in term else titled(term=term)
    newest = found.order_by("-created_at").values_list("pk", flat=True)
    return Q(**{f"{articles}__in": list(newest[:MOST_ARTICLES])})


def titled(*, term: str) -> QuerySet[Article]:
    """Return the articles whose title has words that begin like all of these; so a Korean noun finds all its cases."""
    words = " & ".join(f"'{word}':*" for word in term.replace("'", " ").replace("\\", " ").split())
    if not words:
        return Article.objects.none()
    query = SearchQuery(words, config="simple", search_type="raw")
    return Article.objects.alias(words=TITLE_WORDS).filter(words=query)
