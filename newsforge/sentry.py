"""Reports of unexpected errors: findable by our ids, without secrets, locals, bodies or addresses of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from newsforge.lib import redact
from newsforge.lib.error_id import NAME, error_id

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport
    from sentry_sdk.types import Breadcrumb, Event

TAGS = ("request_id", "task_id", "conversion_id")
"""What is bound to the log lines of a request or a task finds its report as well."""


SEVERAL_A_MINUTE = ["take work back from dead workers", "send webhooks that are due"]
"""Beat's entries Sentry cannot watch: its monitors count in minutes."""


def start(*, dsn: str, release: str, environment: str, transport: type[Transport] | None = None) -> None:
    """Report unexpected errors of requests and tasks to this DSN from now on; an empty one ends it.

    The SDK is imported here: it takes a fifth of a second, and most installations report nothing.
    """
    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.django import DjangoIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        transport=transport,
        # Exceptions are reported where they end; a log line about one would report it again.
        integrations=[
            DjangoIntegration(),
            CeleryIntegration(monitor_beat_tasks=True, exclude_beat_tasks=SEVERAL_A_MINUTE),
            LoggingIntegration(event_level=None),
        ],
        # Those of the providers' SDKs would send prompts, that of httpx addresses with their queries.
        auto_enabling_integrations=False,
        # Left alone, ``send_default_pii`` is off; to say so is deprecated.
        include_local_variables=False,
        max_request_body_size="never",
        # Threads of their own, for nothing we read.
        auto_session_tracking=False,
        enable_backpressure_handling=False,
        before_send=_without_secrets,
        before_breadcrumb=_crumb_without_secrets,
    )


def _without_secrets(event: Event, _hint: dict[str, Any]) -> Event:
    bound = structlog.contextvars.get_contextvars()
    tags = {NAME: error_id(), **{name: str(bound[name]) for name in TAGS if name in bound}}
    scrubbed: Event = redact.scrub(event)
    scrubbed["tags"] = {**dict(scrubbed.get("tags") or {}), **tags}
    return scrubbed


def _crumb_without_secrets(crumb: Breadcrumb, _hint: dict[str, Any]) -> Breadcrumb:
    scrubbed: Breadcrumb = redact.scrub(crumb)
    return scrubbed
