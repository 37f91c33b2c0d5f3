"""The words models are asked with, each version kept for good once it was active."""

from __future__ import annotations

import re

from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversions.enums import Language, Platform, PromptState
from conversions.pipeline.prompts import NAMES, PromptTemplate
from newsforge.lib.database import choices, one_of

LONGEST = 20_000
"""Characters of one template, six times ours: they are paid for with every post."""

_NAME = "|".join(map(re.escape, NAMES))
FILLABLE = rf"^([^$]|\$\$|\$({_NAME})(?![a-zA-Z0-9_])|\$\{{({_NAME})\}})*$"
"""A text that names nothing but ``NAMES``, as the database sees it."""

NAMES_ARTICLE = r"\$(article(?![a-zA-Z0-9_])|\{article\})"

LANGUAGES = (Language.KOREAN, Language.ENGLISH)
"""Those a version can be made for alone; posts in others take the one for all."""


class PromptVersion(models.Model):
    """One version of the words for a platform and a language, empty for all of them.

    A trigger of the database keeps one that is or was active as it is; only its state moves.
    """

    id = models.BigAutoField(primary_key=True)
    platform = models.CharField(
        _("platform"), max_length=20, default="", db_default="", blank=True,
        choices=[("", _("all platforms")), *choices(Platform)],
    )  # fmt: skip
    language = models.CharField(
        _("language"), max_length=10, default="", db_default="", blank=True,
        choices=[("", _("all languages")), ("ko", _("Korean")), ("en", _("English"))],
    )  # fmt: skip
    """Of the post, not of the article."""
    version = models.CharField(
        _("version"), max_length=60, unique=True,
        validators=[RegexValidator(r"^[\w.\-]+\Z", _("Use letters, digits, points, hyphens and underscores."))],
    )  # fmt: skip
    """What conversions and attempts name it by."""
    system_template = models.TextField(_("system"), validators=[MaxLengthValidator(LONGEST)])
    user_template = models.TextField(_("task"), validators=[MaxLengthValidator(LONGEST)])
    note = models.CharField(_("note"), max_length=300, default="", db_default="", blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=choices(PromptState), editable=False,
        default=PromptState.DRAFT.value, db_default=PromptState.DRAFT.value,
    )  # fmt: skip
    created_by = models.CharField(
        _("created by"), max_length=254, default="system", db_default="system", editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)
    activated_by = models.CharField(_("activated by"), max_length=254, default="", db_default="", editable=False)
    activated_at = models.DateTimeField(_("activated"), null=True, editable=False)
    """The last time, for one that was rolled back to."""

    class Meta:
        db_table = "prompt_versions"
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        constraints = [
            models.UniqueConstraint(
                name="prompt_versions_one_active", fields=["platform", "language"], condition=models.Q(state="active")
            ),
            one_of("state", PromptState, "prompt_versions_state_known"),
            models.CheckConstraint(
                name="prompt_versions_scope_known",
                condition=models.Q(platform__in=["", *(item.value for item in Platform)])
                & models.Q(language__in=["", *(item.value for item in LANGUAGES)]),
            ),
            models.CheckConstraint(
                name="prompt_versions_fillable",
                condition=models.Q(state="draft")
                | (models.Q(user_template__regex=FILLABLE) & models.Q(user_template__regex=NAMES_ARTICLE)),
            ),
            models.CheckConstraint(
                name="prompt_versions_activated_once_no_draft",
                condition=models.Q(state="draft") ^ models.Q(activated_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.version

    def template(self) -> PromptTemplate:
        """Return it as the pipeline takes it."""
        return PromptTemplate(version=self.version, system=self.system_template, user=self.user_template)
