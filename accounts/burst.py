"""The burst limit: how fast one token may ask, apart from how much its user may convert a day.

The generic cell rate algorithm (GCRA) in one atomic Redis script: no window to straddle, one key a token.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import redis
from django.conf import settings

from newsforge.lib.shared_state import SharedState

_SCRIPT = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local ahead = arrival + interval - now
if ahead > burst * interval + 0.0001 then
  return {0, tostring(ahead - burst * interval), 0}
end
redis.call('SET', KEYS[1], string.format('%.6f', arrival + interval), 'PX', math.ceil(ahead * 1000))
return {1, '0', math.floor(burst - ahead / interval + 0.0001)}
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass now, the seconds to wait if not, and how many more may follow at once."""

    allowed: bool
    wait: float
    left: int


def ask(*, subject: str, per_minute: int, burst: int) -> Verdict:
    """Take one request from the subject's allowance.

    Without Redis everything passes and a log line says so: the daily quota in the database still holds.
    """
    key, arguments = f"burst:{subject}", [60 / per_minute, burst]

    def question(client: redis.Redis) -> Verdict:
        allowed, wait, left = _script(client)(keys=[key], args=arguments)
        return Verdict(allowed=bool(allowed), wait=float(wait), left=int(left))

    return _shared().ask(question, otherwise=lambda: Verdict(allowed=True, wait=0, left=burst))


@functools.cache
def _shared() -> SharedState:
    return SharedState(url=settings.REDIS_URL)


@functools.cache
def _script(client: redis.Redis) -> redis.commands.core.Script:
    return client.register_script(_SCRIPT)
