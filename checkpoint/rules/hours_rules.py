"""The time of day. Without a trusted clock only a ban that knows no hours still answers."""

from typing import Final

from checkpoint.entry_pass import Kind
from checkpoint.hours import covers
from checkpoint.people import Resident
from checkpoint.policy import Direction
from checkpoint.rules.facts import Facts, Finding, Outcome, Rule
from checkpoint.rules.outings import is_exempt, is_on_shift
from checkpoint.verdict import Reason


def outside_hours(facts: Facts) -> Finding | None:
    """Curfew or ban, the person's own weekly hours, the hours for outings. Going out it binds residents only."""
    resident = facts.standing.resident
    if resident is None:
        return None
    if facts.direction is Direction.OUT and resident.kind is not Kind.RESIDENT:
        return None
    if not (
        _under_curfew(facts, resident)
        or _outside_own_hours(facts, resident)
        or _outside_outing_hours(facts, resident)
    ):
        return None
    return Finding(Outcome.HOLD, Reason.OUTSIDE_HOURS)


def outside_shift(facts: Facts) -> Finding | None:
    resident = facts.standing.resident
    if resident is None or resident.kind is not Kind.WORKER or not facts.clock_trusted:
        return None
    if facts.direction is Direction.OUT or is_on_shift(resident, facts.local, facts.policy):
        return None
    return Finding(Outcome.HOLD, Reason.OUTSIDE_SHIFT)


def _under_curfew(facts: Facts, resident: Resident) -> bool:
    curfew = facts.policy.curfew
    if curfew is None or facts.direction not in curfew.directions:
        return False
    local = facts.local if facts.clock_trusted else None
    if is_exempt(resident, local, facts.policy):
        return False
    return not curfew.hours or (local is not None and covers(curfew.hours, local))


def _outside_own_hours(facts: Facts, resident: Resident) -> bool:
    if not resident.hours or not facts.clock_trusted:
        return False
    return not covers(resident.hours, facts.local)


def _outside_outing_hours(facts: Facts, resident: Resident) -> bool:
    quota = facts.policy.outings
    if quota is None or not quota.allowed_hours or facts.direction is not Direction.OUT:
        return False
    if not facts.clock_trusted or is_exempt(resident, facts.local, facts.policy):
        return False
    return not covers(quota.allowed_hours, facts.local)


HOURS_RULES: Final[tuple[Rule, ...]] = (
    outside_hours,
    outside_shift,
)
