"""Every page there is, asked of the site itself, so that a new one is looked at without being named here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from conversions.models import Conversion, PromptVersion
from tests import addresses
from tests.pages import address

COMPLETE = {PromptVersion}
"""Tables whose new row is whole as the form comes: a draft begins as the text in force."""

SPEAKS_OUT = {"send_test", "test_now"}
"""Actions that ask somebody outside; their pages are those of the other actions."""


def site_pages(client: Client) -> Iterator[str]:
    """The admin's pages that belong to no model."""
    for name, keys in _named(each for each in admin.site.get_urls() if isinstance(each, URLPattern)):
        if name == "app_list":
            labels = {model._meta.app_label for model in admin.site._registry}
            yield from (reverse("admin:app_list", args=[label]) for label in sorted(labels))
        elif not keys and name != "logout" and _is_page(client, reverse(f"admin:{name}")):
            yield reverse(f"admin:{name}")


def model_pages(client: Client, row: Model) -> Iterator[str]:
    """The pages of a row and of its table: Django's own, and whatever its admin adds."""
    prefix = f"{row._meta.app_label}/{row._meta.model_name}/"
    for resolver in admin.site.get_urls():
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == prefix:
            for name, keys in _named(resolver.url_patterns):
                for values in product(*(_values(row, key) for key in keys)):
                    page = reverse(f"admin:{name}", kwargs=dict(zip(keys, values, strict=True)))
                    if _is_page(client, page):
                        yield page


def _values(row: Model, key: str) -> list[str]:
    """What a part of an address may be: the row, one of its levers, or a conversion it works on."""
    if key in {"object_id", "id", "pk"}:
        return [str(row.pk)]
    if key == "conversion_id":
        return [str(pk) for pk in Conversion.objects.values_list("pk", flat=True)]
    assert key == "name", f"{row._meta.label}: say in this module what {key} is"
    page = admin.site._registry[type(row)]
    return [lever.name for lever in getattr(page, "levers", ()) if lever.offered(row)]


def web_pages(client: Client) -> list[str]:
    """The pages for people outside the administration that open for this client."""
    return list(addresses.pages(client))


def confirmations(client: Client, row: Model) -> Iterator[dict[str, str]]:
    """The forms which, posted to the row's list, are answered by a page that asks once more."""
    listing = address(type(row), "changelist")
    choices = client.get(listing).context["action_form"]
    for action, _label in choices.fields["action"].choices if choices else ():
        if action and action not in SPEAKS_OUT:
            form = {"action": action, "_selected_action": str(row.pk), "index": "0"}
            with transaction.atomic():
                answer = client.post(listing, form)
                transaction.set_rollback(True)
            if answer.status_code == 200 and _is_html(answer):
                yield form


def _named(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, list(pattern.pattern.regex.groupindex)


def _is_page(client: Client, page: str) -> bool:
    """Return whether it is shown: not a file, a part of a page, a redirection, a door for forms alone, or refused."""
    answer = client.get(page)
    assert answer.status_code in {200, 286, 302, 403, 405}, (page, answer.status_code)
    return answer.status_code == 200 and _is_html(answer) and answer.content.lstrip()[:9].lower() == b"<!doctype"


def _is_html(answer: HttpResponseBase) -> bool:
    return answer.headers["Content-Type"].startswith("text/html")
