"""Senders in processes of their own, to be killed: each line of input, ``ISO-TIME URL…``, forks one and says its pid.

Started once, since that takes seconds; it has no connection and no thread of its own when it forks.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime

import django


def main() -> None:
    django.setup()
    from django.conf import settings

    from monitoring import alerts
    from monitoring.channels import address

    address.read(url="mailto://smtp.example.com?from=a@example.com&to=b@example.com", is_trusted=False)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        now, *urls = line.split()
        pid = os.fork()
        if pid == 0:
            settings.ALERT_URLS = urls
            try:
                alerts.send_due(now=datetime.fromisoformat(now))
            finally:
                os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        os.waitpid(pid, 0)
        sys.stdout.write("gone\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
