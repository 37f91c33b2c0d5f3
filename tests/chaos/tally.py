"""What a storm came to, line by line: what must hold, how often it must be seen, how often it was."""

from __future__ import annotations

from dataclasses import dataclass

from tests.chaos import audit
from tests.chaos.storm import Storm, Victim

CONVERSIONS = """
SELECT c.id::text, c.status, c.failure_code,
    (SELECT count(*) FROM attempts a WHERE a.conversion_id = c.id) AS calls,
    (SELECT count(*) FROM attempts a WHERE a.conversion_id = c.id AND a.state = 'answered') AS answers,
    (SELECT count(*) FROM quota_entries e WHERE e.conversion_id = c.id AND e.kind = 'reserve') AS reserved,
    (SELECT count(*) FROM quota_entries e WHERE e.conversion_id = c.id AND e.kind = 'settle') AS settled,
    (SELECT count(*) FROM quota_entries e WHERE e.conversion_id = c.id AND e.kind = 'release') AS released
FROM conversion_logs c WHERE c.user_id::text = ANY(%s)"""

MESSAGES = """
SELECT d.id::text, d.conversion_id::text, d.claim FROM webhook_deliveries d
JOIN conversion_logs c ON c.id = d.conversion_id WHERE c.user_id::text = ANY(%s)"""

ENDS = """
SELECT coalesce(nullif(failure_code, ''), status), count(*) FROM conversion_logs
WHERE user_id::text = ANY(%s) GROUP BY 1 ORDER BY 2 DESC"""

CALLS = """
SELECT coalesce(nullif(a.failure_code, ''), a.state), count(*) FROM attempts a
JOIN conversion_logs c ON c.id = a.conversion_id WHERE c.user_id::text = ANY(%s) GROUP BY 1 ORDER BY 2 DESC"""

USED = "SELECT coalesce(sum(api_quota_used), 0)::int FROM users WHERE id::text = ANY(%s)"


@dataclass(frozen=True)
class Line:
    """One invariant."""

    what: str
    expected: int
    seen: int

    @property
    def holds(self) -> bool:
        return self.expected == self.seen

    def __str__(self) -> str:
        return f"{self.what:<62}{self.expected:>9}{self.seen:>7}{'' if self.holds else '   DOES NOT HOLD'}"


HEAD = f"{'What must hold':<62}{'expected':>9}{'seen':>7}"


def lines_of(storm: Storm, *, with_money: bool) -> list[Line]:
    """Return every invariant with its counts; the database's own disagreements are each expected 0 times."""
    broken = audit.breaches(storm.installation.database, with_money=with_money)
    names = [*audit.BREACHES, *(audit.MONEY if with_money else ())]
    return [
        *_kills(storm),
        *_conversions(storm),
        *_messages(storm),
        *(Line(f"Never: {name}", 0, len(broken.get(name, ()))) for name in names),
    ]


def notes_of(storm: Storm) -> list[str]:
    """Return what is allowed and good to know."""
    callers = [each.id for each in storm.callers]
    side = storm.installation.side
    asked = sum(side.calls[case] for case in storm.accepted)
    messages = storm.installation.rows(MESSAGES, callers)
    heard = sum(side.hooks[row[0]] for row in messages)
    return [
        f"conversions: {_counts(storm, ENDS)}",
        f"calls the provider heard: {asked}; their rows: {_counts(storm, CALLS)}",
        f"webhooks that arrived: {heard}, {heard - len(messages)} of them again under the same id",
        f"workers and beats started again: {len(storm.restarted)}",
    ]


def _counts(storm: Storm, query: str) -> str:
    rows = storm.installation.rows(query, [each.id for each in storm.callers])
    return ", ".join(f"{count} {what}" for what, count in rows)


def _kills(storm: Storm) -> list[Line]:
    planned, struck = ([blow.victim for blow in blows] for blows in (storm.blows, storm.struck))
    return [Line(f"Killed amid the work: {each}", planned.count(each), struck.count(each)) for each in Victim]


def _conversions(storm: Storm) -> list[Line]:
    callers = [each.id for each in storm.callers]
    found = storm.installation.rows(CONVERSIONS, callers)
    ((used,),) = storm.installation.rows(USED, callers)
    by_id = {row[0]: row for row in found}
    posts = sum(row[1] == "succeeded" for row in found)
    calls = storm.installation.side.calls
    unknown = sum(max(0, calls[case] - by_id[pk][3]) for case, pk in storm.accepted.items() if pk in by_id)
    return [
        Line("Conversions accepted, each under an id of its own", storm.total, len(set(storm.accepted.values()))),
        Line("Conversions in the database", storm.total, len(found)),
        Line("Conversions that have ended", storm.total, sum(row[1] in {"succeeded", "failed"} for row in found)),
        Line("Units reserved", storm.total, sum(row[5] for row in found)),
        Line("Units used: one for each post", posts, sum(row[6] for row in found)),
        Line("Units given back: one for each failure", storm.total - posts, sum(row[7] for row in found)),
        Line("Units in the users' counters: one for each post", posts, used),
        Line("Answers kept and charged: one for each post", posts, sum(row[4] for row in found)),
        Line("Calls the provider heard and no row accounts for", 0, unknown),
    ]


def _messages(storm: Storm) -> list[Line]:
    hooks = storm.installation.side.hooks
    found = storm.installation.rows(MESSAGES, [each.id for each in storm.callers])
    again = sum(max(0, hooks[pk] - claim) for pk, _, claim in found)
    return [
        Line("Ends that were told by webhook, each once", storm.total, len({row[1] for row in found if hooks[row[0]]})),
        Line("Webhook ids that arrived", storm.total, sum(bool(hooks[row[0]]) for row in found)),
        Line("Webhooks sent more often than a worker had claimed them", 0, again),
    ]
