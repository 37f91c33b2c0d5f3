"""What was read, to be looked at."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversions.admin import search
from conversions.admin.filters import Between, CreatedWithin, OwnedBy
from conversions.enums import Verdict
from conversions.models import Article
from newsforge.lib.admin import FactAdmin, badge, cut
from newsforge.lib.listing import ago

STATES = {Verdict.OK: "good", Verdict.UNREAD: "busy"}

LISTED = ("verdict", "title", "url", "site", "language", "read_ms", "created_at", "user__email")


class Rows(ChangeList):
    """The list, without the texts."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Return the filtered rows."""
        return super().get_queryset(request, exclude_parameters).only(*LISTED)


@admin.register(Article)
class ArticleAdmin(FactAdmin[Article]):
    """Articles: where they come from, what they say, and whether that was enough."""

    sentences = ("reason",)
    list_display = ("state", "headline", "site", "language", "user", "read_ms", "age")
    list_display_links = ("headline",)
    list_filter = (CreatedWithin, "verdict", OwnedBy, Between)
    list_select_related = ("user",)
    search_fields = ("title", "url", "user__email")  # each in its own way: found_by
    search_help_text = _("Words of the title, the whole address, an owner's e-mail; or the id of an article or a user.")
    id_fields = ("pk", "user_id")
    ordering = ("-created_at",)
    sortable_by = ("age",)
    fieldsets = (
        (None, {"fields": ("id", "state", "reason", "title", "text")}),
        (_("Where from"), {"fields": ("user", "url", "canonical_url", "site", "authors", "published_at", "language")}),
        (_("When"), {"fields": ("created_at", "read_at", "read_ms", "fetch_ms", "text_hash")}),
    )
    readonly_fields = ("state",)

    @admin.display(description=_("verdict"))
    def state(self, article: Article) -> SafeString:
        """Return what the page turned out to be."""
        return badge(text=article.verdict.replace("_", " "), state=STATES.get(Verdict(article.verdict), "bad"))

    @admin.display(description=_("article"))
    def headline(self, article: Article) -> SafeString:
        """Return the title in one line."""
        return cut(str(article))

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, article: Article) -> SafeString | str:
        """Return how long ago it was asked for."""
        return ago(article.created_at, now=timezone.now())

    def found_by(self, term: str) -> Q | None:
        """Look up what was pasted by an index of its own."""
        return search.condition(term=term, articles="pk") if term else None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return our list."""
        return Rows
