"""``make bench``: measure in one run and print figures.

``python -m bench accept|finish|provider|pools|soak`` runs one section.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

from bench import accept, finish, pools, soak
from bench.processes import print_memory
from bench.product import product_running

SECTIONS = ("accept", "finish", "provider")
"""What is measured when nothing is named; ``pools`` is the evidence of a decision, ``soak`` takes two minutes."""


def main() -> None:
    """Measure what the command line names, all of it when it names nothing."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "section", nargs="*", choices=[*SECTIONS, "pools", "soak", []], help="what to measure; all by default"
    )
    wanted = parser.parse_args().section or SECTIONS
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and everything that was started ends
    began = time.monotonic()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; CPU figures are minima over rounds", flush=True)
    if "provider" in wanted:
        from bench import provider  # both SDKs: no other section shall carry them

        provider.run()
    if {"accept", "finish", "pools", "soak"} & set(wanted):
        with product_running() as product:
            if "accept" in wanted:
                accept.run(product)
            if "finish" in wanted:
                finish.run(product)
            if "pools" in wanted:
                pools.run()
            if "soak" in wanted:
                soak.run(product)
            print_memory()
    print(f"\nMeasured in {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
