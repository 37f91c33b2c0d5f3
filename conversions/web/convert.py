"""The first page: what this is to a stranger, and the form to who is logged in."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts import quota
from accounts.models import User
from accounts.selectors import keys_of
from accounts.web.once import do_once
from accounts.web.visitor import by_form, user_of
from conversions.enums import Platform
from conversions.selectors import conversions_of
from conversions.services import request_conversions
from conversions.web.cards import Card
from conversions.web.forms import ConvertForm
from conversions.web.names import PLATFORM_NAMES
from conversions.web.sample import sample
from conversions.web.sharing import shared
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told

RECENT = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the form, prefilled by a share or a bookmark, or to strangers what this is; nothing is sent by itself."""
    given = shared(request.GET)
    if request.user.is_authenticated:
        return _page(request, ConvertForm(initial={"source": given} if given else None))
    if given:
        return redirect_to_login(request.get_full_path())
    context = {
        "platforms": [PLATFORM_NAMES[platform] for platform in Platform],
        "sample": sample(get_language() or "en"),
        "signup_open": settings.SIGNUP_OPEN,
    }
    return render(request, "web/landing.html", context)


@by_form("home")
def convert(request: HttpRequest) -> HttpResponse:
    """Take a request on and lead to its page; what is wrong is said beside the form."""
    form = ConvertForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        return redirect("batch", batch_id=_request_once(user_of(request), form))
    except NewsforgeError as refusal:
        form.add_error(None, told(refusal))
        return _page(request, form, status=refusal.status_code)


def _request_once(user: User, form: ConvertForm) -> UUID:
    """Request the conversions, or find those the same form has requested before; return the batch's id."""
    done = do_once(
        user=user,
        once=form.cleaned_data["once"],
        path=reverse("convert"),
        asked=form.cleaned_data,
        act=lambda: request_conversions(
            user=user, source=form.source_given(), wishes=form.wishes_given(), now=timezone.now()
        ),
        keep=lambda made: str(made[0].batch_id),
    )
    return UUID(done.kept)


def _page(request: HttpRequest, form: ConvertForm, *, status: int = 200) -> HttpResponse:
    user = user_of(request)
    now = timezone.now()
    context = {
        "form": form,
        "standing": quota.standing(user=user, now=now),
        "has_key": keys_of(user=user).filter(is_active=True).exists(),
        "operator_writes": settings.OPERATOR_KEYS_FOR_TIER[user.subscription_tier]
        and any(each["api_key"] for each in settings.OPERATOR_PROVIDERS.values()),
        "recent": [Card(conversion=row) for row in conversions_of(user=user).order_by("-created_at", "-pk")[:RECENT]],
    }
    return render(request, "web/convert.html", context, status=status)
