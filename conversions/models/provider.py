"""What staff say about a provider, and the record of what its circuit did."""

from __future__ import annotations

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversions.enums import Provider
from newsforge.lib.breaker import CircuitState
from newsforge.lib.database import choices, one_of


class ProviderSetting(models.Model):
    """One provider as staff want it asked; what is empty comes from the environment.

    Its address and the operator's key are in the environment alone: whoever may edit a row must not be able to send
    users' keys elsewhere.
    """

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(_("provider"), max_length=20, choices=choices(Provider), unique=True, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=1, db_default=1)
    """Who is asked first when the choice is ours: the lowest."""
    is_enabled = models.BooleanField(_("enabled"), default=True, db_default=True, editable=False)
    model = models.CharField(
        _("model"), max_length=100, default="", db_default="", blank=True,
        validators=[RegexValidator(r"^[\w.:/@\-]+\Z", _("This is not the name of a model."))],
    )  # fmt: skip
    failure_threshold = models.PositiveSmallIntegerField(
        _("failures that open the circuit"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    recovery_seconds = models.PositiveIntegerField(
        _("seconds until one call may try"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    forced_open_until = models.DateTimeField(_("paused until"), null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, default="", db_default="", blank=True, editable=False)
    """Why staff paused or disabled it."""
    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_default=Now())

    class Meta:
        db_table = "provider_settings"
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        constraints = [
            one_of("provider", Provider, "provider_settings_provider_known"),
            models.CheckConstraint(
                name="provider_settings_at_least_one",
                condition=models.Q(failure_threshold__isnull=True) | models.Q(failure_threshold__gte=1),
            ),
            models.CheckConstraint(
                name="provider_settings_some_recovery",
                condition=models.Q(recovery_seconds__isnull=True) | models.Q(recovery_seconds__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.provider


class CircuitTransition(models.Model):
    """One move of a circuit: from where to where, why, and by whose doing. Never changed, only added."""

    id = models.BigAutoField(primary_key=True)
    circuit = models.CharField(_("circuit"), max_length=300)
    """The provider, and ``@host:port`` when it is not at its own address."""
    from_state = models.CharField(_("from"), max_length=10, choices=choices(CircuitState))
    to_state = models.CharField(_("to"), max_length=10, choices=choices(CircuitState))
    reason = models.CharField(_("reason"), max_length=400, default="", db_default="", blank=True)
    failure_code = models.CharField(_("failure"), max_length=40, default="", db_default="", blank=True)
    actor = models.CharField(_("actor"), max_length=254, default="system", db_default="system")
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "circuit_transitions"
        verbose_name = _("circuit transition")
        verbose_name_plural = _("circuit transitions")
        indexes = [
            models.Index(fields=["circuit", "-id"], name="idx_circuit_transitions"),
            models.Index(fields=["-created_at"], name="idx_circuit_transitions_when"),
        ]
        constraints = [
            one_of("from_state", CircuitState, "circuit_transitions_from_known"),
            one_of("to_state", CircuitState, "circuit_transitions_to_known"),
        ]

    def __str__(self) -> str:
        return f"{self.circuit} {self.from_state} → {self.to_state}"
