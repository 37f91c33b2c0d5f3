"""The body of an API request: JSON in, or one sentence about where it stops being JSON."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.parsers import JSONParser, get_encoding  # type: ignore[attr-defined] # the stubs do not know it yet

from newsforge.lib.refusals import MalformedBody

DEEPEST = 20
"""Levels of nesting: no request needs more than two, and whoever walks the body again shall not run out of stack."""

WIDEST = 10_000
"""Lists and objects on one level; millions of empty ones would keep whoever walks the body again busy for seconds."""


class JsonBody(JSONParser):
    """Parse JSON whose every flaw is the sender's: bad bytes, bad syntax, NaN, endless digits, endless nesting."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002 - the signature is REST framework's
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body; a byte order mark before it is forgiven.

        :raises MalformedBody: if it is not JSON; the reason quotes nothing of it.
        :raises rest_framework.exceptions.ParseError: if the charset is unknown.
        """
        encoding = get_encoding(parser_context or {})
        if codecs.lookup(encoding).name == "utf-8":
            encoding = "utf-8-sig"
        try:
            body = json.loads(stream.read().decode(encoding), parse_constant=_refuse_constant)
        except UnicodeDecodeError as exc:
            raise MalformedBody(reason=f"byte {exc.start} is not {exc.encoding}") from exc
        except json.JSONDecodeError as exc:
            raise MalformedBody(reason=f"line {exc.lineno}, column {exc.colno}: {exc.msg}") from exc
        except RecursionError as exc:
            raise MalformedBody(reason="it is nested too deeply") from exc
        except ValueError as exc:
            raise MalformedBody(reason="it holds a number that is too long or not a number") from exc
        if _is_overgrown(body):
            raise MalformedBody(reason="it is nested too deeply or holds too many lists")
        return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_overgrown(body: Any) -> bool:
    level = [body] if isinstance(body, dict | list) else []
    for _ in range(DEEPEST):
        if not level or len(level) > WIDEST:
            break
        values = (each for outer in level for each in (outer.values() if isinstance(outer, dict) else outer))
        level = [each for each in values if isinstance(each, dict | list)]
    return bool(level)
