"""Taking one's data along, and leaving."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.web.visitor import user_of
from conversions import departure, own_data
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import told


class LeaveForm(forms.Form):
    """The last question."""

    sure = forms.BooleanField(label=gettext_lazy("Yes, delete my account and everything in it. It cannot be undone."))


@require_safe
@login_required
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator] # the package has no types
def export(request: HttpRequest) -> HttpResponse:
    """Say what the file holds."""
    return render(request, "web/export.html")


@require_safe
@login_required
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator] # as above
def export_file(request: HttpRequest) -> StreamingHttpResponse:
    """Send everything stored about the user as one file, written while it is read."""
    now = timezone.now()
    answer = StreamingHttpResponse(
        own_data.export(user=user_of(request), now=now), content_type="application/json; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="newsforge-{now:%Y-%m-%d}.json"'
    return answer


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator] # as above
def delete_account(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays; delete the account of whoever is sure."""
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = user_of(request).email
        try:
            is_done = departure.delete_account(user=user_of(request), now=timezone.now())
        except NewsforgeError as refusal:
            form.add_error(None, told(refusal))
            return render(request, "web/delete_account.html", {"form": form}, status=refusal.status_code)
        logout(request)
        if is_done:
            get_adapter().send_mail("account/email/account_deleted", email, {})
        messages.success(request, _("Your account is deleted."))
        return redirect("home")
    status = 422 if form.is_bound else 200
    return render(request, "web/delete_account.html", {"form": form}, status=status)
