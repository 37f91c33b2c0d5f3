"""Convert something through the running product, as a client would, and print what came out."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from newsforge.embedded.bootstrap import say
from newsforge.embedded.client import FINAL, Client
from newsforge.embedded.errors import EmbeddedError
from newsforge.embedded.stack import Stack

SAMPLES = Path(__file__).parent / "samples"
PLATFORMS = ("x", "linkedin", "instagram")
LONGEST_WAIT = 180.0
"""Seconds for everything asked: above the deadline of a conversion."""


class ConversionsFailedError(EmbeddedError):
    """Say that not every post could be written."""

    code = "embedded-conversions-failed"
    sentence = "%(failed)d of %(all)d posts could not be written: %(reasons)s"


class NotFoundError(EmbeddedError):
    """Say that the source is neither an address nor a file."""

    code = "embedded-no-source"
    sentence = "%(source)s is neither a web address nor a file that can be read."


@dataclass(frozen=True, slots=True)
class Order:
    """What to convert: each request as the API takes it, under the name it is told by."""

    requests: dict[str, dict[str, object]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what can be asked for to a command line."""
    parser.add_argument("source", nargs="?", help="a web address, or a file: .html for a page, else text")
    parser.add_argument("--platform", action="append", help=f"may be repeated; default: {', '.join(PLATFORMS)}")
    parser.add_argument("--language", choices=["ko", "en", "source"], default="source")
    parser.add_argument("--tone", choices=["neutral", "friendly", "formal", "punchy"], default="neutral")
    parser.add_argument("--provider", choices=["auto", "openai", "anthropic", "extractive"])


def read_order(options: argparse.Namespace) -> Order:
    """Return what the command line asks for; without a source, the bundled article in Korean and in English.

    The bundled article is written by the extractive writer unless a provider is named: a start must not cost money.

    :raises NotFoundError: if the source cannot be read.
    """
    wishes: dict[str, object] = {
        "platforms": list(dict.fromkeys(options.platform or PLATFORMS)),
        "language": options.language,
        "tone": options.tone,
    }
    if options.source:
        return Order({options.source: {**_source(options.source), **wishes, "provider": options.provider or "auto"}})
    wishes["provider"] = options.provider or "extractive"
    return Order(
        {
            f"the bundled article in {name}": {"html": (SAMPLES / file).read_text("utf-8"), **wishes}
            for name, file in (("Korean", "ko.html"), ("English", "en.html"))
        }
    )


def _source(source: str) -> dict[str, object]:
    if source.startswith(("http://", "https://")):
        return {"source_url": source}
    try:
        text = Path(source).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise NotFoundError(source=source) from error
    return {"html" if source.lower().endswith((".html", ".htm")) else "text": text}


def convert(stack: Stack, order: Order) -> None:
    """Convert everything asked for and print the posts.

    :raises ConversionsFailedError: if one of them failed; the others are printed all the same.
    """
    client = Client(stack.url, stack.login.token)
    batches = {}
    for name, request in order.requests.items():
        say(f"Asking the API to convert {name}")
        batches[name] = client.convert(request)
    end = time.monotonic() + LONGEST_WAIT
    finished: list[dict[str, Any]] = []
    for name, batch in batches.items():
        conversions = _wait(partial(client.conversions, batch), stack=stack, end=end)
        print()
        say(f"Posts of {name}")
        for conversion in conversions:
            _print(conversion)
        finished += conversions
    failed = [conversion for conversion in finished if conversion["status"] != "succeeded"]
    if failed:
        reasons = " ".join(dict.fromkeys(f"{one['target_platform']}: {_reason(one)}" for one in failed))
        raise ConversionsFailedError(failed=len(failed), all=len(finished), reasons=reasons)


def _wait(ask: Callable[[], list[dict[str, Any]]], *, stack: Stack, end: float) -> list[dict[str, Any]]:
    while True:
        if stack.meter:
            stack.meter.read()
        conversions = ask()
        if all(conversion["status"] in FINAL for conversion in conversions) or time.monotonic() > end:
            return conversions
        time.sleep(0.2)


def _print(conversion: dict[str, Any]) -> None:
    if conversion["status"] != "succeeded":
        print(f"\n── {conversion['target_platform']} · {_reason(conversion)}", flush=True)
        return
    limit = conversion["limit"] or "no limit"
    counted = f"{conversion['length']} of {limit}" if conversion["limit"] else f"{conversion['length']}, {limit}"
    print(f"\n── {conversion['target_platform']} · {counted} · written by {conversion['provider']}")
    print(conversion["content_generated"], flush=True)


def _reason(conversion: dict[str, Any]) -> str:
    failure = conversion.get("failure") or {}
    if failure:
        return f"{failure['detail']} ({failure['code']})"
    return f"still {conversion['status']} after {LONGEST_WAIT:.0f} seconds"
