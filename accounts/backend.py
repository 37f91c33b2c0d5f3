"""Who logs in, found by the address in whatever letters it was typed or stored."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission
from django.db.models import Q

from accounts.models import User


class AnyLetters(AuthenticationBackend):  # type: ignore[misc] # the package has no types
    """django-allauth's, which knows addresses in small letters only."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        found: User | None = self._check_password(User.objects.at(email=email).first(), password)
        return found

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return somebody's own rights and those of the groups, which Django asks for one after the other."""
        is_known = hasattr(user_obj, "_perm_cache")
        if is_known or obj is not None or not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser:
            rights: set[str] = super().get_all_permissions(user_obj, obj)
            return rights
        found = Permission.objects.filter(Q(user=user_obj) | Q(group__user=user_obj)).order_by()
        names = found.values_list("content_type__app_label", "codename").distinct()
        user_obj._perm_cache = {f"{app}.{codename}" for app, codename in names}  # noqa: SLF001 - where Django keeps it
        return set(user_obj._perm_cache)  # noqa: SLF001 - as above
