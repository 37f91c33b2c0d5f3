"""The site's addresses, and two views beside them: what Django costs, and what accepting anything costs at least."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversions.models import Article
from newsforge import urls
from newsforge.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def bare(_: HttpRequest) -> HttpResponse:
    """Answer with two bytes."""
    return HttpResponse(b"ok")


class FloorView(APIView):
    """JSON in, one row by the ORM, JSON out: no user, no quota, no message."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()

    def post(self, request: Request) -> Response:
        """Store the text."""
        asked = cast("dict[str, Any]", request.data)
        made = Article.objects.create(text=asked["text"])
        return Response({"id": made.pk, "platforms": asked["platforms"]}, status=202)


urlpatterns = [path("bare/", bare), path("floor/", FloorView.as_view()), *urls.urlpatterns]
