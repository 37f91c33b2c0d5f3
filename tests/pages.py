"""What a tester does in the admin: find a page's address, run an action."""

from __future__ import annotations

from django.db.models import Model
from django.test import Client
from django.urls import reverse


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def pull(client: Client, row: Model, lever: str, **given: str) -> str:
    """Pull a lever of a row and return what the page says then."""
    page = address(type(row), "lever", row.pk, lever)
    return client.post(page, given, follow=True).content.decode()


def act(client: Client, model: type[Model], action: str, *rows: Model, **more: str) -> str:
    """Run an action over rows and return what the page says then."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    return client.post(address(model, "changelist"), form, follow=True).content.decode()
