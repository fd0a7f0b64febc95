"""What earlier passages mean now."""

from typing import Final

from checkpoint.entry_pass import Claims, Kind
from checkpoint.people import Entries
from checkpoint.policy import Direction
from checkpoint.rules.facts import Facts, Finding, Outcome, Rule
from checkpoint.rules.outings import charged_day
from checkpoint.verdict import Flag, Reason

_DAY_S = 86_400


def already_there(facts: Facts) -> Finding | None:
    """The same way twice within minutes: one pass in two hands."""
    last, passback_s = facts.history.last, facts.policy.passback_minutes * 60
    if last is None or last.direction is not facts.direction:
        return None
    # Another gate's clock may be a little ahead.
    if abs(facts.now_s - last.at_s) >= passback_s:
        return None
    inwards = facts.direction is Direction.IN
    reason = Reason.ALREADY_INSIDE if inwards else Reason.ALREADY_OUTSIDE
    return Finding(Outcome.HOLD, reason, Flag.PASS_SHARED)


def outing_spent(facts: Facts) -> Finding | None:
    """The household's quota; who is exempt is not asked."""
    quota = facts.policy.outings
    local = facts.local if facts.clock_trusted else None
    day = charged_day(facts.standing.resident, facts.direction, local, facts.policy)
    if quota is None or day is None:
        return None
    if facts.history.housemate_out:
        return Finding(Outcome.HOLD, Reason.HOUSEMATE_OUT)
    before = facts.history.last_outing_day
    # A day that is still to come was charged by a gate whose clock was wrong.
    if before is not None and 0 <= (day - before).days < quota.every_days:
        return Finding(Outcome.HOLD, Reason.OUTING_USED)
    return None


def pass_used(facts: Facts) -> Finding | None:
    resident = facts.standing.resident
    if resident is None or resident.entries is not Entries.ONE:
        return None
    if facts.direction is Direction.OUT or not facts.history.entry_used:
        return None
    return Finding(Outcome.HOLD, Reason.PASS_USED, Flag.PASS_SHARED)


def late_return(facts: Facts) -> Finding | None:
    quota, last = facts.policy.outings, facts.history.last
    if quota is None or facts.direction is Direction.OUT or not facts.clock_trusted:
        return None
    if last is None or last.direction is Direction.IN or not last.charged:
        return None
    if facts.now_s - last.at_s <= quota.max_minutes_out * 60:
        return None
    return Finding(Outcome.FLAG, Reason.LATE_RETURN, Flag.LATE_RETURN)


def first_entry(facts: Facts) -> Finding | None:
    resident, claims = facts.standing.resident, facts.shown
    if resident is None or not isinstance(claims, Claims) or facts.history.last is not None:
        return None
    if facts.direction is Direction.OUT or resident.kind is Kind.DUTY:
        return None
    age_s = facts.now_s - claims.not_before_s
    if resident.kind is Kind.RESIDENT and age_s >= facts.policy.first_entry_days * _DAY_S:
        return None
    return Finding(Outcome.FLAG, Reason.FIRST_ENTRY, Flag.FIRST_ENTRY)


PASSAGE_RULES: Final[tuple[Rule, ...]] = (
    already_there,
    outing_spent,
    pass_used,
)
"""Who has gone this way already, or has used up what they may."""


REMARKS: Final[tuple[Rule, ...]] = (
    late_return,
    first_entry,
)
"""They stop nobody."""
