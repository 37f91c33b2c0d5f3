"""The job."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversions.enums import AUTO, FailureCode, Language, Platform, Provider, Status, Tone
from conversions.models.article import Article
from newsforge.lib import rows
from newsforge.lib.database import choices, not_negative, one_of

MOVES = {
    Status.PENDING: {Status.PROCESSING, Status.FAILED, Status.CANCELLED},
    Status.PROCESSING: {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.PENDING},
    Status.FAILED: {Status.PENDING},
    Status.CANCELLED: {Status.PENDING},
    Status.SUCCEEDED: set(),
}
"""From which status a conversion may come into which."""


class ConversionQuerySet(models.QuerySet["Conversion"]):
    """The one way a status changes."""

    def move(self, source: Status, target: Status, **fields: Any) -> int:
        """Test and set: move those of these rows that are in ``source`` and return how many there were.

        :raises ValueError: if that move is never allowed.
        """
        check_move(source, target)
        return self.filter(status=source).update(status=target, updated_at=timezone.now(), **fields)


def check_move(source: Status, target: Status) -> None:
    """See that the move is one we make.

    :raises ValueError: if it is never allowed.
    """
    if target not in MOVES[source]:
        msg = f"A conversion never moves from {source} to {target}."
        raise ValueError(msg)


class Conversion(models.Model):
    """One article on its way to one platform: the row is the queue's truth, Celery only wakes a worker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="conversions",
        verbose_name=_("user"),
        db_index=False,
    )
    article = models.ForeignKey(
        Article, models.SET_NULL, null=True, related_name="conversions", verbose_name=_("article")
    )
    batch_id = models.UUIDField(_("batch"), default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    source_url = models.TextField(_("source address"), default="", db_default="", blank=True)
    target_platform = models.CharField(_("platform"), max_length=20, choices=choices(Platform))
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=choices(Language),
        default=Language.SOURCE.value,
        db_default=Language.SOURCE.value,
    )
    tone = models.CharField(
        _("tone"),
        max_length=20,
        choices=choices(Tone),
        default=Tone.NEUTRAL.value,
        db_default=Tone.NEUTRAL.value,
    )
    requested_provider = models.CharField(_("asked for"), max_length=20, default=AUTO, db_default=AUTO)
    provider = models.CharField(_("written by"), max_length=20, default="", db_default="", blank=True)
    model = models.CharField(_("model"), max_length=100, default="", db_default="", blank=True)
    prompt_version = models.CharField(_("prompt"), max_length=60, default="", db_default="", blank=True)
    """The version that was in force for its writer; our own is asked by none."""

    status = models.CharField(
        _("status"),
        max_length=10,
        choices=choices(Status),
        default=Status.PENDING.value,
        db_default=Status.PENDING.value,
    )
    failure_code = models.CharField(_("failure"), max_length=40, default="", db_default="", blank=True)
    error_message = models.TextField(_("what went wrong"), default="", db_default="", blank=True)
    fault = models.CharField(_("whose fault"), max_length=10, default="", db_default="", blank=True)
    error_id = models.UUIDField(_("error id"), null=True, editable=False)
    """Under which the log and the report have a failure nobody foresaw."""
    retry_after = models.PositiveIntegerField(_("may pass within (s)"), null=True, editable=False)
    """Seconds the far side asked to wait, counted from the end; empty when it named none."""

    title = models.TextField(_("title"), default="", db_default="", blank=True)
    content_generated = models.TextField(_("post"), default="", db_default="", blank=True)
    hashtags = ArrayField(models.TextField(), verbose_name=_("hashtags"), default=list, db_default=[], blank=True)
    content_language = models.CharField(_("post's language"), max_length=10, default="", db_default="", blank=True)
    length = models.IntegerField(_("length"), null=True)
    limit = models.IntegerField(_("limit"), null=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1, db_default=1, editable=False)
    """Which state of the text this is: 1 as it was written, and one more for each edit."""
    findings = models.JSONField(_("findings"), default=list, db_default=models.Value([], models.JSONField()))

    tokens_used = models.IntegerField(_("tokens"), default=0, db_default=0)
    cost_usd = models.DecimalField(_("cost (USD)"), max_digits=10, decimal_places=6, null=True)
    processing_time_ms = models.IntegerField(_("time (ms)"), null=True)
    timings = models.JSONField(_("stages (ms)"), default=dict, db_default=models.Value({}, models.JSONField()))

    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    purged_at = models.DateTimeField(_("text removed"), null=True)
    """When retention took the texts away; the numbers stay."""
    not_before = models.DateTimeField(_("not before"), default=timezone.now, db_default=Now())
    deadline_at = models.DateTimeField(_("deadline"), null=True)
    lease_until = models.DateTimeField(_("lease until"), null=True)
    claim = models.IntegerField(_("claim"), default=0, db_default=0)
    """The fencing token: only the worker that raised it last may write."""
    run = models.PositiveSmallIntegerField(_("run"), default=1, db_default=1)
    """Which time a customer asked for it: 1, and one more for each retry from the door."""
    position = models.PositiveSmallIntegerField(_("position"), default=0, db_default=0)
    """Its place among the platforms of its request."""
    woken_at = models.DateTimeField(_("last woken"), default=timezone.now, db_default=Now())
    """When a worker was last told; the sweep tells again when nobody came."""
    flagged_at = models.DateTimeField(_("flagged"), null=True, editable=False)
    """When staff marked it to be looked at again."""
    flag_note = models.CharField(_("note"), max_length=300, default="", db_default="", blank=True)

    objects = ConversionQuerySet.as_manager()

    class Meta:
        db_table = "conversion_logs"
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        indexes = [
            models.Index(fields=["user", "-created_at"], name="idx_conversion_logs_user_id"),
            models.Index(fields=["-created_at"], name="idx_conversion_logs_created_at"),
            models.Index(fields=["finished_at"], name="idx_conversion_logs_finished"),
            models.Index(fields=["batch_id"], name="idx_conversion_logs_batch_id"),
            models.Index(
                fields=["prompt_version"], name="idx_conversion_logs_prompt", condition=~models.Q(prompt_version="")
            ),
            models.Index(
                fields=["status", "lease_until"], name="idx_conversion_logs_open",
                condition=models.Q(status__in=["pending", "processing"]),
            ),
            models.Index(
                fields=["error_id"], name="idx_conversion_logs_error_id", condition=models.Q(error_id__isnull=False)
            ),
            # The lists of the admin: each filter that leaves few rows of many, newest first.
            models.Index(
                fields=["status", "-created_at"], name="idx_conversion_logs_ended",
                condition=models.Q(status__in=["failed", "cancelled"]),
            ),
            models.Index(
                fields=["failure_code", "-created_at"], name="idx_conversion_logs_failure",
                condition=~models.Q(failure_code=""),
            ),
            models.Index(fields=["target_platform", "-created_at"], name="idx_conversion_logs_platform"),
            models.Index(fields=["provider", "-created_at"], name="idx_conversion_logs_provider"),
            models.Index(
                fields=["-created_at"], name="idx_conversion_logs_flagged",
                condition=models.Q(flagged_at__isnull=False),
            ),
        ]  # fmt: skip
        constraints = [
            one_of("status", Status, "conversion_logs_status_known"),
            one_of("target_platform", Platform, "conversion_logs_platform_known"),
            one_of("language", Language, "conversion_logs_language_known"),
            one_of("tone", Tone, "conversion_logs_tone_known"),
            models.CheckConstraint(
                name="conversion_logs_provider_known",
                condition=models.Q(provider__in=["", *(item.value for item in Provider)])
                & models.Q(requested_provider__in=[AUTO, *(item.value for item in Provider)]),
            ),
            models.CheckConstraint(
                name="conversion_logs_failure_known",
                condition=models.Q(failure_code__in=["", *(item.value for item in FailureCode)]),
            ),
            models.CheckConstraint(
                name="conversion_logs_failed_has_code",
                condition=models.Q(status="failed") ^ models.Q(failure_code=""),
            ),
            models.CheckConstraint(
                name="conversion_logs_succeeded_has_post",
                condition=~models.Q(status="succeeded") | ~models.Q(content_generated="") | ~models.Q(purged_at=None),
            ),
            models.CheckConstraint(
                name="conversion_logs_post_fits",
                condition=models.Q(limit__isnull=True) | models.Q(length__lte=models.F("limit")),
            ),
            not_negative("tokens_used", "claim", name="conversion_logs_counts_not_negative"),
            models.CheckConstraint(
                name="conversion_logs_measures_not_negative",
                condition=(models.Q(cost_usd__isnull=True) | models.Q(cost_usd__gte=0))
                & (models.Q(processing_time_ms__isnull=True) | models.Q(processing_time_ms__gte=0))
                & (models.Q(length__isnull=True) | models.Q(length__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_platform} {self.status} {self.id}"

    def move(self, source: Status, target: Status, **fields: Any) -> bool:
        """Test and set: move this row if nobody has claimed it since it was loaded; tell whether it moved.

        :raises ValueError: if that move is never allowed.
        """
        check_move(source, target)
        held = {"pk": self.pk, "claim": self.claim, "status": source}
        values = {"status": target, "updated_at": timezone.now(), **fields}
        return bool(rows.update(model=Conversion, where=held, values=values))
