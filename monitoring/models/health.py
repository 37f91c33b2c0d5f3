"""Who is alive, and how the things we depend on were when they were last looked at."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from monitoring.enums import State
from newsforge.lib.database import choices, not_negative, one_of


class Heartbeat(models.Model):
    """One process that says every few seconds that it lives: ``beat@host``, ``sweep@host``, ``writing-1@host``, …."""

    name = models.CharField(_("process"), max_length=200, primary_key=True)
    kind = models.CharField(_("kind"), max_length=40)
    """``beat``, ``sweep``, ``web``, or the queue a worker takes from."""
    seen_at = models.DateTimeField(_("seen"), default=timezone.now, db_default=Now())
    started_at = models.DateTimeField(_("started"), default=timezone.now, db_default=Now())
    details = models.JSONField(_("details"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True)

    class Meta:
        db_table = "heartbeats"
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        indexes = [models.Index(fields=["kind", "-seen_at"], name="idx_heartbeats_kind_seen")]

    def __str__(self) -> str:
        return self.name


class Dependency(models.Model):
    """How one thing we depend on was when the sweep last looked, by host where it differs between hosts."""

    name = models.CharField(_("name"), max_length=200, primary_key=True)
    status = models.CharField(_("status"), max_length=10, choices=choices(State))
    since = models.DateTimeField(_("since"), default=timezone.now, db_default=Now())
    """When it came to be so."""
    checked_at = models.DateTimeField(_("checked"), default=timezone.now, db_default=Now())
    latency_ms = models.PositiveIntegerField(_("latency (ms)"), null=True)
    detail = models.CharField(_("detail"), max_length=500, default="", db_default="", blank=True)

    class Meta:
        db_table = "dependencies"
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        constraints = [one_of("status", State, "dependencies_status_known")]

    def __str__(self) -> str:
        return f"{self.name}: {self.status}"


class BeatRun(models.Model):
    """The last run of one task that beat sends, as the worker that ran it saw it."""

    task = models.CharField(_("task"), max_length=200, primary_key=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now, db_default=Now())
    took_ms = models.IntegerField(_("duration (ms)"), default=0, db_default=0)
    error = models.CharField(_("error"), max_length=200, default="", db_default="", blank=True)
    """The class of what it raised; empty if it went well."""
    succeeded_at = models.DateTimeField(_("last success"), null=True)

    class Meta:
        db_table = "beat_runs"
        verbose_name = _("run of a scheduled task")
        verbose_name_plural = _("runs of scheduled tasks")
        constraints = [not_negative("took_ms", name="beat_runs_not_negative")]

    def __str__(self) -> str:
        return self.task
