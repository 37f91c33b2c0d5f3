"""The ASGI entry point."""

from django.core.asgi import get_asgi_application

from newsforge.lib import database

application = get_asgi_application()
database.bound_statements()
