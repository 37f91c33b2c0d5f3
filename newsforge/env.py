"""The typed environment: every variable the product reads, its type, its default and what it is for.

A secret may come as ``NAME_FILE``, the path of a file that holds it. A missing or malformed value stops the start
with a sentence.
"""

from __future__ import annotations

import os
import re
from decimal import Decimal, InvalidOperation
from ipaddress import ip_network
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent


class Variable(NamedTuple):
    """One row of the configuration table."""

    cast: type
    default: object
    meaning: str


class MailServer(NamedTuple):
    """Who takes mails, and how to log in to it."""

    scheme: str
    host: str
    port: int
    user: str
    password: str


MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}

TABLE: dict[str, Variable] = {
    "SECRET_KEY": Variable(str, "", "Signs sessions and tokens. Required in production; made and kept otherwise."),
    "DATABASE_URL": Variable(str, "", "postgres://… ; unset: an embedded PostgreSQL under NEWSFORGE_HOME."),
    "REDIS_URL": Variable(str, "", "redis://… ; unset: an embedded Valkey under NEWSFORGE_HOME."),
    "CELERY_BROKER_URL": Variable(str, "", "Broker of the queue; unset: REDIS_URL."),
    "ALLOWED_HOSTS": Variable(list, ["localhost", "127.0.0.1", "[::1]"], "Host names this site answers to."),
    "CSRF_TRUSTED_ORIGINS": Variable(
        list, [], "Origins behind a proxy that may post forms, e.g. https://news.example."
    ),
    "SITE_URL": Variable(
        str, "http://127.0.0.1:8000", "Where people reach the site; links in mails and problem types."
    ),
    "NEWSFORGE_HOME": Variable(str, str(ROOT / "var"), "Where state lives: servers' data, logs, first login."),
    "NEWSFORGE_STATIC": Variable(str, "", "Folder of the collected static files; unset: static in NEWSFORGE_HOME."),
    "NEWSFORGE_ENCRYPTION_KEYS": Variable(
        list,
        [],
        "Key ring for provider keys, id:key newest first. Required in production; made and kept otherwise.",
    ),
    "NEWSFORGE_FETCH_ALLOW": Variable(str, "", "host:port,… that may be fetched although private. Local use only."),
    "NEWSFORGE_AI_LABEL": Variable(bool, True, "Put the visible AI label into posts a model wrote."),
    "NEWSFORGE_DB_POOL": Variable(int, 10, "Database connections one process may hold at most."),
    "NEWSFORGE_STATEMENT_SECONDS": Variable(
        int, 30, "Seconds one SQL statement of web and workers may take; 0: no bound. Commands have none."
    ),
    "NEWSFORGE_LOCK_SECONDS": Variable(int, 10, "Seconds it may wait for a lock somebody else holds; 0: no bound."),
    "NEWSFORGE_DEADLINE_SECONDS": Variable(int, 120, "Wall time one conversion may take, retries included."),
    "NEWSFORGE_RETENTION_DAYS": Variable(int, 90, "Days until the texts of articles and posts are removed."),
    "NEWSFORGE_BURST_PER_MINUTE": Variable(int, 120, "Requests a minute one access token may make for long."),
    "NEWSFORGE_BURST_SIZE": Variable(int, 60, "Requests one access token may make at once."),
    "NEWSFORGE_MASTODON_LIMIT": Variable(int, 500, "Characters the Mastodon instance in use allows."),
    "NEWSFORGE_X_LIMIT": Variable(int, 280, "Weighted characters the X account in use may post (Premium: 25000)."),
    "NEWSFORGE_YOUTUBE_LIMIT": Variable(int, 1000, "Characters of a YouTube community post; YouTube publishes none."),
    "OPENAI_API_KEY": Variable(str, "", "The operator's own OpenAI key."),
    "OPENAI_BASE_URL": Variable(str, "", "Another OpenAI-compatible server."),
    "OPENAI_MODEL": Variable(str, "gpt-6-luna", "Model asked through OpenAI."),
    "OPENAI_API": Variable(str, "responses", "responses, or chat for servers that know only chat completions."),
    "ANTHROPIC_API_KEY": Variable(str, "", "The operator's own Anthropic key."),
    "ANTHROPIC_BASE_URL": Variable(str, "", "Another Anthropic-compatible server."),
    "ANTHROPIC_MODEL": Variable(str, "claude-haiku-5-5", "Model asked through Anthropic."),
    "NEWSFORGE_OPERATOR_TIERS": Variable(
        list, ["free", "pro", "business"], "Tiers whose users may be served with the operator's own keys."
    ),
    "NEWSFORGE_CIRCUIT_FAILURES": Variable(int, 3, "Failures of a provider after which nobody asks it for a while."),
    "NEWSFORGE_CIRCUIT_WINDOW": Variable(int, 60, "Seconds within which they count together."),
    "NEWSFORGE_CIRCUIT_RECOVERY": Variable(int, 30, "Seconds until one call may try whether it is well again."),
    "NEWSFORGE_OPERATOR_BUDGET_USD": Variable(str, "", "The operator's keys' cost a month; unset: no bound."),
    "NEWSFORGE_HEALTH_TOKEN": Variable(str, "", "Bearer token that sees the details of /health/; unset: staff alone."),
    "NEWSFORGE_STAFF_MFA": Variable(
        bool, True, "Staff need a second factor before the administration opens. Off on a developer's machine."
    ),
    "NEWSFORGE_SIGNUP_OPEN": Variable(bool, False, "People may make accounts themselves."),
    "EMAIL_URL": Variable(
        str,
        "smtp://localhost:25",
        "Mail server for mails to people: smtp+tls://user:password@host:587 (STARTTLS), smtp+ssl://…:465 or smtp://….",
    ),
    "DEFAULT_FROM_EMAIL": Variable(str, "", "Who those mails are from; unset: newsforge@ the host of SITE_URL."),
    "NEWSFORGE_TRUSTED_PROXIES": Variable(
        list, ["127.0.0.1", "::1"], "Addresses or networks of proxies whose X-Forwarded-For and -Proto are believed."
    ),
    "NEWSFORGE_HSTS_SECONDS": Variable(int, 31_536_000, "Seconds browsers come by TLS alone after one visit; a year."),
    "NEWSFORGE_HSTS_SUBDOMAINS": Variable(bool, True, "So do they with every name below the site's."),
    "NEWSFORGE_HSTS_PRELOAD": Variable(bool, True, "The site may stand in browsers' own list of such names."),
    "NEWSFORGE_METRICS_TOKEN": Variable(str, "", "Bearer token for /metrics; unset: private networks alone."),
    "NEWSFORGE_CPU_WARNING": Variable(int, 80, "Percent of CPU over minutes from which staff are warned."),
    "NEWSFORGE_MEMORY_WARNING": Variable(int, 85, "Percent of memory from which staff are warned."),
    "NEWSFORGE_DISK_WARNING": Variable(
        int, 90, "Percent of the disk under NEWSFORGE_HOME from which staff are warned."
    ),
    "NEWSFORGE_QUEUE_WARNING": Variable(int, 60, "Seconds a job may wait for a worker before staff are warned."),
    "NEWSFORGE_ALERT_URLS": Variable(
        str, "", "Where alerts go: mailto://…, slack://… or what else Apprise knows, separated by spaces."
    ),
    "NEWSFORGE_ALERT_ALLOW": Variable(str, "", "host:port,… that channels of the admin may use although private."),
    "NEWSFORGE_ALERT_MINIMUM": Variable(str, "critical", "What those are told at once: critical or warning."),
    "NEWSFORGE_ALERT_COOLDOWN_MINUTES": Variable(int, 15, "Minutes between two alerts about the same thing."),
    "NEWSFORGE_ALERT_ESCALATE_MINUTES": Variable(int, 15, "Minutes an alert waits for somebody; 0: no escalation."),
    "NEWSFORGE_ALERT_DIGEST_HOUR": Variable(int, 9, "Hour of the day (Asia/Seoul) of the digest of warnings."),
    "LOG_LEVEL": Variable(str, "INFO", "Lowest level that is logged."),
    "SENTRY_DSN": Variable(str, "", "Where unexpected errors are reported; unset: nowhere."),
    "SENTRY_ENVIRONMENT": Variable(str, "production", "What reports call this installation."),
}

