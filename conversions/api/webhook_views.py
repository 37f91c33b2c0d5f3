"""The API of webhooks: read the request, call one service or selector, write the answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.idempotent import KEY, idempotent
from conversions import subscriptions
from conversions.api.filters import refuse_unknown
from conversions.api.pagination import NewestFirst
from conversions.api.problems import answers
from conversions.api.views import LOCATION, CustomerView
from conversions.api.webhook_serializers import (
    DeliveryDetailSerializer,
    DeliverySerializer,
    EndpointCreateSerializer,
    EndpointDetailSerializer,
    EndpointIssuedSerializer,
    EndpointUpdateSerializer,
)
from conversions.models import WebhookEndpoint
from conversions.selectors import deliveries_of, delivery_of, endpoint_of, endpoints_of

EXAMPLE = OpenApiExample(
    "An address of yours", value={"url": "https://desk.example.com/hooks/newsforge"}, request_only=True
)


class EndpointView(CustomerView):
    """What the addresses of one endpoint share."""

    def endpoint(self, endpoint_id: UUID) -> WebhookEndpoint:
        """Return the customer's endpoint."""
        return endpoint_of(user=self.customer, endpoint_id=endpoint_id)

    def page_of(self, rows: Any, serializer: type[BaseSerializer[Any]]) -> Response:
        """Return a page of rows."""
        refuse_unknown(request=self.request, known=[*NewestFirst.parameters, "format"])
        return self.get_paginated_response(serializer(self.paginate_queryset(rows), many=True).data)


class SecretView(EndpointView):
    """An address that answers with a secret, which an Idempotency-Key must not keep readable."""

    secret: str | None = None

    def with_secret(self, kept: HttpResponse) -> HttpResponse:
        """Return the answer with the secret, when this request and not an earlier one has made it."""
        if self.secret is None or not isinstance(kept, Response):
            return kept
        headers = {"Location": kept["Location"]} if "Location" in kept else {}
        return Response({**kept.data, "secret": self.secret}, status=kept.status_code, headers=headers)

    def issued(self, endpoint: WebhookEndpoint, secret: str, *, code: int, **headers: str) -> Response:
        """Return what may be kept of the answer."""
        self.secret = secret
        facts = {**EndpointDetailSerializer(endpoint).data, "secret": None}
        return Response(facts, status=code, headers=headers)


