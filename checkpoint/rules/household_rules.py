"""The colour of the home."""

from typing import Final

from checkpoint.people import Colour
from checkpoint.policy import Direction
from checkpoint.rules.facts import Facts, Finding, Outcome, Rule, coming_in
from checkpoint.verdict import Flag, Reason


def vacant_household(facts: Facts) -> Finding | None:
    if _colour(facts) is not Colour.WHITE:
        return None
    outcome = coming_in(facts, Outcome.HOLD)
    return Finding(outcome, Reason.VACANT_HOUSEHOLD, Flag.VACANT_HOUSEHOLD)


def under_watch(facts: Facts) -> Finding | None:
    if _colour(facts) is not Colour.RED:
        return None
    return Finding(Outcome.HOLD, Reason.UNDER_WATCH, Flag.BREACH)


def isolating(facts: Facts) -> Finding | None:
    """Coming home they are let in: turning them away would be worse."""
    if _colour(facts) not in {Colour.ORANGE, Colour.YELLOW}:
        return None
    outcome = Outcome.REFUSE if facts.direction is Direction.OUT else Outcome.FLAG
    return Finding(outcome, Reason.ISOLATING, Flag.BREACH)


def _colour(facts: Facts) -> Colour | None:
    household = facts.standing.household
    return None if household is None else household.colour


HOUSEHOLD_RULES: Final[tuple[Rule, ...]] = (
    vacant_household,
    under_watch,
    isolating,
)
