"""What a load balancer, an orchestrator, a supervisor or a person asks."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitoring import health, status
from monitoring.enums import State


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the signature is Django's
    """Say that this process answers; nothing is read, asked or connected to."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - the signature is Django's
    """Say whether this process can take work now; what a provider or a worker does is no reason to pull it."""
    report = health.look_often(now=timezone.now())
    return JsonResponse({"status": report.status.value}, status=200 if report.accepts_work else 503)


@never_cache
@require_safe
def overview(request: HttpRequest) -> JsonResponse:
    """Say how everything is; why, only to staff and to who has the health token."""
    report = health.look_often(now=timezone.now())
    return JsonResponse(
        report.body(details=_may_see_details(request, report)), status=200 if report.accepts_work else 503
    )


@never_cache
@require_safe
def public_status(request: HttpRequest) -> HttpResponse:
    """Show anybody how the service is, and that also while it is not well."""
    standing = status.look_often()
    if not standing.reads_database:
        request.user = AnonymousUser()  # who asks cannot be looked up
    context = {
        "summary": status.summary(standing),
        "lines": status.lines(standing),
        "past": standing.past[: status.MOST_INCIDENTS],
        "standing": standing,
        "legend": status.CELLS.items(),
    }
    return render(request, "web/status.html", context)


def _may_see_details(request: HttpRequest, report: health.Report) -> bool:
    sent = request.headers.get("Authorization", "")
    if settings.HEALTH_TOKEN and constant_time_compare(sent, f"Bearer {settings.HEALTH_TOKEN}"):
        return True
    if report.dependencies["database"].status != State.HEALTHY:
        return False  # who asks cannot be looked up
    return bool(request.user.is_staff and request.user.is_active)
