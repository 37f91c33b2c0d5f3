"""What django-allauth asks of us: whose address is proven, who may sign up, and how second factors are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import keys, mail
from accounts.models import User
from accounts.services import username_from
from newsforge.lib import client_address

BOUND_TO = "mfa_authenticator"
"""What a sealed second factor opens as; its row has no id yet when it is sealed."""

UNPROVEN = "unproven_address"
"""In the session: the address somebody has just entered, for the form that sends its mail again."""

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor by itself; recovery codes only replace one."""


class LoginAdapter(DefaultAccountAdapter):  # type: ignore[misc] # the package has no types
    """Log in as ``User`` says: it holds the address and whether it is proven."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many wrong tries. Wait five minutes, then try again, or set a new password."),
    }

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

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """Return the mail, marked as sent by a machine."""
        written: EmailMessage = super().render_mail(template_prefix, email, context, mail.HEADERS | (headers or {}))
        return written

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; where the server does not take it, say so on the next page and go on."""
        try:
            super().send_mail(template_prefix, email, mail.placed(context))
        except OSError as error:  # what smtplib raises is one, too
            mail.note_unsent(request=self.request, email=email, error=error)
        else:
            mail.note_sent(request=self.request)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Say what happened, but not that a mail was sent which was not."""
        if not (str(message_template).endswith("email_confirmation_sent.txt") and mail.is_unsent(request=request)):
            super().add_message(request, level, message_template, *args, **kwargs)

    def respond_email_verification_sent(self, request: HttpRequest, user: User | None) -> HttpResponse:
        """Lead to the page that says so; it knows which address to write to again."""
        request.session[UNPROVEN] = request.POST.get("email") or request.POST.get("login", "")
        answer: HttpResponse = super().respond_email_verification_sent(request, user)
        return answer

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
    """Make the user's address, and whether it is proven, what django-allauth knows of the user.

    An address the user is changing to stays beside it until it is proven.
    """
    email = user.email.lower()
    replaced = Q(user=user) & ~Q(email=email) & (Q(verified=True) | Q(primary=True))
    stale = replaced | ~Q(user=user) & Q(email=email)
    EmailAddress.objects.filter(stale).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": user.email_verified, "primary": True}
    )


def second_factors(*, user: User) -> list[str]:
    """Return the kinds of the user's second factors and recovery codes, one for each."""
    return list(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def has_second_factor(*, user: User) -> bool:
    """Tell whether the user has one that is asked for at every login."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


@receiver(email_confirmed, dispatch_uid="proven address")
def _note_proof(email_address: EmailAddress, **_: Any) -> None:
    """Write down that the address is proven; a new one replaces the old one only now."""
    user = email_address.user
    user.email, user.email_verified = email_address.email, True
    user.save(update_fields=["email", "email_verified", "updated_at"])
