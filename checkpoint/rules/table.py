"""Who may pass: one ordered table of small rules, and decide() over all of it.

Every row is asked, each one function. Refuse beats Hold beats Admit; among Refuses the lowest number
gives the reason, among Holds FEVER and then the lowest number. The flags of all rows that apply are
kept. docs/rules.md and the tests show the same table.

A new rule is one function in the file of its kind, rows_*.py, and one line of TABLE.
"""

from dataclasses import replace
from typing import Final

from checkpoint.policy import Direction
from checkpoint.rules.facts import Answer, Outcome, Question, Rule
from checkpoint.rules.gate_rules import degraded, journal_down, lock_down, locked_out
from checkpoint.rules.history_rules import (
    already_there,
    first_entry,
    late_return,
    outing_spent,
    pass_used,
)
from checkpoint.rules.hours_rules import outside_hours, outside_shift
from checkpoint.rules.household_rules import isolating, under_watch, vacant_household
from checkpoint.rules.pass_rules import (
    bad_pass,
    outside_validity,
    revoked,
    unknown_code,
    unknown_person,
    wrong_compound,
)
from checkpoint.rules.temperature_rules import doubtful_temperature, fever, no_temperature
from checkpoint.verdict import Admit, Hold, Reason, Refuse, Verdict

TABLE: Final[tuple[tuple[int, Rule], ...]] = (
    (1, unknown_code),
    (2, bad_pass),
    (3, outside_validity),
    (4, wrong_compound),
    (5, revoked),
    (6, unknown_person),
    (7, vacant_household),
    (8, under_watch),
    (9, isolating),
    (10, outside_hours),
    (11, outside_shift),
    (12, already_there),
    (13, outing_spent),
    (14, pass_used),
    (15, no_temperature),
    (16, fever),
    (17, doubtful_temperature),
    (18, late_return),
    (19, first_entry),
    (20, degraded),
    (21, journal_down),
    (22, lock_down),
    (23, locked_out),
)
_PASS_ROWS: Final = range(1, 6 + 1)
_TEMPERATURE_ROWS: Final = range(15, 17 + 1)


def decide(question: Question) -> Verdict:
    """The verdict on one scan."""
    return _verdict([answer for _, answer in _answers(question)])


def needs_reading(question: Question) -> bool:
    """Whether a temperature can still change the verdict: not where a row has already said Refuse."""
    if question.direction not in question.policy.measured:
        return False
    return all(answer.outcome is not Outcome.REFUSE for _, answer in _answers(question))


def pass_is_good(question: Question) -> bool:
    """Whether rows 1 to 6 have nothing against the pass itself."""
    return all(
        answer.outcome is Outcome.FLAG
        for number, answer in _answers(question)
        if number in _PASS_ROWS
    )


def rests_on_direction(question: Question) -> bool:
    """Whether somebody would be measured or stopped only because of the way they are taken to go.

    Nobody is held or refused on a guess: where the direction is only inferred, the bearer is asked first.
    """
    if len(question.policy.measured) == 1:  # one way is measured and the other is not
        return True
    verdict = _without_temperature(question)
    if isinstance(verdict, Admit):
        return False
    other = Direction.OUT if question.direction is Direction.IN else Direction.IN
    opposite = _without_temperature(replace(question, direction=other))
    return isinstance(opposite, Admit) or (type(opposite), opposite.reason) != (
        type(verdict),
        verdict.reason,
    )


def _without_temperature(question: Question) -> Verdict:
    answers = _answers(question)
    return _verdict([answer for number, answer in answers if number not in _TEMPERATURE_ROWS])


def _verdict(answers: list[Answer]) -> Verdict:
    flags = frozenset(answer.flag for answer in answers if answer.flag is not None)
    gravest = max((answer.outcome for answer in answers), default=Outcome.FLAG)
    if gravest is Outcome.FLAG:
        return Admit(flags)
    reasons = [answer.reason for answer in answers if answer.outcome is gravest]
    if gravest is Outcome.REFUSE:
        return Refuse(reasons[0], flags)
    return Hold(Reason.FEVER if Reason.FEVER in reasons else reasons[0], flags)


def _answers(question: Question) -> list[tuple[int, Answer]]:
    return [(number, answer) for number, rule in TABLE if (answer := rule(question)) is not None]
