"""What beat runs for monitoring: it watches the one who watches."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from monitoring import alerts, incidents
from monitoring.enums import IncidentKind, Severity
from monitoring.models import Heartbeat
from newsforge.lib.sentences import stored

NO_SWEEP = stored("No sweep lives: nobody looks after the service. Start `manage.py sweep`.")
SWEEPING = stored("A sweep lives again.")

SILENT = timedelta(minutes=3)
FINGERPRINT = "watch/sweep"


@shared_task(base=DjangoTask, name="monitoring.watch_sweep")
def watch_sweep(**_: object) -> None:
    """Raise an incident while no sweep lives, and send what it would have sent."""
    now = timezone.now()
    if Heartbeat.objects.filter(kind="sweep", seen_at__gte=now - SILENT).exists():
        incidents.resolve(fingerprint=FINGERPRINT, now=now, how=SWEEPING)
        return
    incidents.report(
        kind=IncidentKind.SWEEP,
        fingerprint=FINGERPRINT,
        severity=Severity.CRITICAL,
        summary=NO_SWEEP,
        details={},
        now=now,
    )
    from monitoring import sweep  # noqa: F401 - what it keeps is told now; a worker that need not goes without it

    alerts.send_due(now=now)
