"""Who asks: the bearer of an access token."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import AccessToken, User
from accounts.services import InvalidToken, authenticate_token
from newsforge.lib.errors import PermanentError

SCHEME = "bearer"


class TokenAuthentication(BaseAuthentication):
    """Accept ``Authorization: Bearer nf_<public id>_<secret>`` (RFC 6750, 2.1) and nothing else."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """Return the token's user and the token, or None when no one is named.

        :raises rest_framework.exceptions.AuthenticationFailed: if the header is there and no token of ours opens the
            door; its cause says why. After any other exception REST framework would ask again on every look at the
            request's user.
        """
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        try:
            if scheme.lower() != SCHEME:
                raise InvalidToken
            found = authenticate_token(token=token.strip(" "), now=timezone.now())
        except PermanentError as refusal:
            raise AuthenticationFailed from refusal
        return found.user, found

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - the signature is REST framework's
        """Return the challenge; without one, REST framework answers 403 instead of 401."""
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # its registry has no types
    """How the schema describes the token; found by its base class's registry."""

    target_class = TokenAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 - the signature is given
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": SCHEME, "bearerFormat": "nf_<public id>_<secret>"}
