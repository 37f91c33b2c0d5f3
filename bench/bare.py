"""A web of the same libraries with nothing of ours in it: Django, REST framework, admin, allauth and Celery.

``bench.memory`` serves it. A POST stores one row by the ORM and sends one message that nobody takes.
"""

from __future__ import annotations

import os
import uuid
from typing import Any

import environ
from celery import Celery
from django.conf import settings

os.environ.pop("DJANGO_SETTINGS_MODULE", None)
settings.configure(
    SECRET_KEY="of nobody",  # noqa: S106 - it signs nothing
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="bench.bare",
    LANGUAGE_CODE="ko",
    STATIC_URL="/static/",
    INSTALLED_APPS=[
        *(f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "sessions", "messages")),
        *("rest_framework", "drf_spectacular", "allauth", "allauth.account", "allauth.mfa"),
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DATABASES={
        "default": {
            **environ.Env.db_url_config(os.environ["DATABASE_URL"]),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 10}},
        }
    },
    CACHES={"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}},
    REST_FRAMEWORK={"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"},
    MFA_SUPPORTED_TYPES=["totp", "webauthn", "recovery_codes"],
)

from django.core.wsgi import get_wsgi_application  # noqa: E402 - all that follows needs the settings

application = get_wsgi_application()
queue = Celery(broker=os.environ["REDIS_URL"])

from django.contrib import admin  # noqa: E402 - as above
from django.contrib.auth.models import Group  # noqa: E402 - as above
from django.urls import include, path  # noqa: E402 - as above
from drf_spectacular.views import SpectacularAPIView  # noqa: E402 - as above
from rest_framework.request import Request  # noqa: E402 - as above
from rest_framework.response import Response  # noqa: E402 - as above
from rest_framework.views import APIView  # noqa: E402 - as above

from newsforge.lib import garbage  # noqa: E402 - as above


class RowView(APIView):
    """JSON in, a row and a message, JSON out."""

    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        """Store a row and send a message."""
        made = Group.objects.create(name=uuid.uuid4().hex)
        queue.send_task("bench.nothing", queue="bench-bare")
        asked: Any = request.data
        return Response({"id": made.pk, "platforms": asked["platforms"]}, status=202)


urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/schema/", SpectacularAPIView.as_view()),
    path("row/", RowView.as_view()),
]
garbage.settle()
