"""The broker, the routes, the limits and every beat entry."""

from celery.schedules import schedule
from django.utils.translation import gettext_noop
from kombu import Queue

from newsforge import env

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL") or env.text("REDIS_URL") or "redis://127.0.0.1:1/0"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Seoul"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
"""In kB: a reading child that swallowed a huge page is replaced after its task."""

CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the hard limit and the longest countdown, or a task runs twice; the sweep recovers sooner.
    "visibility_timeout": 3600,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "health_check_interval": 25,
    # A door that cannot wake a worker says so in the log and answers: no tries for 4 s, no wait for a frozen broker.
    "max_retries": 0,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
}

CELERY_TASK_QUEUES = [Queue("reading"), Queue("writing"), Queue("sweeping")]
CELERY_TASK_DEFAULT_QUEUE = "writing"
CELERY_TASK_ROUTES = {
    "conversions.read_article": {"queue": "reading"},
    # What beat sends, by itself: behind a thousand posts a sweep would expire, and nothing would be taken back.
    "conversions.reap_stuck": {"queue": "sweeping"},
    "conversions.retry_webhooks": {"queue": "sweeping"},
    "conversions.remove_old_texts": {"queue": "sweeping"},
    "conversions.tally": {"queue": "sweeping"},
    "accounts.reset_quotas": {"queue": "sweeping"},
    "accounts.purge_idempotency": {"queue": "sweeping"},
    "accounts.forget_sessions": {"queue": "sweeping"},
    "monitoring.watch_sweep": {"queue": "sweeping"},
}

CELERY_BEAT_SCHEDULE = {
    # Each may run twice at once: every one of them tests and sets rows. A missed run is made up by the next.
    gettext_noop("take work back from dead workers"): {
        "task": "conversions.reap_stuck",
        "schedule": schedule(10),
        "options": {"expires": 10},
    },
    gettext_noop("send webhooks that are due"): {
        "task": "conversions.retry_webhooks",
        "schedule": schedule(10),
        "options": {"expires": 10},
    },
    gettext_noop("count the hours that are over"): {
        "task": "conversions.tally",
        "schedule": schedule(300),
        "options": {"expires": 300},
    },
    gettext_noop("start the new day of every time zone"): {
        "task": "accounts.reset_quotas",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    gettext_noop("see that the sweep lives"): {
        "task": "monitoring.watch_sweep",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    gettext_noop("forget old idempotency keys"): {
        "task": "accounts.purge_idempotency",
        "schedule": schedule(3600),
        "options": {"expires": 3600},
    },
    gettext_noop("forget sessions that are over"): {
        "task": "accounts.forget_sessions",
        "schedule": schedule(3600),
        "options": {"expires": 3600},
    },
    gettext_noop("remove old texts"): {
        "task": "conversions.remove_old_texts",
        "schedule": schedule(3600),
        "options": {"expires": 3600},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(env.home() / "beat-schedule")
