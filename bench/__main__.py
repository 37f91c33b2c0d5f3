"""``make bench``: measure in one run and print figures.

``python -m bench accept|finish|pages|provider|admin|pools|soak`` runs one section; ``admin --scale 1`` says over how
much.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from bench import accept, finish, floor, pages, pools, soak
from bench.processes import print_memory
from bench.product import product_running

SECTIONS = ("accept", "finish", "pages", "provider", "admin")
"""What is measured when nothing is named; ``pools`` is the evidence of a decision, ``soak`` takes two minutes."""


ADMIN_SCALE = 0.05
"""Of the full tables, when everything is measured: ``make bench`` takes ten minutes at most."""

MOST_SECONDS = 1800


def main() -> None:
    """Measure what the command line names, all of it when it names nothing."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "section", nargs="*", choices=[*SECTIONS, "pools", "soak", []], help="what to measure; all by default"
    )
    parser.add_argument(
        "--scale", type=float, help="share of 1,000,000 conversions the admin's pages are measured over"
    )
    options = parser.parse_args()
    wanted = options.section or SECTIONS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and everything that was started ends
    began = time.monotonic()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; CPU figures are minima over rounds", flush=True)
    if "provider" in wanted:
        from bench import provider  # both SDKs: no other section shall carry them

        provider.run()
    if {"accept", "finish", "pages", "pools", "soak"} & set(wanted):
        _measure_product(wanted)
    if "admin" in wanted:
        scale = options.scale or (1.0 if options.section else ADMIN_SCALE)
        command = [sys.executable, "-W", "ignore", "-m", "bench.admin", "--scale", str(scale)]
        subprocess.run(command, check=False, timeout=MOST_SECONDS)
    print(f"\nMeasured in {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}")


def _measure_product(wanted: Sequence[str]) -> None:
    with product_running() as product:
        if "accept" in wanted:
            accept.run(product)
        if "finish" in wanted:
            finish.run(product)
        if "pages" in wanted:
            pages.run(product)
        if "pools" in wanted:
            pools.run()
        if "soak" in wanted:
            soak.run(product)
        print_memory()
        floor.print_memory()


if __name__ == "__main__":
    main()
