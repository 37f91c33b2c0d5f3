"""A developer's machine and `make run`: embedded servers, kept secrets, no TLS."""

from newsforge import env
from newsforge.settings.base import *  # noqa: F403 - settings modules are one namespace, cut into files

DEBUG = False
if not env.is_set("EMAIL_URL"):
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
STAFF_MFA = env.is_set("NEWSFORGE_STAFF_MFA") and env.flag("NEWSFORGE_STAFF_MFA")
"""Whoever tries the product logs in with the password it prints; `NEWSFORGE_STAFF_MFA=1` shows what production asks."""
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
"""Security keys without TLS; browsers allow that on localhost alone."""
