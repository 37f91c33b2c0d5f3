"""Production starts only when everything that must be said is said."""

from __future__ import annotations

import os
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from newsforge.env import ROOT

SAID = {
    "SECRET_KEY": "x" * 50,
    "DATABASE_URL": "postgres://newsforge@127.0.0.1:1/newsforge",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "NEWSFORGE_ENCRYPTION_KEYS": "k1:" + "A" * 43 + "=",
    "ALLOWED_HOSTS": "news.example",
}


PRODUCTION = "import newsforge.settings.production"


def started(home: Path, code: str = PRODUCTION, **said: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, in an environment of exactly these variables."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], "NEWSFORGE_HOME": str(home), **said},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("missing", ["", *SAID])
def test_production_refuses_to_start_without_what_must_be_said(tmp_path: Path, missing: str) -> None:
    ended = started(tmp_path, **{name: value for name, value in SAID.items() if name != missing})
    assert (ended.returncode == 0) is (missing == ""), ended.stderr
    if missing:
        assert f"{missing} is not set" in ended.stderr
        assert missing == "SECRET_KEY" or SAID["SECRET_KEY"] not in ended.stderr


@pytest.mark.parametrize(
    "entry",
    ["import newsforge.wsgi", "import newsforge.asgi", "from newsforge.celery import app; app.conf.task_routes"],
)
def test_a_process_that_is_told_no_settings_is_in_production(tmp_path: Path, entry: str) -> None:
    ended = started(tmp_path, entry)
    assert ended.returncode != 0
    assert "SECRET_KEY is not set" in ended.stderr
    assert not list(tmp_path.iterdir()), "a developer's secrets were made"


def test_the_database_ends_a_transaction_nobody_works_in(tmp_path: Path) -> None:
    asked = (
        "import django; django.setup(); from django.db import connection as c; k = c.cursor();"
        "print(k.execute('SHOW idle_in_transaction_session_timeout').fetchone()); k.close(); c.close(); c.close_pool()"
    )
    said = SAID | {"DATABASE_URL": os.environ["DATABASE_URL"]}
    ended = started(tmp_path, asked, **said, DJANGO_SETTINGS_MODULE="newsforge.settings.production")
    assert ended.stdout.strip() == "('1min',)", ended.stderr


@pytest.mark.parametrize(
    ("process", "bounds"),
    [
        ("import newsforge.wsgi", "('7s', '3s')"),
        ("import newsforge.asgi", "('7s', '3s')"),
        (
            "from celery.signals import worker_init as w; w.send(type('Worker', (), {'pool_cls': 'prefork'}))",
            "('7s', '3s')",
        ),
        ("import django; django.setup()", "('0', '0')"),
    ],
    ids=["web", "asynchronous web", "worker", "command"],
)
def test_web_and_workers_wait_for_no_statement_for_ever(tmp_path: Path, process: str, bounds: str) -> None:
    asked = (
        f"import newsforge.celery; {process}; from django.db import connection as c; k = c.cursor();"
        "print(k.execute('SHOW statement_timeout').fetchone() + k.execute('SHOW lock_timeout').fetchone());"
        "k.close(); c.close(); c.close_pool()"
    )
    said = SAID | {"DATABASE_URL": os.environ["DATABASE_URL"], "NEWSFORGE_STATEMENT_SECONDS": "7"}
    said |= {"NEWSFORGE_LOCK_SECONDS": "3", "DJANGO_SETTINGS_MODULE": "newsforge.settings.production"}
    ended = started(tmp_path, asked, **said)
    assert ended.stdout.strip() == bounds, ended.stderr


def test_production_has_nothing_djangos_deployment_check_warns_of(tmp_path: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], "NEWSFORGE_HOME": str(tmp_path), **SAID,
             "SECRET_KEY": string.ascii_letters + string.digits,
             "DJANGO_SETTINGS_MODULE": "newsforge.settings.production"},
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("peer", "said", "is_secure"),
    [
        ("10.0.0.7", "https", True),
        ("::ffff:10.0.0.7", "https", True),
        ("10.0.0.7", "http", False),
        ("10.0.0.7", "https, http", False),
        ("10.0.0.7", "http, https", True),
        ("203.0.113.9", "https", False),
        ("", "https", False),
    ],
)
def test_tls_is_believed_of_our_proxies_alone(settings: Any, peer: str, said: str, is_secure: bool) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    answer = Client().get("/api/schema/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO=said)
    assert answer.status_code == (200 if is_secure else 301)


@pytest.mark.parametrize("path", ["/health/live/", "/health/ready/"])
def test_a_balancer_probes_by_address_and_without_tls(db: None, settings: Any, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["news.example"]
    answer = Client().get(path, headers={"host": "10.0.0.7:8000"})
    assert answer.status_code in {200, 503}
    assert answer.json()["status"]
