"""Production: refuses to start on anything missing, TLS everywhere."""

from newsforge import env

for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "NEWSFORGE_ENCRYPTION_KEYS", "ALLOWED_HOSTS"):
    env.required(name)  # before the rest is read, which would make and keep the secrets that are missing

from newsforge.settings.base import *  # noqa: E402, F403 - settings modules are one namespace, cut into files

DATABASES["default"]["OPTIONS"].setdefault("options", "-c idle_in_transaction_session_timeout=60000")  # type: ignore[attr-defined] # noqa: F405 - of base
"""Milliseconds: a process that hangs amid a transaction gives its locks back. DATABASE_URL?options=… says otherwise."""

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = env.number("NEWSFORGE_HSTS_SECONDS")
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("NEWSFORGE_HSTS_SUBDOMAINS")
SECURE_HSTS_PRELOAD = env.flag("NEWSFORGE_HSTS_PRELOAD")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
"""From TRUSTED_PROXIES alone: ``newsforge.lib.client_address.scheme_from_proxies`` drops it from others."""
