"""The app's place in the project."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversionsConfig(AppConfig):
    """Conversions."""

    name = "conversions"
    verbose_name = _("Conversions")
