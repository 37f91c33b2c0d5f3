"""The WSGI entry point."""

from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from monitoring import heartbeats  # noqa: E402 - it needs the application's models
from newsforge.lib import database, garbage  # noqa: E402 - as above

database.bound_statements()
heartbeats.of_web().start()
import_module(settings.ROOT_URLCONF)  # the first request shall not wait for it
garbage.settle()
