"""Who changed what."""

from __future__ import annotations

from typing import Any, NoReturn

from auditlog.models import AbstractLogEntry
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsforge.lib import audit


class AuditEntry(AbstractLogEntry):  # type: ignore[misc] # the package has no types
    """One thing somebody did to one row; only ever added, and a trigger refuses anything else.

    The columns are django-auditlog's, but for who did it: an id without a foreign key, so that nothing is rewritten
    when an account goes, and the address it had then.
    """

    actor = None
    changes_text = None
    remote_port = None
    id = models.BigAutoField(primary_key=True)
    content_type = models.ForeignKey(
        "contenttypes.ContentType", models.CASCADE, related_name="+", verbose_name=_("kind"), db_index=False
    )
    object_pk = models.CharField(_("id"), max_length=255)
    object_id = models.BigIntegerField(null=True, blank=True, editable=False)
    object_repr = models.TextField(_("what"))
    action = models.PositiveSmallIntegerField(_("action"), choices=AbstractLogEntry.Action.choices)
    cid = models.CharField(_("request"), max_length=255, null=True, blank=True)  # noqa: DJ001 - django-auditlog's
    timestamp = models.DateTimeField(_("when"), default=timezone.now, db_default=Now())
    remote_addr = models.GenericIPAddressField(_("connected from"), null=True, blank=True)
    actor_id = models.UUIDField(_("account"), null=True, editable=False)
    actor_email = models.CharField(_("who"), max_length=254, default="", db_default="", blank=True)

    class Meta:
        db_table = "audit_entries"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        indexes = [
            models.Index(fields=["object_pk", "content_type", "-id"], name="idx_audit_entries_object"),
            models.Index(fields=["content_type", "-id"], name="idx_audit_entries_kind"),
            models.Index(fields=["actor_email", "-id"], name="idx_audit_entries_actor"),
            models.Index(fields=["action", "-id"], name="idx_audit_entries_action"),
            models.Index(fields=["timestamp"], name="idx_audit_entries_timestamp"),
            models.Index(fields=["cid"], name="idx_audit_entries_request"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.object_repr}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry, with who is behind the request that makes it; a written entry stays.

        :raises TypeError: if the entry exists already.
        """
        if not self._state.adding:
            self.delete()
        self.changes = audit.kept(vars(self)["changes"])
        self.actor_id, self.actor_email, self.remote_addr = audit.author()
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse.

        :raises TypeError: always.
        """
        msg = "An audit entry is neither changed nor removed."
        raise TypeError(msg)
