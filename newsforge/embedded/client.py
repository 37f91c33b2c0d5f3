"""A small client of our own API, as anybody would write one: a token, one POST, then GETs until it is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from newsforge.embedded.errors import EmbeddedError

FINAL = frozenset({"succeeded", "failed", "cancelled"})


class RefusedError(EmbeddedError):
    """Say that the API did not take a request, in its own words."""

    code = "embedded-refused"
    sentence = "The API answered %(status)s: %(detail)s"


class UnreachableError(EmbeddedError):
    """Say that the site does not answer any more."""

    code = "embedded-unreachable"
    sentence = "The site at %(url)s does not answer: %(reason)s."


@dataclass(frozen=True, slots=True)
class Client:
    """The API at ``url``, asked in the name of ``token``."""

    url: str
    token: str

    def convert(self, request: Mapping[str, object]) -> str:
        """Ask for conversions and return the id of their batch.

        :raises RefusedError: if the API does not take the request.
        :raises UnreachableError: if the site does not answer.
        """
        return str(self._ask("POST", "/api/v1/conversions", request)["batch_id"])

    def conversions(self, batch: str) -> list[dict[str, Any]]:
        """Return the conversions of a batch as they stand.

        :raises RefusedError: if the API does not answer with them.
        :raises UnreachableError: if the site does not answer.
        """
        found = self._ask("GET", f"/api/v1/batches/{batch}")["conversions"]
        return [dict(conversion) for conversion in found]

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            headers = {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Accept-Language": "en",
            }
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            said = response.read()
        except (OSError, HTTPException) as error:
            raise UnreachableError(url=self.url, reason=error) from error
        finally:
            connection.close()
        try:
            answer = json.loads(said)
        except ValueError:
            answer = {}
        if response.status >= 400 or not isinstance(answer, dict):
            raise RefusedError(status=response.status, detail=_detail(answer) or said[:200].decode("utf-8", "replace"))
        return answer


def _detail(answer: object) -> str:
    """Return the sentences of a problem (RFC 9457): the general one and those of its fields."""
    if not isinstance(answer, dict):
        return ""
    fields = [f"{error.get('pointer', '')} {error.get('detail', '')}".strip() for error in answer.get("errors") or []]
    return " ".join(part for part in (str(answer.get("detail") or ""), "; ".join(fields)) if part)
