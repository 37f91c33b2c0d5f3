"""The cache of Redis, that goes on without it where logging in is limited."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

LIMITS = "allauth"
"""What the keys of django-allauth begin with: its counts of tries, and codes that were used."""

log = structlog.get_logger(__name__)


class LimitsCache(RedisCache):
    """Redis for all; while it is away, each process counts the tries to log in by itself, so that staff get in."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Keep the memory of this process beside Redis."""
        super().__init__(server, params)
        self._here = LocMemCache("limits of logging in", params)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        """Store a value where there is none."""
        return bool(self._ask("add", key, value, *args, **kwargs))

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a value."""
        return self._ask("get", key, *args, **kwargs)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        """Store a value."""
        self._ask("set", key, value, *args, **kwargs)

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        """Remove a value."""
        return bool(self._ask("delete", key, *args, **kwargs))

    def _ask(self, name: str, key: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(super(), name)(key, *args, **kwargs)
        except RedisError as error:
            if not str(key).startswith(LIMITS):
                raise
            log.warning("limits of logging in are counted by this process alone", error=type(error).__name__)
            return getattr(self._here, name)(key, *args, **kwargs)
