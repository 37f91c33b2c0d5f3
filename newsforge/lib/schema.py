"""What the committed OpenAPI schema leaves out."""

from __future__ import annotations

from collections.abc import Sequence

Endpoint = tuple[str, str, str, object]
"""Path, its regular expression, method, view."""


def without_twins(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Drop each address that only adds a slash to another: both are served, one is documented."""
    paths = {path for path, *_ in endpoints}
    return [each for each in endpoints if not (each[0].endswith("/") and each[0][:-1] in paths)]
