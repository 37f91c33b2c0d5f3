"""The administration as one site: who comes in, and what its first page shows."""

from __future__ import annotations

from django.contrib import admin


class ControlRoom(admin.AdminSite):
    """The site every model is registered with; ``django.contrib.admin.site`` is this one."""

    site_title = site_header = "NewsForge Pro"
