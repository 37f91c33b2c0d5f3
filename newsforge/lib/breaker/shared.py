"""Circuits all processes share: each step is one Lua script, on Redis's own clock, so that hosts' clocks may differ.

A circuit is a hash (state, epoch, until) and a sorted set of the moments of its failures; one that was never open has
no hash. The scripts are the rules; ``local.py`` has the same ones for a process alone.
"""

from __future__ import annotations

import functools
import secrets
from typing import Any

import redis

from newsforge.lib.breaker.values import CircuitState, Permit, Policy, Refusal, View

KEPT = 86_400_000
"""Milliseconds a circuit is remembered after its last move: longer than any call can be out."""

_COMMON = f"""
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state') or 'closed'
local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
local left = math.max(tonumber(redis.call('HGET', KEYS[1], 'until') or 0) - now, 0)
local function move(target, token, wait)
  redis.call('HSET', KEYS[1], 'state', target, 'epoch', token, 'until', string.format('%d', now + wait))
  redis.call('PEXPIRE', KEYS[1], {KEPT} + wait)
  redis.call('DEL', KEYS[2])
end
"""

_SCRIPTS = {
    # token, lease → given?, epoch, now, probe?, failures or wait, state left
    "acquire": """
if state == 'closed' then return {1, epoch, now, 0, redis.call('ZCARD', KEYS[2]), state} end
if left > 0 then return {0, epoch, now, 0, left, state} end
move('half_open', ARGV[1], tonumber(ARGV[2]))
return {1, ARGV[1], now, 1, 0, state}
""",
    # token, epoch, began → state left
    "succeed": """
if epoch ~= ARGV[2] then return '' end
if state == 'half_open' then move('closed', ARGV[1], 0) return state end
if state == 'closed' then redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[3]) end
return ''
""",
    # token, epoch, threshold, window, recovery → state left
    "fail": """
if epoch ~= ARGV[2] or state == 'open' then return '' end
if state == 'closed' then
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[4]))
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  if redis.call('ZCARD', KEYS[2]) < tonumber(ARGV[3]) then return '' end
end
move('open', ARGV[1], tonumber(ARGV[5]))
return state
""",
    # epoch
    "release": """
if state == 'half_open' and epoch == ARGV[1] then redis.call('HSET', KEYS[1], 'until', 0) end
return ''
""",
    # token, milliseconds → state left
    "force": """
move(tonumber(ARGV[2]) > 0 and 'open' or 'closed', ARGV[1], tonumber(ARGV[2]))
return state
""",
    "look": "return {state, redis.call('ZCARD', KEYS[2]), left}",
}


class SharedStore:
    """Circuits in Redis."""

    def __init__(self, client: redis.Redis) -> None:
        """Use this connection pool."""
        self._client = client

    def acquire(self, circuit: str, *, lease: float) -> tuple[Permit | Refusal, CircuitState | None]:
        """Let a call go out, as a probe for at most ``lease`` seconds, or not."""
        given, epoch, now, probe, number, state = self._run("acquire", circuit, _token(), _ms(lease))
        if not given:
            return Refusal(state=CircuitState(state), wait=number / 1000), None
        permit = Permit(
            circuit=circuit, epoch=epoch, began=float(now), is_probe=bool(probe), is_clean=not probe and not number
        )
        return permit, CircuitState(state) if probe else None

    def succeed(self, permit: Permit) -> CircuitState | None:
        """Take failures back that lie before the call, or close."""
        return _state(self._run("succeed", permit.circuit, _token(), permit.epoch, int(permit.began)))

    def fail(self, permit: Permit, policy: Policy) -> CircuitState | None:
        """Count a failure, and open when it is one too many."""
        numbers = (policy.threshold, _ms(policy.window), _ms(policy.recovery))
        return _state(self._run("fail", permit.circuit, _token(), permit.epoch, *numbers))

    def release(self, permit: Permit) -> None:
        """Let another probe instead."""
        self._run("release", permit.circuit, permit.epoch)

    def force(self, circuit: str, seconds: float) -> CircuitState:
        """Open for so long; 0 closes and forgets what was counted."""
        return CircuitState(self._run("force", circuit, _token(), _ms(seconds)))

    def look(self, circuit: str) -> View:
        """Return how it stands."""
        state, failures, left = self._run("look", circuit)
        return View(state=CircuitState(state), failures=failures, wait=left / 1000)

    def _run(self, name: str, circuit: str, *args: str | int) -> Any:
        # In braces: both keys live on one node of a cluster.
        return _script(name)(
            keys=[f"circuit:{{{circuit}}}", f"circuit:{{{circuit}}}:failures"], args=[*args], client=self._client
        )


@functools.cache
def _script(name: str) -> redis.commands.core.Script:
    return redis.commands.core.Script(redis.Redis(), _COMMON + _SCRIPTS[name])


def _token() -> str:
    return secrets.token_hex(8)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _state(value: str) -> CircuitState | None:
    return CircuitState(value) if value else None
