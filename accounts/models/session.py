"""Where somebody is logged in."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class LoginSession(models.Model):
    """A browser somebody is logged in with; the row goes with Django's own of the session."""

    id = models.BigAutoField(primary_key=True)
    session = models.OneToOneField(Session, models.CASCADE, related_name="+", editable=False)
    """Its key opens the account, so nobody is shown it."""
    user = models.ForeignKey(User, models.CASCADE, related_name="login_sessions", verbose_name=_("user"))
    user_agent = models.CharField(_("browser"), max_length=300, default="", db_default="", blank=True)
    address = models.GenericIPAddressField(_("connected from"), null=True)
    created_at = models.DateTimeField(_("logged in"), default=timezone.now, db_default=Now(), editable=False)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now, db_default=Now())

    class Meta:
        db_table = "login_sessions"
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        indexes = [models.Index(fields=["-seen_at"], name="idx_login_sessions_seen_at")]

    def __str__(self) -> str:
        return f"{self.user_agent[:60]} {self.address or ''}".strip()
