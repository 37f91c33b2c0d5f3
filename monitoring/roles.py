"""What each role of the staff may do, as Django's permissions of its group; here, where every table is known.

Groups are made, and given exactly these permissions, whenever the tables are migrated: a table that comes later falls
under the patterns by itself. A page, an action and a view ask for the permission, never for the role.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from django.contrib.auth.models import Group, Permission

from accounts.enums import Role

VIEWER = ("accounts.view_*", "conversions.view_*", "monitoring.view_*")

SUPPORT = (
    *VIEWER, "conversions.change_conversion", "accounts.add_quotagrant", "accounts.change_quotagrant",
    "accounts.change_user",  # its page gives away which fields, and of whom
)  # fmt: skip

OPERATOR = (
    *SUPPORT, "conversions.change_*", "conversions.add_promptversion", "monitoring.change_*", "monitoring.*_channel",
    "accounts.*_apikey", "accounts.*_accesstoken",
)  # fmt: skip

ADMIN = ("accounts.*", "conversions.*", "monitoring.*", "auth.*_group", "mfa.*_authenticator")

NOBODY = ("monitoring.add_auditentry", "monitoring.change_auditentry", "monitoring.delete_auditentry")

MAY = {Role.VIEWER: VIEWER, Role.SUPPORT: SUPPORT, Role.OPERATOR: OPERATOR, Role.ADMIN: ADMIN}


def may(*, role: Role, permission: str) -> bool:
    """Tell whether a role has a permission, written ``app.verb_model``."""
    return permission not in NOBODY and any(fnmatchcase(permission, pattern) for pattern in MAY[role])


def sync(*, using: str, **_: Any) -> None:
    """Make the groups where they are missing, and give each exactly what its role may; a receiver of post_migrate."""
    every = [
        (f"{each.content_type.app_label}.{each.codename}", each)
        for each in Permission.objects.using(using).select_related("content_type")
    ]
    for role in Role:
        group, _made = Group.objects.using(using).get_or_create(name=role.value)
        group.permissions.set(each for name, each in every if may(role=role, permission=name))
