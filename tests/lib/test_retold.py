"""A failure that was stored in English is told again in the reader's language."""

from __future__ import annotations

from django.utils import translation

from accounts.quota import QuotaExceeded
from newsforge.lib.errors import NewsforgeError
from newsforge.lib.problem import _PLACE, _kinds, retold, told


def test_a_stored_sentence_is_told_in_the_readers_language_with_what_filled_its_places() -> None:
    failure = QuotaExceeded(units=3, limit=5, left=1, resets_at="2026-11-30 00:00")
    with translation.override("ko"):
        assert retold(code=failure.code, detail=failure.detail) == told(failure) != failure.detail
    assert retold(code=failure.code, detail=failure.detail) == failure.detail


def test_every_sentence_there_is_comes_back_whole() -> None:
    for kind in _kinds(NewsforgeError):
        places = dict.fromkeys(_PLACE.findall(kind.sentence), 7)
        detail = kind.sentence % places if places else kind.sentence
        assert retold(code=kind.code, detail=detail) == detail, kind


def test_what_is_no_sentence_of_the_error_stays() -> None:
    with translation.override("ko"):
        assert retold(code="quota-exceeded", detail="Somebody wrote this by hand.") == "Somebody wrote this by hand."
