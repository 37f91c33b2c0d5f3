"""What the service measures of itself."""

from __future__ import annotations

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SystemMetric(models.Model):
    """One measured value at one moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    metric_name = models.CharField(_("metric"), max_length=100)
    metric_value = models.DecimalField(_("value"), max_digits=15, decimal_places=6)
    timestamp = models.DateTimeField(_("time"), default=timezone.now, db_default=Now())
    metadata = models.JSONField(_("labels"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True)

    class Meta:
        db_table = "system_metrics"
        verbose_name = _("system metric")
        verbose_name_plural = _("system metrics")
        indexes = [
            models.Index(fields=["-timestamp"], name="idx_system_metrics_timestamp"),
            models.Index(fields=["metric_name", "-timestamp"], name="idx_system_metrics_name_time"),
        ]

    def __str__(self) -> str:
        return f"{self.metric_name}={self.metric_value}"