SECRETS = frozenset(
    {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "NEWSFORGE_ENCRYPTION_KEYS", "OPENAI_API_KEY",
     "ANTHROPIC_API_KEY", "SENTRY_DSN", "NEWSFORGE_HEALTH_TOKEN", "NEWSFORGE_METRICS_TOKEN", "NEWSFORGE_ALERT_URLS",
     "EMAIL_URL"}
)  # fmt: skip
"""Those the configuration page marks: they better come from a file."""

_environ = environ.FileAwareEnv()


def read(name: str) -> object:
    """Return the variable's value in its type, or its default when unset or empty.

    :raises ImproperlyConfigured: if the value does not have the type the table names.
    """
    variable = TABLE[name]
    if not is_set(name):
        return variable.default
    try:
        return _environ.get_value(name, cast=variable.cast)
    except (ValueError, OSError) as exc:
        msg = f"{name} must be of type {variable.cast.__name__}: {variable.meaning}"
        raise ImproperlyConfigured(msg) from exc


def text(name: str) -> str:
    """Return a variable of type str."""
    return str(read(name))


def number(name: str) -> int:
    """Return a variable of type int."""
    value = read(name)
    if not isinstance(value, int) or value < 0:
        msg = f"{name} must be a number of 0 or more."
        raise ImproperlyConfigured(msg)
    return value


