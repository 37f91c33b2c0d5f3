"""A developer's machine and `make run`: embedded servers, kept secrets, no TLS."""

from newsforge.settings.base import *  # noqa: F403 - settings modules are one namespace, cut into files

DEBUG = False
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
