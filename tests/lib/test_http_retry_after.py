"""A wait is read in every form it comes in, and never invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsforge.lib.retry_after import parse_retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"Retry-After": " 7 "}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "86400"}, 86400.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "Sun, 01 Mar 2026 12:01:30 GMT"}, 90.0),
        ({"retry-after": "Sunday, 01-Mar-26 12:01:30 GMT"}, 90.0),
        ({"retry-after": "Sun, 01 Mar 2026 21:01:30 +0900"}, 90.0),
        ({"retry-after": "Sun, 01 Mar 2026 12:01:30 -0000"}, 90.0),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"Retry-After-Ms": "1500.5", "retry-after": "60"}, 1.5005),
        ({"retry-after-ms": "soon", "retry-after": "60"}, 60.0),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "１０"}, None),
        ({"retry-after": "Sun, 99 Mar 2026 12:00:00 GMT"}, None),
    ],
)
def test_the_wait_the_far_side_asked_for(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, now=NOW) == seconds
