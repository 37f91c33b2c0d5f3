"""The mails people get about their account, each sent while its request waits."""

from urllib.parse import urlsplit

from newsforge import env

_SERVER = env.mail_server("EMAIL_URL")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _SERVER.host
EMAIL_PORT = _SERVER.port
EMAIL_HOST_USER = _SERVER.user
EMAIL_HOST_PASSWORD = _SERVER.password
EMAIL_USE_TLS = _SERVER.scheme == "smtp+tls"
EMAIL_USE_SSL = _SERVER.scheme == "smtp+ssl"
EMAIL_TIMEOUT = 10
"""Seconds for each answer of the mail server's."""
DEFAULT_FROM_EMAIL = (
    env.text("DEFAULT_FROM_EMAIL")
    or f"NewsForge Pro <newsforge@{urlsplit(env.text('SITE_URL')).hostname or 'localhost'}>"
)
