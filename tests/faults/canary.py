"""A key that must be nowhere, and the places it could be."""

from __future__ import annotations

import base64
import html
import logging
import pickle
import traceback
from collections.abc import Iterable
from urllib.parse import quote

KEY = "sk-canary-Zq7+Vx/93LmTw0Ybn5Rk8Hd2Js6Fc4Ga1Pe"


def leaks(error: BaseException, records: Iterable[logging.LogRecord]) -> list[str]:
    """Return where an error or a log shows the key; nothing is right."""
    shown = {
        "str": str(error),
        "repr": repr(error),
        "args": repr(error.args),
        "attributes": repr(vars(error)),
        "pickle": pickle.dumps(error).decode("latin-1"),
        "traceback with locals": "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True, compact=False).format()
        ),
        **{f"chain {depth}": repr(vars(each)) for depth, each in enumerate(_chain(error))},
        **{f"log {number}": f"{record.getMessage()} {vars(record)!r}" for number, record in enumerate(records)},
    }
    return [place for place, text in shown.items() if holds_key(text)]


def holds_key(text: str) -> bool:
    """Tell whether a text has the key: as it is, as an address, a page or base64 write it, or its telling middle."""
    return any(form in text for form in _FORMS)


def _encoded(shift: int) -> str:
    """Return what base64 makes of the key behind so many other bytes; the edges mix with their neighbours."""
    return base64.b64encode(b"-" * shift + KEY.encode()).decode()[4:-4]


_FORMS = {KEY, quote(KEY, safe=""), html.escape(KEY), KEY[10:30], *(_encoded(shift) for shift in range(3))}


def _chain(error: BaseException) -> list[BaseException]:
    """Return every error this one holds on to, suppressed or not."""
    found: list[BaseException] = []
    ahead: list[BaseException | None] = [error.__cause__, error.__context__]
    while ahead:
        each = ahead.pop()
        if each is not None and each not in found:
            found.append(each)
            ahead += [each.__cause__, each.__context__]
    return found
