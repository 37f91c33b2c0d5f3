"""The job and what belongs to it. Defaults and rules hold in the database, so that plain SQL obeys them."""

from conversions.models.article import Article
from conversions.models.attempt import Attempt
from conversions.models.conversion import Conversion
from conversions.models.post_version import PostVersion
from conversions.models.prompt import PromptVersion
from conversions.models.provider import CircuitTransition, ProviderSetting
from conversions.models.tally import HourlySpend, HourlyTally
from conversions.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "Article",
    "Attempt",
    "CircuitTransition",
    "Conversion",
    "HourlySpend",
    "HourlyTally",
    "PostVersion",
    "PromptVersion",
    "ProviderSetting",
    "WebhookDelivery",
    "WebhookEndpoint",
]
