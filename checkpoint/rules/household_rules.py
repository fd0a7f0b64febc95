"""The colour of the home."""

from typing import Final

from checkpoint.people import Colour
from checkpoint.policy import Direction
from checkpoint.rules.facts import Answer, Outcome, Question, Rule, coming_in
from checkpoint.verdict import Flag, Reason


def vacant_household(question: Question) -> Answer | None:
    if _colour(question) is not Colour.WHITE:
        return None
    outcome = coming_in(question, Outcome.HOLD)
    return Answer(outcome, Reason.VACANT_HOUSEHOLD, Flag.VACANT_HOUSEHOLD)


def under_watch(question: Question) -> Answer | None:
    if _colour(question) is not Colour.RED:
        return None
    return Answer(Outcome.HOLD, Reason.UNDER_WATCH, Flag.BREACH)


def isolating(question: Question) -> Answer | None:
    """Coming home they are let in: turning them away would be worse."""
    if _colour(question) not in {Colour.ORANGE, Colour.YELLOW}:
        return None
    outcome = Outcome.REFUSE if question.direction is Direction.OUT else Outcome.FLAG
    return Answer(outcome, Reason.ISOLATING, Flag.BREACH)


def _colour(question: Question) -> Colour | None:
    household = question.standing.household
    return None if household is None else household.colour


HOUSEHOLD_RULES: Final[tuple[Rule, ...]] = (
    vacant_household,
    under_watch,
    isolating,
)
