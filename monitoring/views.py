"""What a load balancer, an orchestrator or a supervisor asks."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the signature is Django's
    """Say that this process answers; nothing is read, asked or connected to."""
    return JsonResponse({"status": "ok"})
