#!/usr/bin/env python
"""Run one management command, with the embedded servers when no others are named."""

import os
import sys

WITHOUT_DATABASE = frozenset(
    {"extract", "check_posts", "convert", "makemessages", "compilemessages", "help", "version"}
)


def main() -> None:
    """Run the command line; a command that needs the database finds one running."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsforge.settings.dev")
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in WITHOUT_DATABASE or {"-h", "--help"} & set(sys.argv):
        execute_from_command_line(sys.argv)
        return

    from newsforge import embedded

    with embedded.running() as addresses:
        os.environ.update(addresses)
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
