"""What posts said before, to be read."""

from django.contrib import admin

from conversions.models import PostVersion
from newsforge.lib.admin import FactAdmin


@admin.register(PostVersion)
class PostVersionAdmin(FactAdmin[PostVersion]):
    """Versions of posts: every text, whose it is, and how long."""

    list_display = ("conversion", "number", "author", "length", "limit", "created_at")
    list_select_related = ("conversion",)
    search_fields = ("author",)
    id_fields = ("conversion_id",)
    ordering = ("-id",)
