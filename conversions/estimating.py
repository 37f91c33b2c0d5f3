"""What a request would cost, before it is made: nothing is fetched, reserved or paid for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts import budget, quota
from accounts.models import User
from accounts.selectors import shares_of
from conversions import active_prompts, execution, selectors, tools
from conversions.enums import Payer, Platform
from conversions.models import Conversion
from conversions.pipeline import pricing
from conversions.pipeline.compose import compose
from conversions.pipeline.convert import ASKS, NoProviderKey
from conversions.pipeline.extract import from_text, require_ok
from conversions.pipeline.types import Article, Usage
from conversions.route import worst_cost
from conversions.services import Source, Wishes
from newsforge.lib.http import parse_url

TYPICAL_CHARACTERS = 2_000
"""The median news report, for an address that was not read yet. Ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One platform's post: who would write it and the likely and the highest price (USD; None: unknown)."""

    platform: Platform
    provider: str
    model: str
    payer: Payer
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    max_cost_usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """All platforms of a request, and whether the day's quota and the month's budgets cover them.

    ``basis`` is ``text`` when the article was given, ``typical`` when its length is assumed.
    """

    basis: str
    posts: tuple[Estimate, ...]
    cost_usd: Decimal | None
    max_cost_usd: Decimal | None
    units: int
    units_left: int
    fits_quota: bool
    fits_budget: bool


def estimate(*, user: User, source: Source, wishes: Wishes, now: datetime) -> Forecast:
    """Return what the request would cost with the writer that would be asked first.

    :raises NoProviderKey: if the provider asked for has no key.
    :raises PermanentError: if the source cannot be an article, whoever reads it.
    """
    article = _article(source)
    posts = tuple(_post(user, article, platform, wishes) for platform in wishes.platforms)
    stands = quota.standing(user=user, now=now)
    return Forecast(
        basis="text" if source.text else "typical",
        posts=posts,
        cost_usd=_total([each.cost_usd for each in posts]),
        max_cost_usd=_total([each.max_cost_usd for each in posts]),
        units=len(posts),
        units_left=stands.left,
        fits_quota=len(posts) <= stands.left,
        fits_budget=all(_covered(payer, user, posts, now) for payer in (Payer.USER, Payer.OPERATOR)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What running again takes of one user's day."""

    user: User
    units: int
    left: int

    @property
    def refused(self) -> int:
        """Return how many will not run, as no unit is left for them."""
        return max(0, self.units - self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """What running conversions again takes: units of their owners' days, the shortest first, and about how much money.

    ``cost_usd`` is that of all ``units``, by what such posts cost lately; it leaves out the ``unpriced``.
    ``ownerless`` have lost their user and cannot run.
    """

    needs: tuple[Need, ...]
    units: int
    refused: int
    ownerless: int
    cost_usd: Decimal
    unpriced: int


def forecast_rerun(*, conversions: Sequence[Conversion], now: datetime) -> Rerun:
    """Return what it would take to run these again."""
    owners = Counter(each.user_id for each in conversions if each.user_id is not None)
    shares = shares_of(users=owners, now=now)
    needs = [Need(user=shares[pk].user, units=count, left=shares[pk].left) for pk, count in owners.items()]
    needs.sort(key=lambda need: (-need.refused, -need.units, need.user.email))
    usual = selectors.usual_costs()
    costs = [usual.get((each.target_platform, each.requested_provider)) for each in conversions]
    known = [cost for cost in costs if cost is not None]
    return Rerun(
        needs=tuple(needs),
        units=owners.total(),
        refused=sum(need.refused for need in needs),
        ownerless=len(conversions) - owners.total(),
        cost_usd=sum(known, Decimal(0)),
        unpriced=len(costs) - len(known),
    )


def _article(source: Source) -> Article:
    if not source.text:
        if source.url:
            parse_url(url=source.url)
        return Article(url=source.url or None, title="-" * 60, text="가" * TYPICAL_CHARACTERS, language="ko")
    article = from_text(text=source.text)
    require_ok(article)
    return article


def _post(user: User, article: Article, platform: Platform, wishes: Wishes) -> Estimate:
    conversion = Conversion(
        user=user,
        target_platform=platform,
        language=wishes.language,
        tone=wishes.tone,
        requested_provider=wishes.provider,
    )
    route = next(iter(tools.writers_for(conversion=conversion)), None)
    if route is None:
        raise NoProviderKey
    prompt = compose(
        article=article, brief=execution.brief_of(conversion=conversion), prompts=active_prompts.in_force()
    )
    likely = Usage()
    if route.payer != Payer.NOBODY:
        tokens = pricing.tokens_of(prompt.system + prompt.user)
        likely = Usage(input_tokens=tokens, output_tokens=min(pricing.TYPICAL_OUTPUT_TOKENS, prompt.max_output_tokens))
    highest = worst_cost(writer=route.writer, prompt=prompt)
    return Estimate(
        platform=platform,
        provider=route.provider,
        model=route.model,
        payer=route.payer,
        input_tokens=likely.input_tokens,
        output_tokens=likely.output_tokens,
        cost_usd=pricing.cost(provider=route.provider, model=route.model, usage=likely),
        max_cost_usd=None if highest is None else highest * ASKS,
    )


def _total(costs: list[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None


def _covered(payer: Payer, user: User, posts: tuple[Estimate, ...], now: datetime) -> bool:
    """Tell whether the likely price fits what the payer has left this month."""
    owner = user if payer == Payer.USER else None
    bound = budget.budget_of(user=owner)
    wanted = sum((each.cost_usd or Decimal(0) for each in posts if each.payer == payer), Decimal(0))
    paid = [each for each in posts if each.payer == payer]
    return bound is None or not paid or budget.spent(user=owner, now=now) + wanted <= bound
