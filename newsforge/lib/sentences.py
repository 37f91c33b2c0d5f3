"""Sentences that are kept in English and told again in the reader's language: where one is made, it is marked here.

Plain Python, so that the pipeline may use it. ``newsforge.lib.retelling`` does the telling.
"""

from __future__ import annotations

CATALOGUE: dict[str, None] = {}
"""Every sentence marked so far, in the order of marking."""


def stored(sentence: str) -> str:
    """Mark a sentence, or a %-format over names, as one that is kept, and return it; it is a message id from then on.

    Whatever fills a place is text, or a number that is formatted already.
    """
    CATALOGUE[sentence] = None
    return sentence


BECAUSE = stored("%(what)s: %(why)s")
"""What was done or seen, and why; each half is told again by itself."""

TESTED = stored("tested")
SENT_AGAIN = stored("sent again")
"""What staff do in the administration and people on their own pages."""
