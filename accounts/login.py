"""What django-allauth asks of us: whose address is proven, who may sign up, and how second factors are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import keys
from accounts.models import User
from accounts.services import username_from
from newsforge.lib import client_address

BOUND_TO = "mfa_authenticator"
"""What a sealed second factor opens as; its row has no id yet when it is sealed."""

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor by itself; recovery codes only replace one."""


class LoginAdapter(DefaultAccountAdapter):  # type: ignore[misc] # the package has no types
    """Log in as ``User`` says: it holds the address and whether it is proven."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the signature is django-allauth's
        """Tell whether people may make accounts themselves."""
        return bool(settings.SIGNUP_OPEN)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return whose tries are counted together."""
        return client_address.of(request) or "127.0.0.1"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return where to go when nothing else was asked for."""
        return reverse("admin:index" if request.user.is_staff else "home")

    def populate_username(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002 - as above
        """Name the user by the address."""
        user.username = user.username or username_from(user.email)

    def set_password(self, user: User, password: str) -> None:
        """Write the hash alone: counters that moved meanwhile are not moved back."""
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Let django-allauth's own table of addresses say what the user's row says, before it is asked."""
        mirror_address(user=user)
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # the package has no types
    """Keep second factors sealed by the key ring."""

    def encrypt(self, text: str) -> str:
        """Seal what a second factor is computed from."""
        return keys.ring().encrypt(plaintext=text, bound_to=BOUND_TO)

    def decrypt(self, encrypted_text: str) -> str:
        """Open it.

        :raises CannotDecrypt: if it was damaged, or its encryption key is no longer there.
        """
        return keys.ring().decrypt(ciphertext=encrypted_text, bound_to=BOUND_TO)

    def _get_site_name(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)


def mirror_address(*, user: User) -> None:
    """Make the user's address, and whether it is proven, the only one django-allauth knows of the user."""
    email = user.email.lower()
    stale = Q(user=user) & ~Q(email=email) | ~Q(user=user) & Q(email__iexact=email)
    EmailAddress.objects.filter(stale).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": user.email_verified, "primary": True}
    )


def has_second_factor(*, user: User) -> bool:
    """Tell whether the user has one that is asked for at every login."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


@receiver(email_confirmed, dispatch_uid="proven address")
def _note_proof(email_address: EmailAddress, **_: Any) -> None:
    """Write down that the address is proven; a new one replaces the old one only now."""
    user = email_address.user
    user.email, user.email_verified = email_address.email, True
    user.save(update_fields=["email", "email_verified", "updated_at"])
