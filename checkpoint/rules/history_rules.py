"""What earlier passages mean now."""

from typing import Final

from checkpoint.entry_pass import Claims, Kind
from checkpoint.people import Entries
from checkpoint.policy import Direction
from checkpoint.rules.facts import Answer, Outcome, Question, Rule
from checkpoint.rules.outings import charged_day
from checkpoint.verdict import Flag, Reason

_DAY_S = 86_400


def already_there(question: Question) -> Answer | None:
    """The same way twice within minutes: one pass in two hands."""
    last, passback_s = question.history.last, question.policy.passback_minutes * 60
    if last is None or last.direction is not question.direction:
        return None
    # Another gate's clock may be a little ahead.
    if abs(question.now_s - last.at_s) >= passback_s:
        return None
    inwards = question.direction is Direction.IN
    reason = Reason.ALREADY_INSIDE if inwards else Reason.ALREADY_OUTSIDE
    return Answer(Outcome.HOLD, reason, Flag.PASS_SHARED)


def outing_spent(question: Question) -> Answer | None:
    """The household's quota; who is exempt is not asked."""
    quota = question.policy.outings
    local = question.local if question.clock_trusted else None
    day = charged_day(question.standing.resident, question.direction, local, question.policy)
    if quota is None or day is None:
        return None
    if question.history.housemate_out:
        return Answer(Outcome.HOLD, Reason.HOUSEMATE_OUT)
    before = question.history.last_outing_day
    # A day that is still to come was charged by a gate whose clock was wrong.
    if before is not None and 0 <= (day - before).days < quota.every_days:
        return Answer(Outcome.HOLD, Reason.OUTING_USED)
    return None


def pass_used(question: Question) -> Answer | None:
    resident = question.standing.resident
    if resident is None or resident.entries is not Entries.ONE:
        return None
    if question.direction is Direction.OUT or not question.history.entry_used:
        return None
    return Answer(Outcome.HOLD, Reason.PASS_USED, Flag.PASS_SHARED)


def late_return(question: Question) -> Answer | None:
    quota, last = question.policy.outings, question.history.last
    if quota is None or question.direction is Direction.OUT or not question.clock_trusted:
        return None
    if last is None or last.direction is Direction.IN or not last.charged:
        return None
    if question.now_s - last.at_s <= quota.max_minutes_out * 60:
        return None
    return Answer(Outcome.FLAG, Reason.LATE_RETURN, Flag.LATE_RETURN)


def first_entry(question: Question) -> Answer | None:
    resident, claims = question.standing.resident, question.shown
    if resident is None or not isinstance(claims, Claims) or question.history.last is not None:
        return None
    if question.direction is Direction.OUT or resident.kind is Kind.DUTY:
        return None
    age_s = question.now_s - claims.not_before_s
    if resident.kind is Kind.RESIDENT and age_s >= question.policy.first_entry_days * _DAY_S:
        return None
    return Answer(Outcome.FLAG, Reason.FIRST_ENTRY, Flag.FIRST_ENTRY)


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
