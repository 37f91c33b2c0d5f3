"""The table of docs/how-to/providers.md is what the classes say."""

from __future__ import annotations

from collections.abc import Iterator

from conversions import gate
from conversions.pipeline.convert import UNUSABLE
from conversions.pipeline.providers.errors import ProviderFailure
from newsforge.embedded.home import ROOT
from newsforge.lib.errors import TransientError

PAGE = ROOT / "docs" / "how-to" / "providers.md"


def leaves(kind: type[ProviderFailure]) -> Iterator[type[ProviderFailure]]:
    below = kind.__subclasses__()
    for each in below:
        yield from leaves(each)
    if not below:
        yield kind


def asked_again(kind: type[ProviderFailure]) -> str:
    later = "later" if issubclass(kind, TransientError) else "no"
    return f"twice at once, with what was wrong; then {later}" if kind in UNUSABLE else later


def line(kind: type[ProviderFailure]) -> str:
    what = (kind.__doc__ or "").splitlines()[0]
    cells = (f"`{kind.code}`", what, str(kind.status_code), kind.fault.value, asked_again(kind), kind.counts.value)
    return f"| {' | '.join(cells)} |"


def test_the_table_is_what_the_classes_say() -> None:
    kinds = sorted(leaves(ProviderFailure), key=lambda kind: (kind.counts, kind.code, kind.__name__))
    written = [each for each in PAGE.read_text("utf-8").splitlines() if each.startswith("| `")]
    assert written == [line(kind) for kind in kinds]


def test_the_numbers_are_those_of_the_code() -> None:
    text = PAGE.read_text("utf-8")
    assert f"{gate.REFUSED_REST:g} seconds" in text
    assert f"{gate.PROBE_SECONDS:g} seconds" in text
    assert f"{gate.FAIR_SECONDS:g} seconds" in text
