"""What is so at this moment: asked of the database, of Redis and of the kernel at every scrape, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily, Metric

from conversions import gate
from conversions.lineup import lineup
from conversions.selectors import backlog
from monitoring import heartbeats
from monitoring.metrics import processes
from monitoring.models import Heartbeat, Incident, Notification
from newsforge.lib.breaker import CircuitState


def families(*, now: datetime) -> Iterator[Metric]:
    """Yield every gauge.

    :raises django.db.Error: if the database does not answer.
    """
    beats = list(Heartbeat.objects.all())
    yield _one("newsforge_info", "Release that runs.", {"version": settings.VERSION}, 1)
    yield from _queue(now)
    yield _incidents()
    yield _silence(beats, now)
    yield from _circuits()
    yield from processes.families(beat for beat in beats if heartbeats.is_fresh(beat, now=now))


def _queue(now: datetime) -> Iterator[Metric]:
    waiting = backlog(now=now)
    depth = GaugeMetricFamily("newsforge_queue_depth", "Conversions not at their end.", labels=["state"])
    depth.add_metric(["pending"], waiting.pending)
    depth.add_metric(["processing"], waiting.processing)
    oldest = GaugeMetricFamily("newsforge_queue_oldest_seconds", "How long what is due has been.", labels=["queue"])
    oldest.add_metric(["conversions"], waiting.oldest_due_s)
    oldest.add_metric(["webhooks"], waiting.oldest_webhook_s)
    outbox = GaugeMetricFamily("newsforge_outbox_depth", "Messages that are due.", labels=["outbox"])
    outbox.add_metric(["webhooks"], waiting.webhooks)
    outbox.add_metric(["alerts"], Notification.objects.waiting(now=now).filter(due_at__lte=now).count())
    yield from (depth, oldest, outbox)


def _incidents() -> Metric:
    family = GaugeMetricFamily("newsforge_incidents_open", "Incidents that last.", labels=["kind", "severity"])
    for row in Incident.objects.filter(resolved_at=None).values("kind", "severity").annotate(count=Count("pk")):
        family.add_metric([row["kind"], row["severity"]], row["count"])
    return family


def _silence(beats: Iterable[Heartbeat], now: datetime) -> Metric:
    """Return how long nobody of a kind has said that it lives."""
    family = GaugeMetricFamily(
        "newsforge_heartbeat_age_seconds", "Since any process of a kind last said that it lives.", labels=["kind"]
    )
    last: dict[str, datetime] = {}
    for beat in beats:
        last[beat.kind] = max(beat.seen_at, last.get(beat.kind, beat.seen_at))
    for kind, at in sorted(last.items()):
        family.add_metric([kind], max(0.0, (now - at).total_seconds()))
    return family


def _circuits() -> Iterator[Metric]:
    """Yield the circuits as all processes see them; while Redis is away nobody does."""
    state = GaugeMetricFamily("newsforge_circuit_state", "1 for the state it is in.", labels=["provider", "state"])
    is_shared = True
    for place in lineup():
        view = gate.circuits().look(circuit=place.circuit)
        is_shared = is_shared and view.is_shared
        if view.is_shared:
            for each in CircuitState:
                state.add_metric([place.provider, each], int(view.state == each))
    yield state
    yield _one("newsforge_source_up", "Whether it told us what it knows.", {"source": "redis"}, int(is_shared))


def _one(name: str, text: str, labels: dict[str, str], value: float) -> Metric:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family
