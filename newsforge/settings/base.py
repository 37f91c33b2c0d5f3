"""What holds everywhere."""

import base64
import os
import secrets

import django_stubs_ext

from newsforge import __version__, env
from newsforge.settings.audit import *  # noqa: F403 - settings modules are one namespace, cut into files
from newsforge.settings.celery import *  # noqa: F403 - as above
from newsforge.settings.logging import *  # noqa: F403 - as above
from newsforge.settings.login import *  # noqa: F403 - as above
from newsforge.settings.mail import *  # noqa: F403 - as above
from newsforge.settings.rest import *  # noqa: F403 - as above
from newsforge.settings.security import *  # noqa: F403 - as above

django_stubs_ext.monkeypatch()

BASE_DIR = env.ROOT
VERSION = __version__
SITE_URL = env.text("SITE_URL").rstrip("/")
DEBUG = False
SECRET_KEY = env.kept_secret("SECRET_KEY", secrets.token_urlsafe(48))
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")
ROOT_URLCONF = "newsforge.urls"
WSGI_APPLICATION = "newsforge.wsgi.application"
ASGI_APPLICATION = "newsforge.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "monitoring.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_structlog",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "auditlog",
    "django_htmx",
    "accounts",
    "conversions",
    "monitoring",
]

MIDDLEWARE = [
    "monitoring.metrics.counting.requests",
    "newsforge.lib.answer_headers.everywhere",
    "monitoring.middleware.probes",
    "newsforge.lib.client_address.scheme_from_proxies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "newsforge.lib.pages.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "newsforge.lib.request_log.RequestLog",
    "allauth.account.middleware.AccountMiddleware",
    "newsforge.lib.audit.requests",
    "accounts.sessions.noted",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.i18n",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsforge.lib.pages.site",
            ],
            "libraries": {"retelling": "newsforge.lib.retelling"},
        },
    },
]

REDIS_URL = env.text("REDIS_URL")
DATABASES = {"default": {**env.database(), "ATOMIC_REQUESTS": False, "CONN_HEALTH_CHECKS": True}}
STATEMENT_SECONDS = env.number("NEWSFORGE_STATEMENT_SECONDS")
LOCK_SECONDS = env.number("NEWSFORGE_LOCK_SECONDS")
"""Of web and workers, ``newsforge.lib.database.bound_statements``."""
CACHES = {"default": {"BACKEND": "newsforge.lib.limits_cache.LimitsCache", "LOCATION": REDIS_URL}}

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Seoul"
FORMAT_MODULE_PATH = "newsforge.formats"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.text("NEWSFORGE_STATIC") or env.home() / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

# When the health page and the sweep call something degraded.
HOME = env.home()
CPU_WARNING_PERCENT = env.number("NEWSFORGE_CPU_WARNING")
MEMORY_WARNING_PERCENT = env.number("NEWSFORGE_MEMORY_WARNING")
DISK_WARNING_PERCENT = env.number("NEWSFORGE_DISK_WARNING")
QUEUE_WARNING_SECONDS = env.number("NEWSFORGE_QUEUE_WARNING")
HEALTH_TOKEN = env.text("NEWSFORGE_HEALTH_TOKEN")
METRICS_TOKEN = env.text("NEWSFORGE_METRICS_TOKEN")

# What the product itself can be told.
TIER_DAILY_QUOTA = {"free": 5, "pro": 100, "business": 1000}
CONVERSION_DEADLINE_SECONDS = env.number("NEWSFORGE_DEADLINE_SECONDS")
RETENTION_DAYS = env.number("NEWSFORGE_RETENTION_DAYS")
BURST_PER_MINUTE = env.number("NEWSFORGE_BURST_PER_MINUTE")
BURST_SIZE = env.number("NEWSFORGE_BURST_SIZE")
AI_LABEL = env.flag("NEWSFORGE_AI_LABEL")
FETCH_ALLOW = env.text("NEWSFORGE_FETCH_ALLOW")
FETCH_USER_AGENT = f"NewsForge/{__version__} (+{SITE_URL})"
PLATFORM_LIMITS = {
    "x": env.number("NEWSFORGE_X_LIMIT"),
    "mastodon": env.number("NEWSFORGE_MASTODON_LIMIT"),
    "youtube": env.number("NEWSFORGE_YOUTUBE_LIMIT"),
}
OPERATOR_PROVIDERS = {
    "openai": {
        "api_key": env.text("OPENAI_API_KEY"),
        "base_url": env.text("OPENAI_BASE_URL"),
        "model": env.text("OPENAI_MODEL"),
        "api": env.text("OPENAI_API"),
    },
    "anthropic": {
        "api_key": env.text("ANTHROPIC_API_KEY"),
        "base_url": env.text("ANTHROPIC_BASE_URL"),
        "model": env.text("ANTHROPIC_MODEL"),
        "api": "messages",
    },
}
OPERATOR_KEYS_FOR_TIER = {tier: tier in env.items("NEWSFORGE_OPERATOR_TIERS") for tier in TIER_DAILY_QUOTA}
CIRCUIT_FAILURES = max(env.number("NEWSFORGE_CIRCUIT_FAILURES"), 1)
CIRCUIT_WINDOW_SECONDS = max(env.number("NEWSFORGE_CIRCUIT_WINDOW"), 1)
CIRCUIT_RECOVERY_SECONDS = max(env.number("NEWSFORGE_CIRCUIT_RECOVERY"), 1)
OPERATOR_MONTHLY_BUDGET_USD = env.dollars("NEWSFORGE_OPERATOR_BUDGET_USD")
ENCRYPTION_KEYS = env.items("NEWSFORGE_ENCRYPTION_KEYS") or [
    env.kept_secret("NEWSFORGE_ENCRYPTION_KEYS", "k1:" + base64.urlsafe_b64encode(os.urandom(32)).decode())
]
ALERT_URLS = env.addresses("NEWSFORGE_ALERT_URLS")
ALERT_ALLOW = env.text("NEWSFORGE_ALERT_ALLOW")
ALERT_MINIMUM_SEVERITY = env.one_of("NEWSFORGE_ALERT_MINIMUM", ("critical", "warning"))
ALERT_COOLDOWN_SECONDS = env.number("NEWSFORGE_ALERT_COOLDOWN_MINUTES") * 60
ALERT_ESCALATE_SECONDS = env.number("NEWSFORGE_ALERT_ESCALATE_MINUTES") * 60
ALERT_DIGEST_HOUR = min(env.number("NEWSFORGE_ALERT_DIGEST_HOUR"), 23)
