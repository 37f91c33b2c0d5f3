"""What the schema says beyond what the views declare: patterns, closed bodies, and the answers any address may give.

The settings name ``complete``, and so this module is there whenever a schema is made.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension

from conversions.api.fields import ClosedBody, Line, Text, UniqueList
from newsforge.lib.problem import CONTENT_TYPE

Schema = dict[str, Any]

EVERYWHERE = {"401", "406", "429", "500", "503"}
"""No token; an Accept we cannot serve; too fast; ours."""

CERTAIN = {"402", "403", "409", "411", "415", "422", "429"}
"""Refusals that only a view gives, and so always with the limits; others may come before anybody knows who asks."""


class ClosedBodySchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call] # its registry has no types
    """A body that knows its fields refuses others, and may need a field even where it changes only what is sent."""

    target_class = ClosedBody
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> Schema:
        """Return the schema of an object with these members and no others."""
        schema: Schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)  # noqa: SLF001 - as documented
        if self.target.always:
            schema["required"] = sorted({*schema.get("required", ()), *self.target.always})
        return {**schema, "additionalProperties": False}


class TextSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call] # as above
    """What a ``Text`` takes."""

    target_class = Text
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:  # noqa: ARG002 - the signature is given
        """Return the schema of a string with the field's pattern."""
        return _string(self.target)


class LineSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call] # as above
    """What a ``Line`` takes."""

    target_class = Line
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:  # noqa: ARG002 - as above
        """Return the schema of a string with the field's pattern."""
        return _string(self.target)


class UniqueListSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call] # as above
    """What a ``UniqueList`` takes."""

    target_class = UniqueList

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        """Return the schema of a list that names each only once."""
        schema: Schema = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)  # noqa: SLF001 - as documented
        return {**schema, "uniqueItems": True}


def complete(result: Schema, **_: Any) -> Schema:
    """Add to every operation the answers that follow from what it takes, and to every answer its headers."""
    shared = result["components"]
    shared["headers"] = HEADERS
    statuses: set[str] = set()
    for path, item in result["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = method == "post" or _needs(operation["requestBody"], shared)
            answers: Schema = operation["responses"]
            refusals = _follow(path, operation) | {each for each in answers if each >= "4"}
            well = {status: _well(answer, operation) for status, answer in answers.items() if status < "4"}
            names = {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in sorted(refusals)}
            operation["responses"] = {**well, **names}
            statuses |= refusals
    shared["responses"] = {_name(status): _refusal(status) for status in sorted(statuses)}
    return result


def _needs(body: Schema, shared: Schema) -> bool:
    """Tell whether a body that changes only what is sent must be there all the same."""
    names = [each["schema"]["$ref"].rsplit("/", 1)[1] for each in body["content"].values()]
    return any(shared["schemas"][name].get("required") for name in names)


def _string(field: Any) -> Schema:
    schema: Schema = {"type": "string", "pattern": field.pattern}
    if field.max_length is not None:
        schema["maxLength"] = field.max_length
    return schema


def _follow(path: str, operation: Schema) -> set[str]:
    places = {each["in"] for each in operation.get("parameters", ())}
    refusals = set(EVERYWHERE)
    if "{" in path:
        refusals |= {"404"}
    if "query" in places:
        refusals |= {"400"}
    if "requestBody" in operation or "header" in places:
        refusals |= {"400", "413", "415"}
    if "header" in places:  # Idempotency-Key: in use, or of another request
        refusals |= {"409", "422"}
    return refusals


def _well(answer: Schema, operation: Schema) -> Schema:
    places = {each["in"] for each in operation.get("parameters", ())}
    headers = {name: _header(name) for name in ("RateLimit-Policy", "RateLimit")}
    if "header" in places:
        headers["Idempotency-Replayed"] = _header("Idempotency-Replayed")
    return {**answer, "headers": {**headers, **answer.get("headers", {})}}


def _refusal(status: str) -> Schema:
    limits = () if status == "401" else ("RateLimit-Policy", "RateLimit")
    headers = {name: _header(name) if status in CERTAIN else _header(f"{name}-Maybe") for name in limits}
    if status == "401":
        headers["WWW-Authenticate"] = _header("WWW-Authenticate")
    if status in {"409", "429", "503"}:
        headers["Retry-After"] = _header("Retry-After" if status == "429" else "Retry-After-Maybe")
    body = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": HTTPStatus(int(status)).phrase, "headers": headers, "content": body}


def _name(status: str) -> str:
    return "".join(word.title() for word in HTTPStatus(int(status)).phrase.replace("-", " ").split())


def _header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


def _known(description: str, *, required: bool = True, **schema: Any) -> Schema:
    return {"description": description, "required": required, "schema": {"type": "string", **schema}}


LIMIT = "IETF draft RateLimit headers: `q` what there is, `w` in how many seconds."
LEFT = "IETF draft RateLimit headers: `r` what is left, `t` seconds until it is whole again."
POLICY: Schema = {"pattern": r'^"(daily|burst)";q=\d+;w=\d+$', "examples": ['"daily";q=5;w=86400']}
REST: Schema = {"pattern": r'^"(daily|burst)";r=\d+;t=\d+$', "examples": ['"daily";r=2;t=31007']}
WAIT: Schema = {"type": "integer", "minimum": 0}

HEADERS = {
    "Idempotency-Replayed": _known(
        "There when this is the answer to an earlier request with the same Idempotency-Key.",
        required=False,
        enum=["true"],
    ),
    "RateLimit": _known(LEFT, **REST),
    "RateLimit-Maybe": _known(f"{LEFT} Missing when nobody is known to ask.", required=False, **REST),
    "RateLimit-Policy": _known(LIMIT, **POLICY),
    "RateLimit-Policy-Maybe": _known(f"{LIMIT} Missing when nobody is known to ask.", required=False, **POLICY),
    "Retry-After": _known("Seconds to wait.", **WAIT),
    "Retry-After-Maybe": _known("Seconds to wait, where waiting helps.", required=False, **WAIT),
    "WWW-Authenticate": _known("How to say who asks.", enum=["Bearer"]),
}
