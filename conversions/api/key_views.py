"""The API of provider keys: read the request, call one service or selector, write the answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotent import idempotent
from accounts.models import ApiKey
from accounts.selectors import keys_of
from conversions import provider_keys
from conversions.api.filters import refuse_unknown
from conversions.api.key_serializers import (
    KeyCheckedSerializer,
    KeyCheckSerializer,
    KeyCreateSerializer,
    KeyDetailSerializer,
    KeyUpdateSerializer,
)
from conversions.api.pagination import NewestFirst
from conversions.api.problems import answers
from conversions.api.views import LOCATION, CustomerView
from conversions.provider_keys import Check, key_of

EXAMPLE = OpenApiExample(
    "A key of OpenAI's",
    value={"name": "newsroom", "provider": "openai", "key": "sk-proj-abcdefghijklmnopqrstuvwxyz0123"},
    request_only=True,
)


class KeysView(CustomerView):
    """All provider keys of the customer."""

    pagination_class = NewestFirst
    filter_backends = ()

    @extend_schema(
        operation_id="list_keys",
        summary="List provider keys, newest first",
        responses=answers(200, KeyDetailSerializer(many=True), 400),
    )
    def get(self, request: Request) -> Response:
        """Return the keys by their ends."""
        refuse_unknown(request=request, known=[*NewestFirst.parameters, "format"])
        rows: Any = keys_of(user=self.customer)
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(KeyDetailSerializer(page, many=True).data)

    @extend_schema(
        operation_id="create_key",
        summary="Store a provider key",
        request=KeyCreateSerializer,
        responses=answers(201, KeyCheckedSerializer, 400, 402, 403, 409, 415, 422, 429),
        parameters=[LOCATION],
        examples=[EXAMPLE],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask the provider for free whether it takes the key, then store it encrypted.

        A key the provider refuses (`bad-key`, `key-forbidden`, `key-quota-exhausted`) is not stored unless
        `store_anyway` is true; one that could not be tested is stored, and `check` says why.
        """
        wish = KeyCreateSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        given = wish.validated_data
        key, found = provider_keys.add_key(
            user=self.customer,
            name=given["name"],
            provider=given["provider"],
            plaintext=given["key"],
            insist=given["store_anyway"],
            now=timezone.now(),
        )
        location = request.build_absolute_uri(reverse("api-key", args=[key.pk]))
        return Response(_checked(key, found), status=status.HTTP_201_CREATED, headers={"Location": location})


class KeyView(CustomerView):
    """One key."""

    @extend_schema(operation_id="get_key", summary="Get one key", responses=answers(200, KeyDetailSerializer, 404))
    def get(self, request: Request, key_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Return its ends, how much it was used, and what is wrong with it."""
        return Response(KeyDetailSerializer(key_of(user=self.customer, key_id=key_id)).data)

    @extend_schema(
        operation_id="change_key",
        summary="Rename, disable or enable one key",
        request=KeyUpdateSerializer(partial=True),
        responses=answers(200, KeyDetailSerializer, 400, 404, 415),
    )
    def patch(self, request: Request, key_id: UUID) -> Response:
        """Change what is sent; the rest stays as it is."""
        wish = KeyUpdateSerializer(data=request.data, partial=True)
        wish.is_valid(raise_exception=True)
        changed = provider_keys.change_key(key=key_of(user=self.customer, key_id=key_id), **wish.validated_data)
        return Response(KeyDetailSerializer(changed).data)

    @extend_schema(operation_id="delete_key", summary="Delete one key", responses=answers(204, None, 404))
    def delete(self, request: Request, key_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Forget the key. What it was used for stays on the record."""
        provider_keys.delete_key(key=key_of(user=self.customer, key_id=key_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class KeyTestView(CustomerView):
    """Whether one key works."""

    @extend_schema(
        operation_id="test_key",
        summary="Test one key",
        request=None,
        responses=answers(200, KeyCheckedSerializer, 404, 409, 422, 429),
    )
    @idempotent
    def post(self, request: Request, key_id: UUID) -> Response:  # noqa: ARG002 - as above
        """Ask the provider for free whether it takes the key; `status` is what came of it."""
        key = key_of(user=self.customer, key_id=key_id)
        return Response(_checked(key, provider_keys.check_key(key=key, now=timezone.now())))


def _checked(key: ApiKey, found: Check) -> dict[str, object]:
    return {**KeyDetailSerializer(key).data, "check": KeyCheckSerializer(found).data}
