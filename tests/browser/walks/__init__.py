"""The ways through the tasks, in the order of the table; each makes what it needs and looks for what it came for."""

from tests.browser.tasks import TASKS
from tests.browser.walks import conversions, monitoring, people, providers, tokens

__all__ = ["TASKS", "conversions", "monitoring", "people", "providers", "tokens"]
