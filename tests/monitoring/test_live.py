from __future__ import annotations

from django.test import Client


def test_liveness_answers_without_a_database_and_is_never_cached() -> None:
    # No database mark: pytest-django fails the test at the first query.
    answer = Client().get("/health/live/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_liveness_is_only_read() -> None:
    assert Client().head("/health/live/").status_code == 200
    assert Client().post("/health/live/").status_code == 405
