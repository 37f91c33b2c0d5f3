"""A customer: a user made in plain SQL who asks the API over HTTP."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

import psycopg

from tests.chaos.far_side import TEXT

PAUSE = 0.2
"""Seconds between two tries of a request that was not taken."""


@dataclass(frozen=True)
class Answer:
    """What the API said."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Caller:
    """A user with a token; ``far_side`` is where the news and the webhook receiver are."""

    id: str
    email: str
    token: str
    port: int
    far_side: str

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Ask the API once."""
        sent = {name.replace("_", "-"): said for name, said in headers.items()}
        return call(self.port, method, path, body, {"Authorization": f"Bearer {self.token}"} | sent)

    def convert(self, case: str, *, by_address: bool = False, **headers: str) -> Answer:
        """Ask for one post."""
        address = f"http://{self.far_side}/news/{case}"
        source = {"source_url": address} if by_address else {"text": TEXT.format(case=case)}
        body = {**source, "platforms": ["x"], "provider": "openai", "language": "en"}
        return self.call("POST", "/api/v1/conversions", body, **headers)

    def convert_until_taken(
        self, case: str, *, seconds: float, by_address: bool = False, refused: Callable[[Answer | None], object] = bool
    ) -> Answer:
        """Ask for one post as a client does that reads the answers: with the same key until it is taken.

        ``refused`` hears every other answer, None for none.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                answer = self.convert(case, by_address=by_address, Idempotency_Key=case)
            except (OSError, HTTPException):
                answer = None
            if answer and answer.status == 202:
                return answer
            refused(answer)
            time.sleep(PAUSE)
        raise AssertionError(f"{case} was not taken within {seconds:.0f} s.")


def call(port: int, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask once over a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    kind = {} if body is None else {"Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), {**(headers or {}), **kind})
        with connection.getresponse() as response:
            content = response.read()
            said = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, said, json.loads(content or b"null"))
    finally:
        connection.close()


def add_caller(database_url: str, *, port: int, far_side: str, limit: int, zone: str) -> Caller:
    """Make a user with a token."""
    public_id, secret, name = secrets.token_hex(8), secrets.token_hex(21) + "x", uuid.uuid4().hex
    email, digest = f"{name}@chaos.example", hashlib.sha256(secret.encode()).hexdigest()
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "INSERT INTO users (email, username, password_hash, api_quota_daily, time_zone) "
            "VALUES (%s, %s, '!', %s, %s) RETURNING id::text",
            [email, email, limit, zone],
        ).fetchone()
        assert row
        connection.execute(
            "INSERT INTO access_tokens (user_id, name, public_id, secret_hash) VALUES (%s, 'chaos', %s, %s)",
            [row[0], public_id, digest],
        )
    return Caller(row[0], email, f"nf_{public_id}_{secret}", port, far_side)
