"""The tests: the same engines, cheaper password hashing."""

from newsforge.settings.base import *  # noqa: F403 - settings modules are one namespace, cut into files

SECRET_KEY = "only-for-tests"  # noqa: S105 - signs nothing outside a test
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LANGUAGE_CODE = "en"
WHITENOISE_AUTOREFRESH = True
"""Look for static files when they are asked for: nothing is collected in a test's home."""
WHITENOISE_USE_FINDERS = True

DATABASES["default"]["OPTIONS"]["options"] = "-c newsforge.audit_truncate=on"  # type: ignore[index] # noqa: F405 - of base
"""A test that commits empties every table when it ends, the audit log too."""
STAFF_MFA = False
"""What the tests of pages are about is not logging in; tests/house/test_login.py switches it on."""
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
