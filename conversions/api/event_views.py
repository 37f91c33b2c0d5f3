"""The address a client listens at."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from conversions.api import events
from conversions.api.problems import answers
from conversions.api.views import CustomerView
from conversions.selectors import batch_of

MEDIA_TYPE = "text/event-stream"
LAST = OpenApiParameter(
    "Last-Event-ID",
    str,
    OpenApiParameter.HEADER,
    description="The `id` of the last event you have; you are told what is new since. Browsers send it by themselves.",
)


class EventStream(BaseRenderer):
    """Names the media type, so that who accepts it alone is let in; problems come as JSON all the same."""

    media_type = MEDIA_TYPE
    format = "event-stream"
    charset = "utf-8"


def _responses() -> dict[tuple[int, str], Any]:
    made = answers(200, OpenApiTypes.STR, 404, 406)
    return {(200, MEDIA_TYPE): made.pop((200, "application/json")), (204, MEDIA_TYPE): None, **made}


class EventsView(CustomerView):
    """What happens to one request, while it happens."""

    renderer_classes = (EventStream,)

    @extend_schema(
        operation_id="follow_batch",
        summary="Follow one request as server-sent events",
        parameters=[LAST],
        responses=_responses(),
    )
    def get(self, request: Request, batch_id: UUID) -> HttpResponseBase:
        """Send `stage` for each conversion that stands otherwise than you know, and `done` when all are at an end.

        `data` of `stage`: `conversion_id`, `target_platform`, `stage` (`queued`, `reading`, `writing`, `checking`,
        `succeeded`, `failed`, `cancelled`), `status`, `failure_code`; of `done`: `batch_id`, `status`. An answer lasts
        20 seconds at most and ends at once when too many listen: come back with `Last-Event-ID`, nothing is missed.
        204 means that you know the end.
        """
        rows = batch_of(user=self.customer, batch_id=batch_id)
        told = events.Told.from_id(request.headers.get("Last-Event-ID", ""))
        if told.knows(rows):
            return HttpResponse(status=204)
        return StreamingHttpResponse(
            events.stream(user=self.customer, batch_id=batch_id, told=told),
            content_type=MEDIA_TYPE,
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
