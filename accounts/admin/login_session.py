"""Where people are logged in, to be read; ending it is an action of the user's."""

from django.contrib import admin

from accounts.models import LoginSession
from newsforge.lib.admin import FactAdmin


@admin.register(LoginSession)
class LoginSessionAdmin(FactAdmin[LoginSession]):
    """Browsers, the one used last first; the session's key opens the account and is not shown."""

    list_display = ("seen_at", "user", "user_agent", "address", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "user_agent")
    id_fields = ("user_id",)
    ordering = ("-seen_at",)
    fields = ("user", "user_agent", "address", "created_at", "seen_at")
