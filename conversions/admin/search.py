"""What people paste into the search of a table of millions: each kind of it is found by an index.

An id is looked up before this (``HouseAdmin``). Part of a word is not searched for: that reads every row.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Model, Q, QuerySet

from accounts.selectors import people_like
from conversions.models import Article, Conversion
from conversions.models.article import TITLE_WORDS
from newsforge.lib.listing import MOST_LISTED

MOST_ARTICLES = 500
"""The newest that a search goes by: a word of every tenth title is looked for by nobody without another."""

MOST_KEYS = 1000
"""Rows that are found by their keys instead of by their owners."""


def condition(*, term: str, articles: str) -> Q:
    """Return which rows a search finds: by an owner's address, the article's address, or words of its title.

    ``articles`` is the lookup from the rows to their article, ``pk`` from the article itself.
    """
    if "@" in term and "://" not in term:
        return owned_by(model=Article if articles == "pk" else Conversion, text=term)
    found = Article.objects.filter(url=term) if "://" in term else titled(term=term)
    return Q(**{f"{articles}__in": list(_newest(found).values_list("pk", flat=True)[:MOST_ARTICLES])})


def owned_by(*, model: type[Model], text: str) -> Q:
    """Return which rows belong to the people somebody typed: where they are few, by their own keys.

    The planner takes the rows of some people for as many as any others have, and would read all that came since.
    """
    owners = Q(user__in=people_like(text=text))
    rows: QuerySet[Any] = QuerySet(model).filter(owners)
    keys = list(rows.values_list("pk", flat=True)[: MOST_KEYS + 1])
    return owners if len(keys) > MOST_KEYS else Q(pk__in=keys)


def _newest(found: QuerySet[Article]) -> QuerySet[Article]:
    """Return them newest first; few are sorted, as looking for them from the newest on reads the whole table."""
    if found.order_by()[: MOST_LISTED + 1].count() > MOST_LISTED:
        return found.order_by("-created_at")
    return found.order_by((F("created_at") + timedelta(0)).desc())  # what no index is ordered by


def titled(*, term: str) -> QuerySet[Article]:
    """Return the articles whose title has words that begin like all of these; so a Korean noun finds all its cases."""
    words = " & ".join(f"'{word}':*" for word in term.replace("'", " ").replace("\\", " ").split())
    if not words:
        return Article.objects.none()
    query = SearchQuery(words, config="simple", search_type="raw")
    return Article.objects.alias(words=TITLE_WORDS).filter(words=query)
