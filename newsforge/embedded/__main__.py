"""``python -m newsforge.embedded run|demo``: what `make run` and `make demo` start when .venv is there."""

from __future__ import annotations

import argparse
import os
import sys
import time

import psutil

from newsforge import env
from newsforge.embedded.bootstrap import say
from newsforge.embedded.demo import Order, add_arguments, convert, read_order
from newsforge.embedded.errors import AlreadyRunningError, DiskFullError, EmbeddedError, is_full
from newsforge.embedded.home import home_path
from newsforge.embedded.leash import die_with_parent
from newsforge.embedded.login import FILE
from newsforge.embedded.stack import Stack, running_stack, stack_running
from newsforge.embedded.stopping import StoppedError, check_stopped, stop_on_signals


def main() -> None:
    """Run the command line; an error ends in its sentence."""
    parser = argparse.ArgumentParser(prog="make", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("run", "stay up until Ctrl-C"), ("demo", "end after the first conversion")):
        add_arguments(commands.add_parser(name, help=text))
    options = parser.parse_args()
    stop_on_signals()
    if "MAKELEVEL" in os.environ:  # make is our parent, and whoever kills it means us
        die_with_parent(parent=os.getppid())
    try:
        order = read_order(options)
        run(order) if options.command == "run" else demo(order)
    except EmbeddedError as error:
        sys.exit(f"\n{DiskFullError(path=home_path()).detail if is_full(home_path()) else error.detail}")


def run(order: Order) -> None:
    """Start everything, show that it works, and stay up."""
    try:
        with stack_running() as stack:
            try:
                convert(stack, order)
            except EmbeddedError as error:
                print(f"\n{error.detail}")
            _tell(stack)
            while True:
                check_stopped()
                stack.check_up()
                time.sleep(2)
    except AlreadyRunningError as error:
        print(f"\n{error.detail}")
    except StoppedError:
        say("Stopped")


def demo(order: Order) -> None:
    """Start everything, convert, and leave nothing running; where it runs already, only convert."""
    already = running_stack()
    if already is not None:
        say(f"NewsForge already runs at {already.url}; asking it")
        convert(already, order)
        return
    with stack_running() as stack:
        say("Ready")
        ready = time.time() - float(os.environ["NEWSFORGE_STARTED"])
        convert(stack, order)
        first = time.time() - float(os.environ["NEWSFORGE_STARTED"])
        print(f"\nSet-up took {ready:.1f} s, and {first:.1f} s from the start to the posts.")
        if stack.meter:
            print("\n".join(stack.meter.lines()))
        _tell_login(stack)
    left = [pid for pid in stack.meter.seen if pid != os.getpid() and _is_alive(pid)] if stack.meter else []
    if left:
        sys.exit(f"\nThese processes did not end: {left}")
    say("Stopped; no process is left")


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _tell(stack: Stack) -> None:
    _tell_login(stack)
    mails = "" if env.is_set("EMAIL_URL") else ", with the mails to people until EMAIL_URL is set"
    print(
        f"\nPage      {stack.url}/"
        f"\nAdmin     {stack.url}/admin/"
        f"\nAPI docs  {stack.url}/api/docs/"
        f"\nLogs      {home_path() / 'log'}{mails}"
        f"\n\nPress Ctrl-C to stop.",
        flush=True,
    )


def _tell_login(stack: Stack) -> None:
    path = home_path() / FILE
    if stack.is_new:
        print(f"\nFirst login: {stack.login.email}, password {stack.login.password}")
        print(f"API token:   {stack.login.token}")
        print(f"Both are shown this once and kept in {path}.", flush=True)
    else:
        print(f"\nLogin: {stack.login.email}, as kept in {path}.", flush=True)


if __name__ == "__main__":
    main()
