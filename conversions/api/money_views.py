"""The API of money: what a request would cost, and what was spent."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import budget
from accounts.api.idempotent import idempotent
from conversions.api.filters import refuse_unknown
from conversions.api.money_serializers import ForecastSerializer, UsageQuerySerializer, UsageSerializer
from conversions.api.problems import answers
from conversions.api.serializers import CREATE, source_of, wishes_of
from conversions.api.views import CustomerView
from conversions.api.wishes import EXAMPLES, WISH
from conversions.estimating import estimate
from conversions.selectors import USAGE_GROUPS, usage_of

SPAN = [
    OpenApiParameter("from", date, description="First day. Default: the first of the month of `to`."),
    OpenApiParameter("to", date, description="Last day, included. Default: today."),
    OpenApiParameter("group_by", str, enum=USAGE_GROUPS, default="day"),
]


class EstimatesView(CustomerView):
    """What a request would cost."""

    @extend_schema(
        operation_id="create_estimate",
        summary="Estimate a request's price without making it",
        request=WISH,
        responses=answers(200, ForecastSerializer, 400, 413, 415, 422),
        examples=EXAMPLES,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Take the same body as a request for conversions; nothing is fetched, reserved or paid for."""
        asked = CREATE.run_validation(request.data)
        forecast = estimate(user=self.customer, source=source_of(asked), wishes=wishes_of(asked), now=timezone.now())
        return Response(ForecastSerializer(forecast).data)


class UsageView(CustomerView):
    """What was spent."""

    @extend_schema(
        operation_id="get_usage",
        summary="Get tokens and cost by day, provider, model or platform",
        parameters=SPAN,
        responses=answers(200, UsageSerializer, 400),
    )
    def get(self, request: Request) -> Response:
        """Count every call to a writer in the span, answered or not; days are the user's own."""
        refuse_unknown(request=request, known=["from", "to", "group_by", "format"])
        now = timezone.now()
        today = now.astimezone(ZoneInfo(self.customer.time_zone)).date()
        query = UsageQuerySerializer(data=request.query_params.dict(), context={"today": today})
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        rows = usage_of(user=self.customer, start=asked["from"], end=asked["to"], group_by=asked["group_by"])
        spent = budget.spent(user=self.customer, now=now)
        facts = {**asked, "rows": rows, "spent_this_month_usd": spent, "budget_usd": self.customer.monthly_budget_usd}
        return Response(UsageSerializer(facts).data)
