"""A version of the prompt tried on a bundled article, before anybody's post is written with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal

from django.conf import settings
from django.utils import timezone

from accounts import budget
from conversions import tools
from conversions.enums import Language, Platform, Provider, Verdict
from conversions.lineup import lineup
from conversions.models import PromptVersion
from conversions.pipeline import convert, pricing
from conversions.pipeline.compose import compose
from conversions.pipeline.extract import extract
from conversions.pipeline.prompts import Prompts
from conversions.pipeline.providers.asking import SdkWriter
from conversions.pipeline.types import Article, Brief, Outcome, Page, Prompt, Reply, Usage
from conversions.route import MICRODOLLAR, worst_cost
from newsforge.lib.errors import NewsforgeError

SAMPLES = ("ko", "en")
"""The bundled articles, by their language."""

SECONDS = 40.0
"""A person waits for the answer; proxies wait for a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One post to try a version with."""

    version: PromptVersion
    sample: str
    platform: Platform
    language: Language

    @property
    def brief(self) -> Brief:
        """Return it as the pipeline takes it."""
        limit = settings.PLATFORM_LIMITS.get(self.platform)
        return Brief(platform=self.platform, language=self.language, limit=limit, label=settings.AI_LABEL)

    @property
    def prompts(self) -> Prompts:
        """Return the version as if it stood for everything."""
        return Prompts(templates={("", ""): self.version.template()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What the prompt's post would likely cost at one provider (USD; None: unknown), and whether there is a key."""

    provider: Provider
    model: str
    cost_usd: Decimal | None
    has_key: bool
    variable: str
    """The environment's name for the operator's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a provider made of it, and what that cost; a failure stands where there is no post."""

    outcome: Outcome | None
    failure: NewsforgeError | None
    calls: int
    usage: Usage
    cost_usd: Decimal | None


def sample(*, name: str) -> Article:
    """Return a bundled article as the pipeline reads it."""
    content = (settings.BASE_DIR / "newsforge" / "embedded" / "samples" / f"{name}.html").read_bytes()
    article = extract(page=Page(url=None, content=content, content_type="text/html; charset=utf-8"))
    assert article.verdict is Verdict.OK  # noqa: S101 - an article of ours
    return article


def prompt_of(*, task: Task) -> Prompt:
    """Return exactly what a provider would be sent.

    :raises conversions.pipeline.prompts.PromptTemplateInvalid: if the version cannot be filled.
    """
    return compose(article=sample(name=task.sample), brief=task.brief, prompts=task.prompts)


def prices(*, prompt: Prompt) -> list[Price]:
    """Return what the post would cost with each provider's model in force, when it answers well at once."""
    tokens = pricing.tokens_of(prompt.system + prompt.user)
    usage = Usage(input_tokens=tokens, output_tokens=pricing.TYPICAL_OUTPUT_TOKENS)
    return [
        Price(
            provider=place.provider,
            model=place.model,
            cost_usd=pricing.cost(provider=place.provider, model=place.model, usage=usage),
            has_key=bool(settings.OPERATOR_PROVIDERS[place.provider]["api_key"]),
            variable=f"{place.provider.upper()}_API_KEY",
        )
        for place in lineup()
    ]


def write(*, task: Task, provider: str) -> Trial:
    """Let a provider write the post with the operator's key, as often as a conversion would ask it.

    The operator's monthly budget pays; nothing else is kept, and the provider is asked although it is paused.

    :raises conversions.pipeline.convert.NoProviderKey: if the operator has no key there.
    """
    secret = settings.OPERATOR_PROVIDERS[provider]["api_key"]
    if not secret:
        raise convert.NoProviderKey
    writer = _Budgeted(writer=tools.writer_with(provider=provider, api_key=secret))
    given = convert.Tools(
        fetch=tools.fetch_page, writers=(writer,), remaining=tools.countdown(seconds=SECONDS), prompts=task.prompts
    )
    outcome, failed = None, None
    try:
        outcome = convert.write(article=sample(name=task.sample), brief=task.brief, tools=given)
    except NewsforgeError as failure:
        failed = failure
    known = [cost for cost in writer.costs if cost is not None]
    return Trial(
        outcome=outcome,
        failure=failed,
        calls=len(writer.costs),
        usage=writer.usage,
        cost_usd=sum(known, Decimal(0)) if len(known) == len(writer.costs) else None,
    )


@dataclass(slots=True, kw_only=True)
class _Budgeted:
    """A writer whose calls the operator's budget must cover."""

    writer: SdkWriter
    costs: list[Decimal | None] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)

    @property
    def provider(self) -> Provider:
        return self.writer.provider

    @property
    def model(self) -> str:
        return self.writer.model

    def complete(self, prompt: Prompt, *, timeout: float) -> Reply:
        held = (worst_cost(writer=self.writer, prompt=prompt) or Decimal(0)).quantize(MICRODOLLAR, ROUND_UP)
        month = budget.hold(user=None, amount=held, now=timezone.now())
        usage, cost = Usage(), None
        try:
            reply = self.writer.complete(prompt, timeout=timeout)
            usage = reply.usage
        except NewsforgeError as failure:
            usage = getattr(failure, "usage", None) or usage
            raise
        else:
            return reply
        finally:
            cost = pricing.cost(provider=self.provider, model=self.model, usage=usage)
            budget.settle(user=None, month=month, held=held, cost=cost)
            self.costs.append(cost)
            self.usage = Usage(
                input_tokens=self.usage.input_tokens + usage.input_tokens,
                output_tokens=self.usage.output_tokens + usage.output_tokens,
            )
