"""Ask the providers how they are, for free, and keep how everything we depend on was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from conversions import provider_keys
from conversions.enums import KeyVerdict
from monitoring.enums import State
from monitoring.health import PROVIDERS, Condition
from monitoring.models import Dependency
from newsforge.lib.sentences import stored

NOT_IN_USE = stored("Not in use: nobody has a key for it.")

LONGEST_DETAIL = 500


def probe_providers(*, now: datetime) -> None:
    """Ask each provider and keep its answer; nothing is asked of one nobody has a key for."""
    keep({name: _probe(name.removesuffix("_api")) for name in PROVIDERS}, now=now)


def try_circuits(*, now: datetime) -> None:
    """Ask providers whose circuit may be tried again, so that no conversion has to be the one that finds out."""
    for name in PROVIDERS:
        provider_keys.try_circuit(provider=name.removesuffix("_api"), now=now)


def keep(seen: Mapping[str, Condition], *, now: datetime) -> None:
    """Keep conditions by name, and since when each is as it is."""
    before = Dependency.objects.in_bulk(list(seen))
    rows = [
        Dependency(
            name=name, status=condition.status, since=_since(before.get(name), condition, now), checked_at=now,
            latency_ms=condition.latency_ms, detail=condition.detail[:LONGEST_DETAIL],
        )
        for name, condition in seen.items()
    ]  # fmt: skip
    kept = ["status", "since", "checked_at", "latency_ms", "detail"]
    Dependency.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=kept)


def _since(before: Dependency | None, condition: Condition, now: datetime) -> datetime:
    return before.since if before is not None and before.status == condition.status else now


def _probe(provider: str) -> Condition:
    found = provider_keys.probe(provider=provider)
    if found is None:
        return Condition(status=State.HEALTHY, detail=NOT_IN_USE)
    status = {
        KeyVerdict.ACCEPTED: State.HEALTHY,
        KeyVerdict.REFUSED: State.DEGRADED,
        KeyVerdict.UNTESTED: State.UNHEALTHY,
    }
    detail = found.failure.detail if found.failure else ""
    return Condition(status=status[found.verdict], latency_ms=found.latency_ms, detail=detail)
