"""The API: read the request, call one service or selector, write the answer."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotent import idempotent
from accounts.api.limits import QuotaHeaders
from accounts.models import User
from conversions.api.filters import ConversionFilters, refuse_unknown
from conversions.api.pagination import NewestFirst
from conversions.api.post_serializers import EDIT, PostEditSerializer
from conversions.api.problems import answers
from conversions.api.serializers import (
    ACCEPTED,
    CREATE,
    AcceptedSerializer,
    BatchSerializer,
    ConversionDetailSerializer,
    batch_status,
    source_of,
    wishes_of,
)
from conversions.api.wishes import EXAMPLES, WISH
from conversions.editing import edit_post
from conversions.enums import Platform, Status
from conversions.models import Conversion
from conversions.selectors import batch_of, conversion_of, conversions_of
from conversions.services import cancel_conversion, request_conversions, retry_conversion
from newsforge.lib.refusals import LengthRequired

LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.URI,
    OpenApiParameter.HEADER,
    required=True,
    response=[201, 202],
    description="Where to follow it.",
)

FILTERS = [
    OpenApiParameter("platform", str, enum=[each.value for each in Platform], many=True),
    OpenApiParameter("status", str, enum=[each.value for each in Status], many=True),
]
"""Said here, or the schema would call them by their columns' translated names."""


class CustomerView(QuotaHeaders, GenericAPIView[Conversion]):
    """What every address of a customer shares."""

    @property
    def customer(self) -> User:
        """Return who asks; the permission has let nobody else in."""
        return cast("User", self.request.user)


class ConversionsView(CustomerView):
    """All conversions of the customer."""

    queryset = Conversion.objects.none()
    """For the schema's generator, which has no customer."""

    filterset_class = ConversionFilters
    pagination_class = NewestFirst
    serializer_class = ConversionDetailSerializer

    @extend_schema(
        operation_id="list_conversions",
        summary="List conversions, newest first",
        responses=answers(200, ConversionDetailSerializer(many=True), 400),
        parameters=FILTERS,
    )
    def get(self, request: Request) -> Response:
        """Narrow by status, platform and time; follow `next` for older ones."""
        refuse_unknown(request=request, known=[*ConversionFilters.base_filters, *NewestFirst.parameters, "format"])
        page = self.paginate_queryset(self.filter_queryset(conversions_of(user=self.customer)))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="create_conversions",
        summary="Convert an article",
        request=WISH,
        responses=answers(202, AcceptedSerializer, 400, 411, 413, 415, 422, 429),
        parameters=[LOCATION],
        examples=EXAMPLES,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Take on one conversion for each platform; each costs one of the day's conversions."""
        in_chunks = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
        if in_chunks and not request.headers.get("Content-Length"):
            raise LengthRequired
        asked = CREATE.run_validation(request.data)
        made = request_conversions(
            user=self.customer, source=source_of(asked), wishes=wishes_of(asked), now=timezone.now()
        )
        batch_id = made[0].batch_id
        answer = ACCEPTED.to_representation({"batch_id": batch_id, "conversions": made})
        batch = request.build_absolute_uri(reverse("api-batch", args=[batch_id]))
        return Response(answer, status=status.HTTP_202_ACCEPTED, headers={"Location": batch})


class ConversionView(CustomerView):
    """One conversion."""

    @extend_schema(
        operation_id="get_conversion",
        summary="Get one conversion",
        responses=answers(200, ConversionDetailSerializer, 404),
    )
    def get(self, request: Request, conversion_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Return the post, or where it stands."""
        found = conversion_of(user=self.customer, conversion_id=conversion_id)
        return Response(ConversionDetailSerializer(found).data)

    @extend_schema(
        operation_id="edit_conversion",
        summary="Edit a written post",
        request=PostEditSerializer,
        responses=answers(200, ConversionDetailSerializer, 400, 404, 409, 422),
    )
    def patch(self, request: Request, conversion_id: UUID) -> Response:
        """Store another text; it is counted and checked again, and the one before it is kept as a version."""
        found = conversion_of(user=self.customer, conversion_id=conversion_id)
        asked = EDIT.run_validation(request.data)
        edited = edit_post(
            conversion=found,
            text=asked["content_generated"],
            title=asked.get("title"),
            seen=asked.get("version"),
            actor=self.customer.email,
            now=timezone.now(),
        )
        return Response(ConversionDetailSerializer(edited).data)


class CancelView(CustomerView):
    """The end of one conversion before its time."""

    @extend_schema(
        operation_id="cancel_conversion",
        summary="Cancel a conversion that is not at an end",
        request=None,
        responses=answers(200, ConversionDetailSerializer, 404, 409),
    )
    @idempotent
    def post(self, request: Request, conversion_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Stop it and give back what it cost of the day's conversions."""
        found = conversion_of(user=self.customer, conversion_id=conversion_id)
        done = cancel_conversion(conversion=found, actor=self.customer.email, now=timezone.now())
        return Response(ConversionDetailSerializer(done).data)


class RetryView(CustomerView):
    """Another run of one conversion."""

    @extend_schema(
        operation_id="retry_conversion",
        summary="Run a failed or cancelled conversion again",
        request=None,
        responses=answers(202, ConversionDetailSerializer, 404, 409, 429),
    )
    @idempotent
    def post(self, request: Request, conversion_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Put it back into the queue for one more of the day's conversions."""
        found = conversion_of(user=self.customer, conversion_id=conversion_id)
        again = retry_conversion(conversion=found, actor=self.customer.email, now=timezone.now())
        return Response(ConversionDetailSerializer(again).data, status=status.HTTP_202_ACCEPTED)


class BatchView(CustomerView):
    """All conversions of one request."""

    @extend_schema(
        operation_id="get_batch",
        summary="Get one request with its conversions",
        responses=answers(200, BatchSerializer, 404),
    )
    def get(self, request: Request, batch_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Return where the request as a whole stands, and its conversions in the order they were asked for."""
        found = batch_of(user=self.customer, batch_id=batch_id)
        stands = batch_status([each.status for each in found])
        return Response(BatchSerializer({"id": batch_id, "status": stands, "conversions": found}).data)
