"""``make bench``: measure in one run, print a table."""

from bench import throughput

throughput.run()
