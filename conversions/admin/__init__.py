"""The admin pages of conversions, one module for each model."""

from conversions.admin.api_key import ApiKeyAdmin
from conversions.admin.article import ArticleAdmin
from conversions.admin.attempt import AttemptAdmin
from conversions.admin.circuit_transition import CircuitTransitionAdmin
from conversions.admin.conversion import ConversionAdmin
from conversions.admin.post_version import PostVersionAdmin
from conversions.admin.prompt_version import PromptVersionAdmin
from conversions.admin.provider_setting import ProviderSettingAdmin
from conversions.admin.tally import HourlySpendAdmin, HourlyTallyAdmin
from conversions.admin.webhook_delivery import WebhookDeliveryAdmin
from conversions.admin.webhook_endpoint import WebhookEndpointAdmin

__all__ = [
    "ApiKeyAdmin",
    "ArticleAdmin",
    "AttemptAdmin",
    "CircuitTransitionAdmin",
    "ConversionAdmin",
    "HourlySpendAdmin",
    "HourlyTallyAdmin",
    "PostVersionAdmin",
    "PromptVersionAdmin",
    "ProviderSettingAdmin",
    "WebhookDeliveryAdmin",
    "WebhookEndpointAdmin",
]
