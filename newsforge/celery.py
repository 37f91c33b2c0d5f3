"""The Celery application; its settings are Django's, under the prefix ``CELERY_``."""

import importlib
import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.conf import settings

from newsforge.lib import garbage, task_log

# Whatever imports the project comes past here first, the web too: who says nothing is in production, and is refused
# without its secrets. manage.py and the Makefile say that they are a developer's.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsforge.settings.production")

app = Celery("newsforge")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
task_log.connect()


@worker_init.connect
def settle(sender: Any, **_: object) -> None:
    """Import before the first task what it needs, which takes a second, seconds on a busy machine.

    Writers in threads need the operator's providers. Readers need what reads pages, which forked children then share.
    """
    importlib.import_module("newsforge.lib.database").bound_statements()
    if "thread" in str(sender.pool_cls):
        for name, facts in settings.OPERATOR_PROVIDERS.items():
            if facts["api_key"]:
                importlib.import_module(name)
    else:
        importlib.import_module("conversions.pipeline.extract.page")
    garbage.settle()
