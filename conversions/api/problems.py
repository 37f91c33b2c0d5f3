"""How the schema describes our problems."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from rest_framework import serializers

from conversions.api.fields import words
from newsforge.lib.errors import Fault
from newsforge.lib.problem import CONTENT_TYPE

Schema = dict[str, Any]

EVERYWHERE = {"401", "406", "429", "500", "503"}
"""No token; an Accept we cannot serve; too fast; ours."""

CERTAIN = {"402", "403", "409", "411", "415", "422", "429"}
"""Refusals that only a view gives, and so always with the limits; others may come before anybody knows who asks."""


class ProblemEntrySerializer(serializers.Serializer[Any]):
    """One value that cannot be used, and where it stands."""

    detail = serializers.CharField()
    code = serializers.CharField()
    pointer = serializers.CharField(required=False, help_text="JSON Pointer into the body, as a URI fragment.")
    parameter = serializers.CharField(required=False, help_text="Name of the query parameter.")


class ProblemSerializer(serializers.Serializer[Any]):
    """An error as RFC 9457 writes it; act on `code`, show `detail`."""

    type = serializers.URLField()
    title = serializers.CharField()
    error = serializers.CharField(
        help_text="A few fixed English words; `Rate limit exceeded` for 429, `Insufficient quota` for 402."
    )
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence a person can act on, in the language of Accept-Language.")
    instance = serializers.CharField()
    code = serializers.CharField(help_text="Stable; the last part of `type`.")
    fault = serializers.ChoiceField(choices=words(Fault), help_text="Who can mend it.")
    errors = ProblemEntrySerializer(many=True, required=False)  # type: ignore[assignment] # REST framework takes fields out of the class
    retry_after = serializers.IntegerField(required=False, help_text="Seconds to wait, as in the header Retry-After.")
    error_id = serializers.CharField(required=False, help_text="Tell us this when the fault is ours.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add ``violated-policies``, which is no name in Python."""
        names = serializers.ListField(
            child=serializers.CharField(),
            required=False,
            help_text="Names in RateLimit-Policy that were gone beyond.",
        )
        return {**super().get_fields(), "violated-policies": names}


def answers(status: int, body: Any, *problems: int) -> dict[tuple[int, str], Any]:
    """Return the responses of a view: one that went well, and these problems.

    Those that follow from what an address takes, and those of every address, are added by ``complete``.
    """
    # The same kind of key throughout: the schema's generator takes the smallest for the one that went well.
    return {
        (status, "application/json"): body,
        **{(each, CONTENT_TYPE): ProblemSerializer for each in sorted(problems)},
    }


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


def _follow(path: str, operation: Schema) -> set[str]:
    places = {each["in"] for each in operation.get("parameters", ())}
    once = _happens_once(operation)
    refusals = set(EVERYWHERE)
    if "{" in path:
        refusals |= {"404"}
    if "query" in places:
        refusals |= {"400"}
    if "requestBody" in operation or once:
        refusals |= {"400", "413", "415"}
    if once:  # the key is in use, or another request's
        refusals |= {"409", "422"}
    return refusals


def _happens_once(operation: Schema) -> bool:
    """Tell whether it takes an Idempotency-Key, for which it reads a body even where it needs none."""
    return any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ()))


def _well(answer: Schema, operation: Schema) -> Schema:
    headers = {name: _header(name) for name in ("RateLimit-Policy", "RateLimit")}
    if _happens_once(operation):
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
