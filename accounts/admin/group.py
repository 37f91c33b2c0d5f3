"""Groups of staff: the roles the product brings along stay as they are, groups of one's own can stand beside them."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.enums import Role
from newsforge.lib.admin import HouseAdmin

ROLES = frozenset(role.value for role in Role)

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, HouseAdmin[Group]):
    """Groups; what a role may do is renewed with every migration, so changing it here would not last."""

    list_display = ("name",)
    id_fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Return groups whose page names each right with its kind, without asking for the kinds one by one."""
        groups = super().get_queryset(request)
        by_name = getattr(request.resolver_match, "url_name", "") == "auth_group_change"
        return groups.prefetch_related("permissions__content_type") if by_name else groups

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Refuse for a role."""
        return super().has_change_permission(request, obj) and (obj is None or obj.name not in ROLES)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Refuse for a role."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.name not in ROLES)
