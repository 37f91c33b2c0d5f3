"""Every address of the site outside the administration, asked of the site itself, with the rows it may be about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import AccessToken, ApiKey
from conversions.models import Conversion, WebhookDelivery, WebhookEndpoint

Objects = Mapping[str, tuple[object, ...]]

NOT_ROWS: Objects = {"form": ("txt", "json", "csv"), "group": ("day", "provider"), "number": (1,), "platform": ("x",)}
"""Parts of addresses that are no row's."""

OTHERS = {"account_confirm_email", "account_reset_password_from_key"}
"""Keys sent by mail: who has one is whom it was sent to."""

APART = ("admin/", "metrics", "health/")
"""The administration has tests of its own; the others know of no customer."""


class Address(NamedTuple):
    """One pattern: its name, its whole route, and the parts to be filled in."""

    name: str
    route: str
    parts: tuple[str, ...]


def addresses() -> list[Address]:
    """Every named pattern; those without a name are the same views with another slash."""
    found = _walk(get_resolver().url_patterns, "", ())
    return [each for each in found if not each.route.startswith(APART) and each.name not in OTHERS]


def _walk(patterns: list[URLPattern | URLResolver], before: str, known: tuple[str, ...]) -> Iterator[Address]:
    for each in patterns:
        route, parts = before + str(each.pattern), (*known, *each.pattern.regex.groupindex)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, route, parts)
        elif each.name:
            yield Address(each.name, route, parts)


def objects_in_database() -> Objects:
    """What the parts of an address are filled with, by their names; a new part has to be named here."""
    rows = Conversion.objects.all()
    return {
        "batch_id": tuple(rows.values_list("batch_id", flat=True)),
        "conversion_id": tuple(rows.values_list("pk", flat=True)),
        "key_id": tuple(ApiKey.objects.values_list("pk", flat=True)),
        "token_id": tuple(AccessToken.objects.values_list("pk", flat=True)),
        "endpoint_id": tuple(WebhookEndpoint.objects.values_list("pk", flat=True)),
        "pk": tuple(Authenticator.objects.values_list("pk", flat=True)),  # of django-allauth: a second factor
        "delivery_id": tuple(WebhookDelivery.objects.values_list("pk", flat=True)),
    }


def filled(address: Address, objects: Objects) -> Iterator[str]:
    """The pattern with each row it may be about."""
    known = {**NOT_ROWS, **objects}
    assert set(address.parts) <= set(known), f"{address.route}: say in tests/addresses.py what its parts are"
    for values in product(*(known[part] for part in address.parts)):
        yield reverse(address.name, kwargs=dict(zip(address.parts, values, strict=True)))


def pages(client: Client) -> dict[str, str]:
    """Each page for people that opens for this client, by its address; of the API's description only its own test."""
    found = {}
    for each in addresses():
        if each.route.startswith("api/"):
            continue
        for page in filled(each, objects_in_database()):
            answer = client.get(page)
            body = answer.getvalue().decode()
            if answer.status_code == 200 and body.lstrip()[:9].lower() == "<!doctype":
                found[page] = body
    return found
