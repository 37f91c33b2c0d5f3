"""Proving an address: the mail for it, sent again."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import email_verification
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import respond_429
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.login import UNPROVEN, mirror_address
from accounts.models import User


class AddressForm(forms.Form):
    """One address."""

    email = forms.EmailField()


@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Write to an address once more; what the mail says depends on whose it is, the answer does not."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return redirect("account_email_verification_sent")
    email = form.cleaned_data["email"].lower()
    if not email_verification.consume_email_verification_rate_limit(request, email, dry_run=True):
        refusal: HttpResponse = respond_429(request)
        return refusal
    request.session[UNPROVEN] = email
    _write(request, email)
    return redirect("account" if request.user.is_authenticated else "account_email_verification_sent")


def _write(request: HttpRequest, email: str) -> None:
    user = User.objects.at(email=email).first()
    if user is None:
        pending = EmailAddress.objects.filter(email=email, user=request.user.pk).first()  # an address being changed to
        address = pending or EmailAddress(user=None, email=email)
    else:
        mirror_address(user=user)
        address = EmailAddress.objects.get(user=user, primary=True)
    if address.verified:
        email_verification.consume_email_verification_rate_limit(request, email)
        get_adapter().send_account_already_exists_mail(address.email)
        email_verification.add_email_verification_sent_message(request, email, signup=False)
    else:
        email_verification.send_verification_email_to_address(request, address)
