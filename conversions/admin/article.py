"""What was read, to be looked at."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversions.admin.filters import CreatedWithin
from conversions.enums import Verdict
from conversions.models import Article
from newsforge.lib.admin import FactAdmin, badge, cut

STATES = {Verdict.OK: "good", Verdict.UNREAD: "busy"}


@admin.register(Article)
class ArticleAdmin(FactAdmin[Article]):
    """Articles: where they come from, what they say, and whether that was enough."""

    list_display = ("state", "headline", "site", "language", "user", "read_ms", "created_at")
    list_display_links = ("headline",)
    list_filter = (CreatedWithin, "verdict")
    list_select_related = ("user",)
    search_fields = ("title", "url", "user__email")
    id_fields = ("pk", "user_id")
    ordering = ("-created_at",)
    fieldsets = (
        (None, {"fields": ("id", "state", "reason", "title", "text")}),
        (_("Where from"), {"fields": ("user", "url", "canonical_url", "site", "authors", "published_at", "language")}),
        (_("When"), {"fields": ("created_at", "read_at", "read_ms", "text_hash")}),
    )
    readonly_fields = ("state",)

    @admin.display(description=_("verdict"), ordering="verdict")
    def state(self, article: Article) -> SafeString:
        """Return what the page turned out to be."""
        return badge(text=article.verdict.replace("_", " "), state=STATES.get(Verdict(article.verdict), "bad"))

    @admin.display(description=_("article"), ordering="title")
    def headline(self, article: Article) -> SafeString:
        """Return the title in one line."""
        return cut(str(article))
