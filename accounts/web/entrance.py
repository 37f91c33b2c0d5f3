"""The addresses below /accounts/: django-allauth's, without what leads nowhere here, and a mail sent again."""

from allauth.account.urls import urlpatterns as pages
from django.urls import URLPattern, URLResolver, include, path

from accounts.web import proof

SENSELESS = {"account_confirm_login_code"}
"""Codes by mail in the place of a password are not sent."""

urlpatterns: list[URLPattern | URLResolver] = [
    *(page for page in pages if page.name not in SENSELESS),
    path("confirm-email/again/", proof.send_again, name="account_send_again"),
    path("2fa/", include("allauth.mfa.urls")),
]
# Before the page that takes anything after confirm-email/ for a key.
urlpatterns.sort(key=lambda page: getattr(page, "name", "") == "account_confirm_email")
