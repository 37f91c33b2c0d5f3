"""Keys at the providers: added, tested, switched off and on, deleted; never shown."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.models import ApiKey
from accounts.selectors import keys_of
from accounts.web.once import do_once
from accounts.web.visitor import by_form, user_of
from conversions import provider_keys
from conversions.enums import KeyVerdict, Provider
from conversions.pipeline.providers.errors import ProviderFailure
from conversions.provider_keys import Check
from conversions.selectors import NotFound
from conversions.web.key_forms import KeyForm
from conversions.web.names import PROVIDER_NAMES
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import advice_of, title_of, told

UNPROCESSABLE = 422


@dataclass(frozen=True)
class Line:
    """One key as the page shows it."""

    key: ApiKey

    @property
    def provider(self) -> str:
        """Return whose key it is."""
        return str(PROVIDER_NAMES[Provider(self.key.provider)])

    @property
    def stage(self) -> str:
        """Return how it stands: disabled, failed, succeeded, or untested."""
        if not self.key.is_active:
            return "cancelled"
        if self.key.status_reason:
            return "failed"
        return "succeeded" if self.key.accepted_at else "untested"

    @property
    def words(self) -> str:
        """Return how it stands in words."""
        return {
            "cancelled": _("disabled"),
            "failed": _("needs attention"),
            "succeeded": _("works"),
            "untested": _("not tested yet"),
        }[self.stage]

    @property
    def why(self) -> str:
        """Return what is wrong with it."""
        return title_of(code=self.key.status_reason)

    @property
    def what(self) -> str:
        """Return what to do about it."""
        return advice_of(code=self.key.status_reason, provider=self.provider, model=_("the model"))


@require_safe
@login_required
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys by their ends."""
    return _page(request, KeyForm())


@sensitive_post_parameters("key")
@by_form("keys")
def add(request: HttpRequest) -> HttpResponse:
    """Test a key and store it; what is wrong with it is said at the form, which comes back without it."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    given, user = form.cleaned_data, user_of(request)
    try:
        done = do_once(
            user=user,
            once=given["once"],
            path=request.path,
            asked=given,
            act=lambda: provider_keys.add_key(
                user=user,
                name=given["name"],
                provider=given["provider"],
                plaintext=given["key"],
                insist=given["store_anyway"],
                now=timezone.now(),
            ),
        )
    except NewsforgeError as refusal:
        form.add_error("key" if isinstance(refusal, ProviderFailure) else None, told(refusal))
        if isinstance(refusal, ProviderFailure):
            form.add_error("key", _("The key is not stored."))
        return _page(request, form, status=refusal.status_code)
    if done.made is not None:
        _say(request, done.made[1], stored=True)
    return redirect("keys")


@by_form("keys")
def test(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Ask the provider, for free, whether it takes the key."""
    key = _key(request, key_id)
    try:
        _say(request, provider_keys.check_key(key=key, now=timezone.now()), stored=False)
    except NewsforgeError as refusal:
        messages.error(request, told(refusal))
    return redirect("keys")


@by_form("keys")
def switch(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Take a key out of use, or back into it (``on``)."""
    on = bool(request.POST.get("on"))
    key = provider_keys.change_key(key=_key(request, key_id), is_active=on)
    said = _("The key “%(name)s” is in use.") if on else _("The key “%(name)s” is not used any more.")
    messages.success(request, said % {"name": key.key_name})
    return redirect("keys")


@by_form("keys")
def delete(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Forget a key."""
    key = _key(request, key_id)
    provider_keys.delete_key(key=key)
    messages.success(request, _("The key “%(name)s” is deleted.") % {"name": key.key_name})
    return redirect("keys")


def _key(request: HttpRequest, key_id: UUID) -> ApiKey:
    try:
        return provider_keys.key_of(user=user_of(request), key_id=key_id)
    except NotFound:
        raise Http404 from None


def _say(request: HttpRequest, found: Check, *, stored: bool) -> None:
    """Say what the provider said."""
    said = [_("The key is stored.")] if stored else []
    if found.failure is None:
        level, what = messages.SUCCESS, _("The provider accepts the key.")
    elif found.verdict == KeyVerdict.UNTESTED:
        level, what = messages.WARNING, _("It could not be tested: %(why)s") % {"why": told(found.failure)}
    else:
        level, what = messages.ERROR, told(found.failure)
    messages.add_message(request, level, " ".join([*said, what]))


def _page(request: HttpRequest, form: KeyForm, *, status: int = 200) -> HttpResponse:
    found = keys_of(user=user_of(request)).order_by("-created_at", "-pk")
    return render(request, "web/keys.html", {"form": form, "lines": [Line(key) for key in found]}, status=status)
