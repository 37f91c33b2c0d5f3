"""Addresses that are told when conversions end: made with a secret shown this once, tried, switched, looked into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.web.once import OnceForm, do_once
from accounts.web.visitor import by_form, user_of
from conversions import subscriptions
from conversions.enums import DeliveryState
from conversions.models import WebhookDelivery, WebhookEndpoint
from conversions.selectors import NotFound, deliveries_of, delivery_of, endpoint_of, endpoints_of
from conversions.web.key_forms import EndpointForm
from conversions.web.older import page_of
from newsforge.lib import audit
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told
from newsforge.lib.sentences import SENT_AGAIN, TESTED

UNPROCESSABLE = 422

Issued = tuple[WebhookEndpoint, str]


@dataclass(frozen=True)
class Line:
    """One message as the log shows it."""

    delivery: WebhookDelivery

    @property
    def stage(self) -> str:
        """Return how it stands: succeeded, failed, or on its way."""
        stages = {DeliveryState.DELIVERED: "succeeded", DeliveryState.FAILED: "failed"}
        return stages.get(DeliveryState(self.delivery.state), "queued")

    @property
    def words(self) -> str:
        """Return how it stands in words."""
        return {"succeeded": _("delivered"), "failed": _("failed"), "queued": _("on its way")}[self.stage]


@require_safe
@login_required
@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the endpoints."""
    return _page(request, EndpointForm())


@by_form("webhooks")
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Take on an endpoint and show its secret in this answer and nowhere else."""
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    given = form.cleaned_data
    try:
        return _issued(
            request,
            form,
            lambda: subscriptions.create_endpoint(
                user=user_of(request), url=given["url"], description=given["description"], now=timezone.now()
            ),
        )
    except NewsforgeError as refusal:
        form.add_error(None, told(refusal))
        return _page(request, form, status=refusal.status_code)


@require_safe
@login_required
@never_cache
def webhook(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Show an endpoint and what it was told, newest first."""
    endpoint = _endpoint(request, endpoint_id)
    rows, older = page_of(rows=deliveries_of(endpoint=endpoint), request=request)
    context = {
        "endpoint": endpoint,
        "old_secret_signs": endpoint.previous_until is not None and endpoint.previous_until > timezone.now(),
        "rotation": OnceForm(),
        "lines": [Line(row) for row in rows],
        "older": older,
        "is_first": "before" not in request.GET,
    }
    return render(request, "web/webhook.html", context)


@by_form("webhooks")
@never_cache
def rotate(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Give an endpoint a new secret and show it in this answer and nowhere else."""
    endpoint, form = _endpoint(request, endpoint_id), OnceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This form is not complete. Load the page again."))
        return redirect("webhook", endpoint_id)
    try:
        return _issued(request, form, lambda: subscriptions.rotate_secret(endpoint=endpoint, now=timezone.now()))
    except NewsforgeError as refusal:
        messages.error(request, told(refusal))
        return redirect("webhook", endpoint_id)


@by_form("webhooks")
def try_out(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Send an endpoint a message that means nothing."""
    endpoint = _endpoint(request, endpoint_id)
    try:
        subscriptions.send_test(endpoint=endpoint, now=timezone.now())
    except NewsforgeError as refusal:
        messages.error(request, told(refusal))
    else:
        audit.note(row=endpoint, text=TESTED)
        messages.success(request, _("A test message is on its way. Load the page again to see what came of it."))
    return redirect("webhook", endpoint_id)


@by_form("webhooks")
def switch(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Tell an endpoint nothing more, or again of what ends from now on (``on``)."""
    endpoint, on = _endpoint(request, endpoint_id), bool(request.POST.get("on"))
    subscriptions.change_endpoint(endpoint=endpoint, is_active=on, actor=user_of(request).email, now=timezone.now())
    messages.success(request, _("The endpoint is switched on.") if on else _("The endpoint is switched off."))
    return redirect("webhook", endpoint_id)


@by_form("webhooks")
def delete(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Forget an endpoint, its secret and its log."""
    subscriptions.delete_endpoint(endpoint=_endpoint(request, endpoint_id))
    messages.success(request, _("The endpoint is deleted."))
    return redirect("webhooks")


@by_form("webhooks")
def replay(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send a message once more."""
    try:
        found = delivery_of(user=user_of(request), delivery_id=delivery_id)
    except NotFound:
        raise Http404 from None
    try:
        subscriptions.replay(delivery=found, now=timezone.now())
    except NewsforgeError as refusal:
        messages.error(request, told(refusal))
    else:
        audit.note(row=found, text=SENT_AGAIN)
        messages.success(request, _("The message is sent again."))
    return redirect("webhook", found.endpoint_id)


def _endpoint(request: HttpRequest, endpoint_id: UUID) -> WebhookEndpoint:
    try:
        return endpoint_of(user=user_of(request), endpoint_id=endpoint_id)
    except NotFound:
        raise Http404 from None


def _issued(request: HttpRequest, form: OnceForm, act: Callable[[], Issued]) -> HttpResponse:
    """Show the secret; a message or a redirection would leave it in a cookie, a session or an address."""
    given = form.cleaned_data
    done = do_once(
        user=user_of(request),
        once=given["once"],
        path=request.path,
        asked=given,
        act=act,
        keep=_id_of,
    )
    if done.made is None:
        messages.warning(request, _("This secret was made and shown before. If you did not copy it, make a new one."))
        return redirect("webhook", UUID(done.kept))
    endpoint, secret = done.made
    return render(request, "web/webhook_issued.html", {"endpoint": endpoint, "secret": secret})


def _id_of(issued: Issued) -> str:
    return str(issued[0].pk)


def _page(request: HttpRequest, form: EndpointForm, *, status: int = 200) -> HttpResponse:
    found = endpoints_of(user=user_of(request)).order_by("-created_at", "-pk")
    return render(request, "web/webhooks.html", {"form": form, "endpoints": found}, status=status)
