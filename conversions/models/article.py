"""What a request is about."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversions.enums import Verdict
from conversions.pipeline import types
from newsforge.lib.database import choices, not_negative, one_of

TITLE_WORDS = SearchVector("title", config="simple")
"""The words of a title as they stand, of any language; the database's own search, which needs no extension."""


class Article(models.Model):
    """What one request is about: where it comes from and, once read, what it says."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="articles",
        verbose_name=_("user"),
        db_index=False,
    )
    url = models.TextField(_("address"), default="", db_default="", blank=True)
    canonical_url = models.TextField(_("canonical address"), default="", db_default="", blank=True)
    html = models.TextField(_("uploaded page"), default="", db_default="", blank=True, editable=False)
    """An uploaded page until it is read; then emptied."""
    title = models.TextField(_("title"), default="", db_default="", blank=True)
    text = models.TextField(_("text"), default="", db_default="", blank=True)
    text_hash = models.CharField(_("SHA-256 of the text"), max_length=64, default="", db_default="", blank=True)
    authors = ArrayField(models.TextField(), verbose_name=_("authors"), default=list, db_default=[], blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, default="", db_default="", blank=True)
    image = models.TextField(_("image"), default="", db_default="", blank=True)
    site = models.TextField(_("site"), default="", db_default="", blank=True)
    verdict = models.CharField(
        _("verdict"),
        max_length=20,
        choices=choices(Verdict),
        default=Verdict.UNREAD.value,
        db_default=Verdict.UNREAD.value,
    )
    reason = models.TextField(_("reason"), default="", db_default="", blank=True)
    claim = models.IntegerField(_("claim"), default=0, db_default=0, editable=False)
    """The fencing token: only the reader that raised it last may write."""
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    read_ms = models.IntegerField(_("reading time (ms)"), null=True, editable=False)
    fetch_ms = models.IntegerField(_("of it, fetching (ms)"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    read_at = models.DateTimeField(_("read"), null=True, editable=False)

    class Meta:
        db_table = "articles"
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes = [
            models.Index(fields=["user", "-created_at"], name="idx_articles_user_id"),
            models.Index(fields=["text_hash"], name="idx_articles_text_hash"),
            models.Index(fields=["-created_at"], name="idx_articles_created_at"),
            models.Index(
                fields=["verdict", "-created_at"], name="idx_articles_verdict", condition=~models.Q(verdict="ok")
            ),
            # Addresses may be longer than a B-tree takes; an empty one, of a pasted text, is looked for by nobody.
            HashIndex(fields=["url"], name="idx_articles_url", condition=~models.Q(url="")),
            GinIndex(TITLE_WORDS, name="idx_articles_title"),
        ]
        constraints = [
            one_of("verdict", Verdict, "articles_verdict_known"),
            not_negative("claim", "read_ms", "fetch_ms", name="articles_not_negative"),
        ]

    def __str__(self) -> str:
        return self.title or self.url or str(self.id)

    def value(self) -> types.Article:
        """Return the article as the pipeline takes it."""
        return types.Article(
            url=self.url or None,
            canonical_url=self.canonical_url or None,
            title=self.title,
            text=self.text,
            authors=tuple(self.authors),
            published_at=self.published_at,
            language=self.language or None,
            image=self.image or None,
            site=self.site,
            verdict=Verdict(self.verdict),
            reason=self.reason,
        )

    @staticmethod
    def fields_of(found: types.Article) -> dict[str, Any]:
        """Return what the pipeline found as columns."""
        return {
            "canonical_url": found.canonical_url or "",
            "title": found.title,
            "text": found.text,
            "text_hash": found.digest,
            "authors": list(found.authors),
            "published_at": found.published_at,
            "language": found.language or "",
            "image": found.image or "",
            "site": found.site,
            "verdict": found.verdict,
            "reason": found.reason,
        }