class EndpointsView(SecretView):
    """All endpoints of the customer."""

    pagination_class = NewestFirst
    filter_backends = ()

    @extend_schema(
        operation_id="list_webhooks",
        summary="List webhook endpoints, newest first",
        responses=answers(200, EndpointDetailSerializer(many=True), 400),
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002 - the signature is Django's
        """Return the endpoints; their secrets are not among what can be read."""
        return self.page_of(endpoints_of(user=self.customer), EndpointDetailSerializer)

    @extend_schema(
        operation_id="create_webhook",
        summary="Tell an address when conversions end",
        request=EndpointCreateSerializer,
        responses=answers(201, EndpointIssuedSerializer, 400, 409, 415, 422),
        parameters=[KEY, LOCATION],
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> HttpResponse:
        """Take on an endpoint; it gets signed messages (Standard Webhooks 1.0), and you its secret, this once."""
        return self.with_secret(self._create(request))

    @idempotent
    def _create(self, request: Request) -> Response:
        wish = EndpointCreateSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        made, secret = subscriptions.create_endpoint(user=self.customer, **wish.validated_data, now=timezone.now())
        location = request.build_absolute_uri(reverse("api-webhook", args=[made.pk]))
        return self.issued(made, secret, code=status.HTTP_201_CREATED, Location=location)


class EndpointDetailView(EndpointView):
    """One endpoint."""

    @extend_schema(
        operation_id="get_webhook", summary="Get one endpoint", responses=answers(200, EndpointDetailSerializer, 404)
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Return where it is, and whether anything is sent to it."""
        return Response(EndpointDetailSerializer(self.endpoint(endpoint_id)).data)

    @extend_schema(
        operation_id="change_webhook",
        summary="Change, disable or enable one endpoint",
        request=EndpointUpdateSerializer(partial=True),
        responses=answers(200, EndpointDetailSerializer, 400, 404, 415, 422),
    )
    def patch(self, request: Request, endpoint_id: UUID) -> Response:
        """Change what is sent; the rest stays as it is."""
        wish = EndpointUpdateSerializer(data=request.data, partial=True)
        wish.is_valid(raise_exception=True)
        changed = subscriptions.change_endpoint(
            endpoint=self.endpoint(endpoint_id), **wish.validated_data, actor=self.customer.email, now=timezone.now()
        )
        return Response(EndpointDetailSerializer(changed).data)

    @extend_schema(operation_id="delete_webhook", summary="Delete one endpoint", responses=answers(204, None, 404))
    def delete(self, request: Request, endpoint_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Forget the endpoint, its secret and the record of its messages."""
        subscriptions.delete_endpoint(endpoint=self.endpoint(endpoint_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class RotateView(SecretView):
    """A new secret for one endpoint."""

    @extend_schema(
        operation_id="rotate_webhook_secret",
        summary="Give one endpoint a new secret",
        request=None,
        responses=answers(200, EndpointIssuedSerializer, 404, 409, 422),
        parameters=[KEY],
    )
    def post(self, request: Request, endpoint_id: UUID) -> HttpResponse:
        """Return the new secret, this once; for 24 hours messages carry the signature of the old one too."""
        return self.with_secret(self._rotate(request, endpoint_id))

    @idempotent
    def _rotate(self, request: Request, endpoint_id: UUID) -> Response:  # noqa: ARG002 - as above
        endpoint, secret = subscriptions.rotate_secret(endpoint=self.endpoint(endpoint_id), now=timezone.now())
        return self.issued(endpoint, secret, code=status.HTTP_200_OK)


class SendTestView(EndpointView):
    """A message that means nothing."""

    @extend_schema(
        operation_id="test_webhook",
        summary="Send one endpoint a test message",
        request=None,
        responses=answers(202, DeliveryDetailSerializer, 404, 409),
    )
    @idempotent
    def post(self, request: Request, endpoint_id: UUID) -> Response:  # noqa: ARG002 - as above
        """Send an `endpoint.test`, signed, tried again and logged like any other message."""
        sent = subscriptions.send_test(endpoint=self.endpoint(endpoint_id), now=timezone.now())
        return Response(DeliveryDetailSerializer(sent).data, status=status.HTTP_202_ACCEPTED)


class DeliveriesView(EndpointView):
    """What one endpoint was told."""

    pagination_class = NewestFirst
    filter_backends = ()

    @extend_schema(
        operation_id="list_webhook_deliveries",
        summary="List the messages to one endpoint, newest first",
        responses=answers(200, DeliverySerializer(many=True), 400, 404),
    )
    def get(self, request: Request, endpoint_id: UUID) -> Response:  # noqa: ARG002 - as above
        """Return what was sent, what came back, and what is still to be tried; follow `next` for older ones."""
        return self.page_of(deliveries_of(endpoint=self.endpoint(endpoint_id)), DeliverySerializer)


class DeliveryView(CustomerView):
    """One message."""

    @extend_schema(
        operation_id="get_webhook_delivery",
        summary="Get one message to an endpoint",
        responses=answers(200, DeliveryDetailSerializer, 404),
    )
    def get(self, request: Request, delivery_id: UUID) -> Response:  # noqa: ARG002 - as above
        """Return what it says and what came of it."""
        found = delivery_of(user=self.customer, delivery_id=delivery_id)
        return Response(DeliveryDetailSerializer(found).data)


class ReplayView(CustomerView):
    """One message once more."""

    @extend_schema(
        operation_id="replay_webhook_delivery",
        summary="Send one message again",
        request=None,
        responses=answers(202, DeliveryDetailSerializer, 404, 409),
    )
    @idempotent
    def post(self, request: Request, delivery_id: UUID) -> Response:  # noqa: ARG002 - as above
        """Send it under the same `webhook-id`; one that waits for its next try is tried at once instead."""
        found = delivery_of(user=self.customer, delivery_id=delivery_id)
        sent = subscriptions.replay(delivery=found, now=timezone.now())
        return Response(DeliveryDetailSerializer(sent).data, status=status.HTTP_202_ACCEPTED)
