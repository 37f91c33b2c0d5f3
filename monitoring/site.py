"""The administration as one site: who comes in, and what its first page shows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ControlRoom(admin.AdminSite):
    """The site every model is registered with; ``django.contrib.admin.site`` is this one."""

    site_title = site_header = "NewsForge Pro"
    index_title = _("Control room")

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
