"""What each month has cost, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import MonthlySpend
from newsforge.lib.admin import FactAdmin


@admin.register(MonthlySpend)
class MonthlySpendAdmin(FactAdmin[MonthlySpend]):
    """Months: what was spent with a user's keys, or with the operator's."""

    list_display = ("month", "whose", "spent_usd", "held_usd")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    id_fields = ("user_id",)
    ordering = ("-month", "-spent_usd")

    @admin.display(description=_("whose keys"), ordering="user")
    def whose(self, spend: MonthlySpend) -> str:
        """Return who pays."""
        return str(spend.user or _("the operator"))
