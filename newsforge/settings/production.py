"""Production: refuses to start on anything missing, TLS everywhere."""

from newsforge import env
from newsforge.settings.base import *  # noqa: F403 - settings modules are one namespace, cut into files

SECRET_KEY = env.required("SECRET_KEY")
env.required("DATABASE_URL")
env.required("REDIS_URL")
env.required("NEWSFORGE_ENCRYPTION_KEYS")
env.required("ALLOWED_HOSTS")

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
"""From TRUSTED_PROXIES alone: ``newsforge.lib.client_address.scheme_from_proxies`` drops it from others."""
