"""The app's place in the project."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Accounts."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Register the checks, and listen for logins and for addresses that are proven."""
        from accounts import checks, login, sessions  # noqa: F401 - register themselves
