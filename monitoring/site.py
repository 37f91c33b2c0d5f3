"""The administration as one site: who comes in, and what its first page shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import login


class ControlRoom(admin.AdminSite):
    """The site every model is registered with; ``django.contrib.admin.site`` is this one."""

    site_title = site_header = "NewsForge Pro"
    index_title = gettext_lazy("Control room")

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Put our own pages before those of the models."""
        from monitoring import ops_pages

        return [
            path("dashboard/", self.admin_view(self.dashboard), name="dashboard"),
            path("health/", self.admin_view(ops_pages.health_page), name="health"),
            path("charts/", self.admin_view(ops_pages.charts_page), name="charts"),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show how the service is, over the list of what there is."""
        return super().index(request, {**(extra_context or {}), "dashboard": self._dashboard(request)})

    def dashboard(self, request: HttpRequest) -> HttpResponse:
        """Return the part of the first page that changes."""
        return HttpResponse(self._dashboard(request))

    def _dashboard(self, request: HttpRequest) -> str:
        from monitoring.dashboard import fragment

        return fragment(user=request.user, now=timezone.now())

    def has_permission(self, request: HttpRequest) -> bool:
        """Let staff in, where it is asked for only with a second factor."""
        return super().has_permission(request) and not _lacks_factor(request)

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - the signature is Django's
    ) -> HttpResponse:
        """Send people to the one login page, staff without a second factor to set one up, and staff on their way.

        :raises PermissionDenied: if whoever is logged in is no staff.
        """
        if not request.user.is_authenticated:
            onward = request.GET.urlencode() or urlencode({REDIRECT_FIELD_NAME: reverse("admin:index")})
            return HttpResponseRedirect(f"{reverse('account_login')}?{onward}")
        if not super().has_permission(request):
            raise PermissionDenied
        if _lacks_factor(request):
            messages.warning(request, _("The administration needs a second factor: set up one of these first."))
            return HttpResponseRedirect(reverse("mfa_index"))
        return HttpResponseRedirect(reverse("admin:index"))


def _lacks_factor(request: HttpRequest) -> bool:
    """Look once a request: each of its pages asks several times."""
    if not settings.STAFF_MFA:
        return False
    known: dict[str, Any] = vars(request)
    if "lacks_factor" not in known:
        known["lacks_factor"] = not login.has_second_factor(user=request.user)  # type: ignore[arg-type] # staff are ours
    return bool(known["lacks_factor"])
