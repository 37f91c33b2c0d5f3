"""The addresses of the access tokens' page."""

from django.urls import URLPattern, path

from accounts.web import tokens

urlpatterns: list[URLPattern] = [
    path("", tokens.tokens, name="tokens"),
    path("add/", tokens.create, name="token-add"),
    path("<uuid:token_id>/rotate/", tokens.rotate, name="token-rotate"),
    path("<uuid:token_id>/revoke/", tokens.revoke, name="token-revoke"),
]
