"""``make bench``: measure in one run of ten minutes at most, and end with a table.

``python -m bench accept finish`` measures what is named; ``admin --scale 1`` over full tables wants ``--minutes 60``.
docs/benchmarks.md says how to read it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from types import ModuleType

from bench.product import LATENCY, Product, product_running
from bench.report import Line, Report

ALONE = {"provider": 60, "extraction": 40, "counters": 30}
"""Sections that need no server, and the seconds each may take; the name is the module's."""

ON_PRODUCT = {"accept": 110, "finish": 130, "row": 20, "pages": 110, "memory": 40}
"""Those that look at the whole product while it runs, in this order."""

LAST = {"admin": 200}
"""Those with a database of their own."""

APART = {"pools": 120, "soak": 260}
"""Measured on the product when they are named: evidence of a decision, and a load of two minutes."""

START_SECONDS = 190
"""The product itself gives up a little sooner."""

MINUTES = 10


def main() -> None:
    """Measure what the command line names, all but what stands apart when it names nothing."""
    options = _options()
    wanted = options.section or [*ALONE, *ON_PRODUCT, *LAST]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and everything that was started ends
    report = Report(seconds=options.minutes * 60)
    print(f"{os.cpu_count()} processors; CPU figures are minima over rounds; {options.minutes:g} minutes at most")
    for name in (each for each in ALONE if each in wanted):
        report.measure(name=name, seconds=ALONE[name], run=_module(name).run)
    if on_product := [each for each in (*ON_PRODUCT, *APART) if each in wanted]:
        _measure_product(report, on_product, options.latency)
    if "admin" in wanted:
        scaled = {"scale": options.scale} if options.scale else {}
        seconds = options.minutes * 60 if scaled else LAST["admin"]
        report.measure(name="admin", seconds=seconds, run=partial(_module("admin").run, **scaled))
    report.print_summary()
    sys.exit(bool(report.late))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    sections = [*ALONE, *ON_PRODUCT, *LAST, *APART]
    parser.add_argument("section", nargs="*", choices=[*sections, []], help="what to measure")
    parser.add_argument("--scale", type=float, help="share of 1,000,000 conversions under the admin's pages")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="after which it stops")
    parser.add_argument("--latency", type=float, default=LATENCY, help="seconds the simulated provider takes")
    return parser.parse_args()


def _measure_product(report: Report, names: Sequence[str], latency: float) -> None:
    """Start the product once for all of these."""
    with ExitStack() as opened:
        started: list[Product] = []

        def start() -> list[Line]:
            started.append(opened.enter_context(product_running(latency=latency)))
            return []

        report.measure(name="start", seconds=START_SECONDS, run=start)
        for name in names if started else ():
            bound = (ON_PRODUCT | APART)[name]
            report.measure(name=name, seconds=bound, run=partial(_module(name).run, started[0]))


def _module(name: str) -> ModuleType:
    """Return what measures a section, imported only now: the SDKs and the browser are carried by who needs them."""
    return importlib.import_module(f"bench.{name}")


if __name__ == "__main__":
    main()
