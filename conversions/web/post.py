"""What people do with one post: edit, bring back, write again, cancel, count, take along."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.web.once import OnceForm, do_once
from accounts.web.visitor import by_form, user_of
from conversions import services
from conversions.editing import LONGEST, edit_post, measure, restore_version
from conversions.enums import Platform
from conversions.models import Conversion
from conversions.selectors import NotFound, conversion_of, versions_of
from conversions.web.cards import Card
from conversions.web.forms import EditForm
from conversions.web.names import PROVIDER_NAMES
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told

UNPROCESSABLE = 422


@by_form("history")
def edit(request: HttpRequest, conversion_id: UUID) -> HttpResponse:
    """Save another text; one that cannot be saved comes back as it was typed, with what is wrong."""
    found, form = _conversion(request, conversion_id), EditForm(request.POST)
    if not form.is_valid():
        return _again(request, found, _("This form is not complete. Load the page again."), status=UNPROCESSABLE)
    try:
        edit_post(
            conversion=found,
            text=form.cleaned_data["text"],
            title=form.cleaned_data["title"] or None,
            seen=form.cleaned_data["version"],
            actor=user_of(request).email,
            now=timezone.now(),
        )
    except NewsforgeError as refusal:
        return _again(request, found, told(refusal), status=refusal.status_code)
    messages.success(request, _("The post is saved."))
    return _back(found)


@by_form("history")
def restore(request: HttpRequest, conversion_id: UUID, number: int) -> HttpResponse:
    """Make an older text the post again."""
    found = _conversion(request, conversion_id)
    version = next((each for each in versions_of(conversion=found) if each.number == number), None)
    if version is None:
        raise Http404
    actor, now = user_of(request).email, timezone.now()
    return _do(request, found, lambda: restore_version(version=version, seen=None, actor=actor, now=now))


@by_form("history")
def write_again(request: HttpRequest, conversion_id: UUID) -> HttpResponse:
    """Write the post of this platform once more: a failed one in its place, a written one beside it."""
    found, form, user = _conversion(request, conversion_id), OnceForm(request.POST), user_of(request)
    if not form.is_valid():
        messages.error(request, _("This form is not complete. Load the page again."))
        return _back(found)
    once, path, now = form.cleaned_data["once"], request.path, timezone.now()
    service = services.regenerate_conversion if found.status == "succeeded" else services.retry_conversion

    def act() -> Conversion:
        return service(conversion=found, actor=user.email, now=now)

    return _do(request, found, lambda: do_once(user=user, once=once, path=path, asked=None, act=act))


@by_form("history")
def cancel(request: HttpRequest, conversion_id: UUID) -> HttpResponse:
    """Stop a conversion that is not at an end."""
    found = _conversion(request, conversion_id)
    actor, now = user_of(request).email, timezone.now()
    return _do(request, found, lambda: services.cancel_conversion(conversion=found, actor=actor, now=now))


@require_safe
@login_required
@never_cache
def versions(request: HttpRequest, conversion_id: UUID) -> HttpResponse:
    """Show every text the post had."""
    found = _conversion(request, conversion_id)
    written = [(each, PROVIDER_NAMES.get(each.author, each.author)) for each in versions_of(conversion=found)]
    context = {"card": Card(conversion=found), "versions": written}
    return render(request, "web/versions.html", context)


@by_form("history")
def count(request: HttpRequest, platform: str) -> HttpResponse:
    """Count a text as the platform does, while it is typed."""
    if platform not in set(Platform):
        raise Http404
    found = measure(
        platform=Platform(platform), text=request.POST.get("text", "")[:LONGEST], title=request.POST.get("title", "")
    )
    return render(request, "web/counter.html", {"measure": found})


def _conversion(request: HttpRequest, conversion_id: UUID) -> Conversion:
    try:
        return conversion_of(user=user_of(request), conversion_id=conversion_id)
    except NotFound:
        raise Http404 from None


def _do(request: HttpRequest, conversion: Conversion, service: Callable[[], object]) -> HttpResponse:
    try:
        service()
    except NewsforgeError as refusal:
        messages.error(request, told(refusal))
    return _back(conversion)


def _back(conversion: Conversion) -> HttpResponse:
    return redirect(f"{reverse('batch', args=[conversion.batch_id])}#{conversion.target_platform}")


def _again(request: HttpRequest, conversion: Conversion, problem: str, *, status: int) -> HttpResponse:
    """Show the editor by itself with what was typed."""
    typed = request.POST.get("text", "")
    conversion.content_generated, conversion.title = typed, request.POST.get("title", "")
    card = Card(conversion=conversion)
    context = {"card": card, "problem": problem, "measure": measure(platform=card.platform, text=typed[:LONGEST])}
    return render(request, "web/edit.html", context, status=status)
