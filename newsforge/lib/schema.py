"""What the committed OpenAPI schema leaves out, and the one language it speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

Endpoint = tuple[str, str, str, object]
"""Path, its regular expression, method, view."""


def without_twins(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Drop each address that only adds a slash to another: both are served, one is documented."""
    paths = {path for path, *_ in endpoints}
    return [each for each in endpoints if not (each[0].endswith("/") and each[0][:-1] in paths)]


class EnglishSchemaGenerator(SchemaGenerator):
    """The schema is committed and compared, so it does not change with the reader's language."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        """Return the schema in English."""
        with translation.override("en"):
            return super().get_schema(request, public)  # type: ignore[no-untyped-call] # drf-spectacular has no types
