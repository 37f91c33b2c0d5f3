"""Requests that may be sent twice, and the answer each got, to be read."""

from django.contrib import admin

from accounts.models import IdempotencyRecord
from newsforge.lib.admin import FactAdmin


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(FactAdmin[IdempotencyRecord]):
    """Kept answers; empty while the first request runs."""

    list_display = ("status_code", "key", "user", "created_at", "locked_until")
    list_display_links = ("key",)
    list_select_related = ("user",)
    search_fields = ("key", "user__email")
    id_fields = ("user_id",)
    ordering = ("-id",)
    fields = ("status_code", "key", "user", "body", "created_at", "locked_until")
