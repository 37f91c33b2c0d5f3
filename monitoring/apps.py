"""The app's place in the project."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from celery import signals
from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as django_admin
from django.contrib.admin import checks as django_admin_checks
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    """Monitoring."""

    name = "monitoring"
    verbose_name = _("Monitoring")

    def ready(self) -> None:
        """Let processes say that they live and what became of what beat sent, and what is changed be written down."""
        from monitoring import auditing, roles

        auditing.register()
        post_migrate.connect(roles.sync, sender=self, dispatch_uid="roles of the staff")
        signals.heartbeat_sent.connect(_turned, dispatch_uid="loop of a worker")
        signals.worker_ready.connect(_begin_worker, dispatch_uid="heartbeat of a worker")
        signals.beat_init.connect(_begin_beat, dispatch_uid="heartbeat of beat")
        signals.task_prerun.connect(_begin_task, dispatch_uid="begin of what beat sent")
        signals.task_postrun.connect(_end_task, dispatch_uid="end of what beat sent")


class SiteConfig(django_admin.SimpleAdminConfig):
    """Django's admin, on our own site.

    Its pages are imported with the site's addresses: workers and beat, which answer no request, do without.
    """

    default = False
    default_site = "monitoring.site.ControlRoom"

    def ready(self) -> None:
        """Register Django's checks of the admin; those of its pages begin with their import."""
        checks.register(django_admin_checks.check_dependencies, checks.Tags.admin)
        checks.register(_check_pages, checks.Tags.admin)


def _check_pages(app_configs: Any, **_: object) -> list[checks.CheckMessage]:
    import_module(settings.ROOT_URLCONF)
    return list(django_admin_checks.check_admin_app(app_configs))


def _turned(**_: object) -> None:
    from monitoring import heartbeats

    heartbeats.turned()


def _begin_worker(sender: Any, **_: object) -> None:
    from monitoring import heartbeats

    pulse = heartbeats.of_worker(sender)
    pulse.start()

    def stop(**_: object) -> None:
        pulse.stop()

    signals.worker_shutdown.connect(stop, weak=False)


def _begin_beat(sender: Any, **_: object) -> None:
    from monitoring import heartbeats

    heartbeats.of_beat(sender).start()


def _begin_task(task_id: str, task: Any, **_: object) -> None:
    from monitoring import schedule

    schedule.begin(task_id=task_id, task=task)


def _end_task(task_id: str, task: Any, retval: object, state: str, **_: object) -> None:
    from monitoring import schedule

    schedule.end(task_id=task_id, task=task, outcome=retval, state=state)
