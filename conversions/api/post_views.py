"""A written post's other states."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotent import idempotent
from conversions.api.post_serializers import PostVersionSerializer
from conversions.api.problems import answers
from conversions.api.serializers import ConversionDetailSerializer
from conversions.api.views import CustomerView
from conversions.selectors import conversion_of, versions_of
from conversions.services import regenerate_conversion


class VersionsView(CustomerView):
    """What one post said before."""

    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="list_post_versions",
        summary="List the versions of one post, newest first",
        responses=answers(200, PostVersionSerializer(many=True), 404),
    )
    def get(self, request: Request, conversion_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Return every state of its text; none while it is not written."""
        found = conversion_of(user=self.customer, conversion_id=conversion_id)
        return Response(PostVersionSerializer(versions_of(conversion=found), many=True).data)


class RegenerateView(CustomerView):
    """Another post for the same platform."""

    @extend_schema(
        operation_id="regenerate_conversion",
        summary="Write the post of one platform once more",
        request=None,
        responses=answers(202, ConversionDetailSerializer, 404, 409, 429),
    )
    @idempotent
    def post(self, request: Request, conversion_id: UUID) -> Response:  # noqa: ARG002 - the signature is Django's
        """Add a conversion with the same wishes to the request, for one more of the day's conversions."""
        found = conversion_of(user=self.customer, conversion_id=conversion_id)
        again = regenerate_conversion(conversion=found, actor=self.customer.email, now=timezone.now())
        return Response(ConversionDetailSerializer(again).data, status=status.HTTP_202_ACCEPTED)
