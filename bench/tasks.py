"""What a bare Celery task costs that asks a provider through its SDK and keeps nothing."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import redis
from celery import shared_task
from django.conf import settings

if TYPE_CHECKING:
    import openai

DONE = "bench:done"
"""Redis counts the calls that came back."""


@shared_task(name="bench.ask", ignore_result=True)
def ask(*, text: str) -> None:
    """Ask the simulated provider once."""
    _sdk().responses.create(model="gpt-6-luna", input=text)
    counter().incr(DONE)


@functools.cache
def counter() -> redis.Redis:
    """Return this process's connections to Redis."""
    return redis.Redis.from_url(settings.REDIS_URL)


@functools.cache
def _sdk() -> openai.OpenAI:
    import openai  # here, for beat and readers import this module as well

    return openai.OpenAI(api_key="sk-bench", base_url=os.environ["OPENAI_BASE_URL"], max_retries=0)
