"""What a page for people costs: few questions to the database, and few bytes on the way to a phone."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.addresses import pages
from tests.factories import make_one_of_each

pytestmark = pytest.mark.django_db

MOST_QUERIES = 10
MOST_BYTES = 80_000
LOADED = re.compile(r'<(?:link|script|img)\b[^>]*?(?:href|src)="/static/([^"]+)"')


@pytest.fixture(params=["somebody", "a stranger"])
def client(request: pytest.FixtureRequest, acme: User) -> Client:
    make_one_of_each(acme)
    client = Client()
    if request.param == "somebody":
        client.force_login(acme)
    return client


def weight(path: str) -> int:
    """Bytes of a file as it is sent: pictures are packed already."""
    found = finders.find(path)
    assert found, path
    content = Path(found).read_bytes()
    return len(content if path.endswith(".png") else gzip.compress(content, 9))


def test_no_page_asks_the_database_often(client: Client) -> None:
    asked = {}
    for page in pages(client):
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        asked[page] = len(queries)
    assert {page: many for page, many in asked.items() if many > MOST_QUERIES} == {}
    assert len(asked) >= 3


def test_no_page_is_heavy_with_all_that_it_loads(client: Client) -> None:
    weights = {}
    for page, body in pages(client).items():
        sent = client.get(page, headers={"accept-encoding": "gzip"})
        assert sent.headers["Content-Encoding"] == "gzip", page
        weights[page] = len(sent.content) + sum(weight(path) for path in set(LOADED.findall(body)))
    assert {page: size for page, size in weights.items() if size > MOST_BYTES} == {}


def test_only_pages_are_compressed(client: Client) -> None:
    for path in ("/manifest.webmanifest", "/api/v1/usage", "/health/live/"):
        assert "Content-Encoding" not in client.get(path, headers={"accept-encoding": "gzip"}).headers
