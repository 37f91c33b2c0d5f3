"""The page of one request: its cards while they are written, and what may be done with each."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.web.visitor import user_of
from conversions.selectors import NotFound, answered, batch_of
from conversions.web.cards import Card, cards_of, progress_of

STOP_POLLING = 286
"""What htmx takes for "no more"."""


@require_safe
@login_required
@never_cache
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show the request's cards; the page asks for what changes while one is not at an end."""
    cards = cards_or_404(user_of(request), batch_id)
    article = cards[0].conversion.article
    context = {"batch_id": batch_id, "cards": cards, "article": article, "progress": progress_of(cards)}
    return render(request, "web/batch.html", context)


@require_safe
@login_required
@never_cache
def progress(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Send the cards that stand otherwise than the page says (``open``), and stop it when none will change."""
    cards = cards_or_404(user_of(request), batch_id)
    shown = set(request.GET.getlist("open"))
    ids = {mark.partition(":")[0] for mark in shown}
    changed = [card for card in cards if str(card.conversion.pk) in ids and card.mark not in shown]
    context = {"batch_id": batch_id, "cards": changed, "progress": progress_of(cards)}
    status = STOP_POLLING if all(card.is_final for card in cards) else 200
    return render(request, "web/progress.html", context, status=status)


def cards_or_404(user: User, batch_id: UUID) -> list[Card]:
    """Return the cards of a request of the user's.

    :raises Http404: if the user made no such request.
    """
    try:
        found = batch_of(user=user, batch_id=batch_id)
    except NotFound:
        raise Http404 from None
    return cards_of(found, answered=answered(conversions=found))
