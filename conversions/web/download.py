"""A request's posts to take along: as text, as JSON, as a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.web.visitor import user_of
from conversions.enums import Status
from conversions.web.batch import cards_or_404
from conversions.web.cards import Card
from newsforge.lib.export import csv_response

FIELDS = ("target_platform", "title", "content_generated", "length", "limit", "content_language", "provider", "model")


def as_text(cards: list[Card]) -> str:
    """Return the posts under each other, each below its platform's name."""
    parts = ["\n".join(part for part in (f"[{card.name}]", card.conversion.title) if part) for card in cards]
    posts = [f"{part}\n\n{card.conversion.content_generated}" for part, card in zip(parts, cards, strict=True)]
    return "\n\n----------\n\n".join(posts) + "\n"


def as_json(cards: list[Card]) -> str:
    """Return the posts with their measures."""
    posts = [{name: getattr(card.conversion, name) for name in FIELDS} for card in cards]
    return json.dumps(posts, ensure_ascii=False, indent=2)


FORMATS: dict[str, tuple[str, Callable[[list[Card]], str]]] = {
    "txt": ("text/plain; charset=utf-8", as_text),
    "json": ("application/json", as_json),
}


@require_safe
@login_required
@never_cache
def download(request: HttpRequest, batch_id: UUID, form: str) -> HttpResponseBase:
    """Send the written posts of a request as a file."""
    if form not in {*FORMATS, "csv"}:
        raise Http404
    cards = cards_or_404(user_of(request), batch_id)
    written = [card for card in cards if card.conversion.status == Status.SUCCEEDED]
    name = f"newsforge-{str(batch_id)[:8]}"
    if form == "csv":
        lines = [[getattr(card.conversion, field) for field in FIELDS] for card in written]
        return csv_response(name=name, header=FIELDS, rows=lines)
    kind, build = FORMATS[form]
    return HttpResponse(
        build(written), content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    )
