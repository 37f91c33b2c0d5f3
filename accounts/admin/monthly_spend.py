"""What each month has cost, to be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from accounts import budget
from accounts.models import MonthlySpend
from newsforge.lib.admin import FactAdmin
from newsforge.lib.export import csv_response

MONTHS_OFFERED = 12


class Month(admin.SimpleListFilter):
    """Spends of one month, of the last twelve."""

    title = _("month")
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> Iterable[tuple[str, str]]:
        """Return the months, the newest first."""
        first = budget.month_of(user=None, now=timezone.now())
        numbers = [first.year * 12 + first.month - 1 - ago for ago in range(MONTHS_OFFERED)]
        return [
            (f"{number // 12}-{number % 12 + 1:02}-01", f"{number // 12}-{number % 12 + 1:02}") for number in numbers
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the spends of the chosen month."""
        chosen = parse_date(self.value() or "")
        return queryset.filter(month=chosen) if chosen else queryset


@admin.action(description=_("Export as CSV"), permissions=["view"])
def export(_page: Any, _request: HttpRequest, chosen: QuerySet[MonthlySpend, Any]) -> HttpResponseBase:
    """Send the chosen months as a file."""
    columns = ("month", "user_id", "user__email", "spent_usd", "held_usd")
    return csv_response(name="spends", header=columns, rows=chosen.values_list(*columns).iterator(chunk_size=2000))


@admin.register(MonthlySpend)
class MonthlySpendAdmin(FactAdmin[MonthlySpend]):
    """Months: what was spent with a user's keys, or with the operator's; the dearest first."""

    list_display = ("month", "whose", "spent_usd", "held_usd")
    list_filter = (Month,)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    id_fields = ("user_id",)
    ordering = ("-month", "-spent_usd")
    actions = (export,)
    change_list_template = "admin/accounts/monthlyspend/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the list as a file."""
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name="accounts_monthlyspend_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Return the rows the list's filter leaves.

        :raises PermissionDenied: if whoever asks may not see them.
        :raises BadRequest: if the address makes no sense.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            chosen = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters as error:
            raise BadRequest from error
        return export(self, request, chosen)

    @admin.display(description=_("whose keys"), ordering="user")
    def whose(self, spend: MonthlySpend) -> str:
        """Return who pays."""
        return str(spend.user or _("the operator"))
