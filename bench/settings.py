"""The product's own settings, and one view beside it that does nothing."""

from newsforge.settings.dev import *  # noqa: F403 - settings modules are one namespace, cut into files

ROOT_URLCONF = "bench.urls"
