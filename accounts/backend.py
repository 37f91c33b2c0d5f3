"""Who logs in, found by the address in whatever letters it was typed or stored."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class AnyLetters(AuthenticationBackend):  # type: ignore[misc] # the package has no types
    """django-allauth's, which knows addresses in small letters only."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        found: User | None = self._check_password(User.objects.filter(email__iexact=email).first(), password)
        return found
