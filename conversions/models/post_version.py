"""What a post said before."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversions.models.conversion import Conversion


class PostVersion(models.Model):
    """One state of a post's text: what was written, and every edit of it. Rows are made by the first edit."""

    conversion = models.ForeignKey(
        Conversion, models.CASCADE, related_name="versions", verbose_name=_("conversion"), db_index=False
    )
    number = models.PositiveSmallIntegerField(_("number"))
    """1 is what the provider wrote."""
    title = models.TextField(_("title"), default="", db_default="", blank=True)
    text = models.TextField(_("post"))
    hashtags = ArrayField(models.TextField(), verbose_name=_("hashtags"), default=list, db_default=[], blank=True)
    length = models.IntegerField(_("length"))
    limit = models.IntegerField(_("limit"), null=True)
    findings = models.JSONField(_("findings"), default=list, db_default=models.Value([], models.JSONField()))
    author = models.CharField(_("written by"), max_length=254)
    """Whose words they are: a provider's name, or the address of who edited them."""
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "post_versions"
        verbose_name = _("version of a post")
        verbose_name_plural = _("versions of posts")
        constraints = [
            models.UniqueConstraint(fields=["conversion", "number"], name="post_versions_number_unique"),
            models.CheckConstraint(name="post_versions_number_positive", condition=models.Q(number__gte=1)),
            models.CheckConstraint(name="post_versions_has_text", condition=~models.Q(text="")),
            models.CheckConstraint(
                name="post_versions_fits",
                condition=models.Q(length__gte=0)
                & (models.Q(limit__isnull=True) | models.Q(length__lte=models.F("limit"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.author}"
