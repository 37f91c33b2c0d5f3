"""The product's own settings, with the views and the task of the floor: what the same libraries cost bare."""

from newsforge.settings.dev import *  # noqa: F403 - settings modules are one namespace, cut into files

ROOT_URLCONF = "bench.urls"
CELERY_IMPORTS = ["bench.tasks"]
