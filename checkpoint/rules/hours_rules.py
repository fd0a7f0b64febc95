"""The time of day. Without a trusted clock only a ban that knows no hours still answers."""

from typing import Final

from checkpoint.entry_pass import Kind
from checkpoint.hours import covers
from checkpoint.people import Resident
from checkpoint.policy import Direction
from checkpoint.rules.facts import Answer, Outcome, Question, Rule
from checkpoint.rules.outings import is_exempt, is_on_shift
from checkpoint.verdict import Reason


def outside_hours(question: Question) -> Answer | None:
    """Curfew or ban, the person's own weekly hours, the hours for outings. Going out it binds residents only."""
    resident = question.standing.resident
    if resident is None:
        return None
    if question.direction is Direction.OUT and resident.kind is not Kind.RESIDENT:
        return None
    if not (
        _under_curfew(question, resident)
        or _outside_own_hours(question, resident)
        or _outside_outing_hours(question, resident)
    ):
        return None
    return Answer(Outcome.HOLD, Reason.OUTSIDE_HOURS)


def outside_shift(question: Question) -> Answer | None:
    resident = question.standing.resident
    if resident is None or resident.kind is not Kind.WORKER or not question.clock_trusted:
        return None
    if question.direction is Direction.OUT or is_on_shift(
        resident, question.local, question.policy
    ):
        return None
    return Answer(Outcome.HOLD, Reason.OUTSIDE_SHIFT)


def _under_curfew(question: Question, resident: Resident) -> bool:
    curfew = question.policy.curfew
    if curfew is None or question.direction not in curfew.directions:
        return False
    local = question.local if question.clock_trusted else None
    if is_exempt(resident, local, question.policy):
        return False
    return not curfew.hours or (local is not None and covers(curfew.hours, local))


def _outside_own_hours(question: Question, resident: Resident) -> bool:
    if not resident.hours or not question.clock_trusted:
        return False
    return not covers(resident.hours, question.local)


def _outside_outing_hours(question: Question, resident: Resident) -> bool:
    quota = question.policy.outings
    if quota is None or not quota.allowed_hours or question.direction is not Direction.OUT:
        return False
    if not question.clock_trusted or is_exempt(resident, question.local, question.policy):
        return False
    return not covers(quota.allowed_hours, question.local)


HOURS_RULES: Final[tuple[Rule, ...]] = (
    outside_hours,
    outside_shift,
)
