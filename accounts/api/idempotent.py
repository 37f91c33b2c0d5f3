"""How an API view honours Idempotency-Key."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import idempotency
from accounts.models import IdempotencyRecord, User

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
UNAVAILABLE = 503
STORED_HEADERS = ("Location", "Content-Type")

KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
    OpenApiParameter.HEADER,
    description="1 to 255 visible ASCII characters. The same key with the same body gets the first answer again for 48 "
    "hours, with `Idempotency-Replayed: true`; 409 while the first runs, 422 with another body.",
)

Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Callable[..., HttpResponse]:
    """Wrap a view's ``post`` so that a request sent again with the same key gets the first one's answer.

    Refusals (4xx) are not kept: what was wrong may be mended and sent with the same key. Nor is a 503, which asks to be
    sent again: nothing was done. Any other failure of ours is kept.
    """

    @functools.wraps(handler)
    def wrapped(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(view, request, *args, **kwargs)
        asked = idempotency.request_hash(method=str(request.method), path=request.path, body=request.data)
        record = idempotency.begin(user=cast("User", request.user), key=key, request_hash=asked, now=timezone.now())
        if record.status_code is not None:
            return HttpResponse(record.body, status=record.status_code, headers={**record.headers, REPLAYED: "true"})
        try:
            with transaction.atomic():
                response = handler(view, request, *args, **kwargs)
                _store(record, view.finalize_response(request, response, *args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whatever it was, its answer is what this key gets
            refusal = view.handle_exception(error)
            if refusal.status_code < 500 or refusal.status_code == UNAVAILABLE:
                idempotency.forget(record=record)
            else:
                _store(record, refusal)
            return refusal
        return response

    documented: Callable[..., HttpResponse] = extend_schema(parameters=[KEY])(wrapped)
    return documented


def _store(record: IdempotencyRecord, response: HttpResponse) -> None:
    if isinstance(response, Response):
        response.render()
    idempotency.finish(
        record=record,
        status_code=response.status_code,
        headers={name: response[name] for name in STORED_HEADERS if name in response},
        body=response.content.decode(),
    )
