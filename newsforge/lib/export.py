"""Tables as files: CSV that is sent while it is read, and that no spreadsheet takes for a program."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula: OWASP, CSV injection; Excel in East Asian languages takes
the wide forms for the others."""


class _Echo:
    """A file that returns what is written to it."""

    def write(self, text: str) -> str:
        """Return the text."""
        return text


def csv_response(*, name: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """Return a download that is written row by row; ``name`` is the file's, without its ending."""
    answer = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # so that Excel reads Korean
    yield writer.writerow([str(each) for each in header])
    for row in rows:
        yield writer.writerow([_harmless(each) for each in row])


def _harmless(value: object) -> object:
    """Return text that would start a formula behind an apostrophe; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