def dollars(name: str) -> Decimal | None:
    """Return an amount of USD, or None when unset."""
    value = text(name)
    try:
        return Decimal(value) if value else None
    except InvalidOperation:
        msg = f"{name} must be an amount such as 250.00."
        raise ImproperlyConfigured(msg) from None


def flag(name: str) -> bool:
    """Return a variable of type bool."""
    return bool(read(name))


def is_set(name: str) -> bool:
    """Tell whether the environment says anything about a variable."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def items(name: str) -> list[str]:
    """Return a variable of type list, split at commas."""
    value = read(name)
    return [str(item).strip() for item in value if str(item).strip()] if isinstance(value, list) else []


def addresses(name: str) -> list[str]:
    """Return a variable's addresses, split at spaces, and at commas an address begins after: some hold commas."""
    return [each for each in re.split(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)|\s+", text(name).strip()) if each]


def networks(name: str) -> list[str]:
    """Return a variable that lists addresses and networks, such as 10.0.0.0/8.

    :raises ImproperlyConfigured: if one of them is neither.
    """
    named = items(name)
    for each in named:
        try:
            ip_network(each, strict=False)
        except ValueError as exc:
            msg = f"{name} must list addresses or networks such as 10.0.0.0/8; this is neither: {each}"
            raise ImproperlyConfigured(msg) from exc
    return named


def mail_server(name: str) -> MailServer:
    """Return a variable that names a mail server.

    :raises ImproperlyConfigured: if it does not.
    """
    url = urlsplit(text(name))
    try:
        port = url.port or MAIL_PORTS[url.scheme]
    except (KeyError, ValueError):
        port = 0
    if not url.hostname or not port:
        msg = f"{name} must name a mail server such as smtp+tls://user:password@mail.example:587."
        raise ImproperlyConfigured(msg)
    return MailServer(url.scheme, url.hostname, port, unquote(url.username or ""), unquote(url.password or ""))


def one_of(name: str, allowed: tuple[str, ...]) -> str:
    """Return a variable that has one of a few values.

    :raises ImproperlyConfigured: if it has another.
    """
    value = text(name)
    if value not in allowed:
        msg = f"{name} must be one of: {', '.join(allowed)}."
        raise ImproperlyConfigured(msg)
    return value


def required(name: str) -> str:
    """Return a variable that must be set.

    :raises ImproperlyConfigured: if it is not.
    """
    value = os.environ.get(name) or (text(name) if os.environ.get(f"{name}_FILE") else "")
    if not value:
        msg = f"{name} is not set. {TABLE[name].meaning}"
        raise ImproperlyConfigured(msg)
    return value


def home() -> Path:
    """Return the folder that holds the state."""
    return Path(text("NEWSFORGE_HOME"))


def kept_secret(name: str, make: str) -> str:
    """Return the secret from the environment, or one made once and kept in the home, readable by its owner only."""
    if is_set(name):
        return required(name)
    path = home() / "secrets" / name.lower()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(make)
    return make


def database() -> dict[str, object]:
    """Return Django's settings of DATABASE_URL; without one, an address that refuses, so that only its users fail."""
    facts = dict(_environ.db_url_config(text("DATABASE_URL") or "postgres://unset@127.0.0.1:1/unset"))
    # A pool that has given up tries at once for whoever asks next; psycopg's own 300 s double the length of an outage.
    pool = {"min_size": 1, "max_size": number("NEWSFORGE_DB_POOL"), "timeout": 10, "reconnect_timeout": 5}
    # For the cursors of ``newsforge.lib.rows`` alone: Django's own never prepare.
    options = {"prepare_threshold": 2, **facts.get("OPTIONS", {}), "pool": pool}
    return {**facts, "OPTIONS": options}
