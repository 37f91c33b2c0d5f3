"""The ledger of the daily quota, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import QuotaEntry
from newsforge.lib.admin import FactAdmin


@admin.register(QuotaEntry)
class QuotaEntryAdmin(FactAdmin[QuotaEntry]):
    """Ledger lines: every move of a counter, and why."""

    sentences = ("reason",)
    list_display = ("kind", "units", "user", "conversion_id", "actor", "reason", "created_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    search_help_text = _("The user's e-mail address, or the id of a user or a conversion.")
    id_fields = ("conversion_id", "user_id")
    ordering = ("-id",)
