"""Whether the door out holds: every case of a corpus, as a source and as the target of a redirect.

No packet leaves: look-ups are answered here, and every connect is recorded and refused, except to our own redirecting
server. So a hole shows as a recorded attempt. Names resolve to a public address, so that a private name is blocked by
what it is and not by chance.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from conversions.pipeline.fetch import fetch
from newsforge.lib.errors import NewsforgeError
from tests.lib.loopback import Loopback, Watch, loopback, redirect, watch

PUBLIC = "93.184.215.14"
INSIDE = "169.254.169.254"
DOORS = ("source", "redirect target")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of the corpus."""

    url: str
    expect: str
    kind: str
    tier: str

    @property
    def answers(self) -> list[list[str]]:
        """Return what the case's name resolves to, look-up after look-up."""
        if self.kind.startswith("dns->"):
            return [self.kind.removeprefix("dns->").split("/")]
        return [[PUBLIC], [INSIDE]] if self.kind == "dns rebinding" else [[PUBLIC]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one case did through one door."""

    case: Case
    door: str
    code: str
    connects: tuple[str, ...]

    @property
    def strayed(self) -> int:
        """Return how many connects went where none should: for a rebinding name only its vetted answer is harmless."""
        if self.case.expect == "allow":
            return 0
        harmless = {PUBLIC} if self.case.kind == "dns rebinding" else set()
        return sum(address not in harmless for address in self.connects)

    @property
    def holds(self) -> bool:
        """Return whether the case ended as it should: blocked with a code and no connect, or let through to one."""
        if self.case.expect == "allow":
            return self.code == "connection-refused" and len(self.connects) == 1
        return bool(self.code) and self.strayed == 0


def read(corpus: pathlib.Path) -> Iterator[Case]:
    """Yield the cases of a corpus: ``ssrf/cases.jsonl`` in it."""
    for line in (corpus / "ssrf/cases.jsonl").read_text("utf-8").splitlines():
        fields = json.loads(line)
        yield Case(url=fields["url"], expect=fields["expect"], kind=fields["kind"], tier=fields["tier"])


def play(case: Case, *, door: str, server: Loopback) -> Result:
    """Fetch one case's URL, or a page of ours that redirects there."""
    with pytest.MonkeyPatch.context() as patch:
        seen: Watch = watch(patch)
        seen.through.add(server.port)
        seen.others = [PUBLIC]
        host = case.url.partition("://")[2].partition("/")[0]
        seen.names[host] = case.answers
        server.pages["/"] = redirect(case.url)
        code = ""
        try:
            fetch(url=case.url if door == "source" else server.base, policy=server.policy())
        except NewsforgeError as failure:
            code = str(failure.code)
    return Result(case=case, door=door, code=code, connects=tuple(address for address, _ in seen.connects))


def run(corpus: pathlib.Path) -> int:
    """Print how many cases hold, and each that does not; return the number of failures."""
    cases = list(read(corpus))
    with loopback() as server:
        results = [play(case, door=door, server=server) for door in DOORS for case in cases]
    for expect, word in (("block", "blocked"), ("allow", "allowed")):
        shares = [_share(results, expect=expect, door=door) for door in DOORS]
        print(f"{word:8} {', '.join(shares)}")
    print(f"connects recorded to blocked addresses: {sum(result.strayed for result in results)}")
    codes = Counter(result.code for result in results if result.case.expect == "block")
    print("codes of the blocked:", ", ".join(f"{code or 'none'} {count}" for code, count in codes.most_common()))
    failures = [result for result in results if not result.holds]
    for result in failures:
        print(f"FAILED {result.case.url!r} ({result.case.tier}) as {result.door}: {result.code}, {result.connects}")
    return len(failures)


def _share(results: list[Result], *, expect: str, door: str) -> str:
    asked = [result for result in results if result.case.expect == expect and result.door == door]
    return f"{sum(result.holds for result in asked)}/{len(asked)} as {door}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=pathlib.Path, help="a folder with ssrf/cases.jsonl")
    sys.exit(1 if run(parser.parse_args().corpus) else 0)
