"""Who may pass: one ordered table of small rules, and decide() over all of it.

Every row is asked, each one function. Refuse beats Hold beats Admit; among Refuses the lowest number
gives the reason, among Holds FEVER and then the lowest number. The flags of all rows that apply are
kept. docs/architecture.md and the tests show the same table.

A new rule is one function and one line of TABLE.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from checkpoint.entry_pass import Claims, Rejection
from checkpoint.ids import CompoundId
from checkpoint.people import Colour, Standing
from checkpoint.policy import Direction, Policy
from checkpoint.thermometry import Reading, Temperature


class Reason(enum.StrEnum):
    """Why somebody may not simply walk on: the word on the screen and the code in the log."""

    UNKNOWN_CODE = "UNKNOWN_CODE"
    FORGED = "FORGED"
    MALFORMED = "MALFORMED"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    WRONG_COMPOUND = "WRONG_COMPOUND"
    REVOKED = "REVOKED"
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    VACANT_HOUSEHOLD = "VACANT_HOUSEHOLD"
    NO_READING = "NO_READING"
    SENSOR_FAULT = "SENSOR_FAULT"
    AMBIENT_OUT_OF_RANGE = "AMBIENT_OUT_OF_RANGE"
    FEVER = "FEVER"
    UNSURE = "UNSURE"
    TOO_LOW = "TOO_LOW"
    CLOCK_UNTRUSTED = "CLOCK_UNTRUSTED"
    ROSTER_STALE = "ROSTER_STALE"
    JOURNAL_DOWN = "JOURNAL_DOWN"
    LOCK_DOWN = "LOCK_DOWN"


class Flag(enum.StrEnum):
    """What the centre is told beside the verdict."""

    UNKNOWN_VISITOR = "UNKNOWN_VISITOR"
    FORGED_PASS = "FORGED_PASS"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    REVOKED_PASS_USED = "REVOKED_PASS_USED"
    VACANT_HOUSEHOLD = "VACANT_HOUSEHOLD"
    FEVER = "FEVER"
    DEGRADED = "DEGRADED"


Flags = frozenset[Flag]


@dataclass(frozen=True, slots=True)
class Admit:
    """The door opens."""

    flags: Flags = frozenset()


@dataclass(frozen=True, slots=True)
class Hold:
    """The door stays shut and the volunteer decides."""

    reason: Reason
    flags: Flags = frozenset()


@dataclass(frozen=True, slots=True)
class Refuse:
    """The door stays shut."""

    reason: Reason
    flags: Flags = frozenset()


Verdict = Admit | Hold | Refuse


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """Whether records can be written, and how many admissions wait in memory because they could not."""

    writable: bool = True
    unwritten_admissions: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """All that the rules may look at. Nothing in here is fetched while judging."""

    shown: Claims | Rejection
    standing: Standing
    direction: Direction
    now_s: int
    """UTC seconds."""
    compound: CompoundId
    policy: Policy
    clock_trusted: bool
    roster_age_s: int | None
    """None: this gate has never had a roster."""
    reading: Reading | None
    """The settled reading; None where none was taken."""
    journal: JournalHealth
    lock_ready: bool


class Outcome(enum.IntEnum):
    """What one row says; the higher wins."""

    FLAG = 0
    HOLD = 1
    REFUSE = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """One row's word on one question."""

    outcome: Outcome
    reason: Reason
    flag: Flag | None = None


Rule = Callable[[Question], Answer | None]


def unknown_code(question: Question) -> Answer | None:
    if question.shown is not Rejection.NOT_A_PASS:
        return None
    return Answer(Outcome.REFUSE, Reason.UNKNOWN_CODE, Flag.UNKNOWN_VISITOR)


_BAD_PASS: Final = {
    Rejection.FORGED: Answer(Outcome.REFUSE, Reason.FORGED, Flag.FORGED_PASS),
    Rejection.MALFORMED: Answer(Outcome.REFUSE, Reason.MALFORMED, Flag.UNKNOWN_VISITOR),
    Rejection.UNKNOWN_KEY: Answer(Outcome.REFUSE, Reason.UNKNOWN_KEY, Flag.UNKNOWN_VISITOR),
}


def bad_pass(question: Question) -> Answer | None:
    shown = question.shown
    return _BAD_PASS.get(shown) if isinstance(shown, Rejection) else None


def outside_validity(question: Question) -> Answer | None:
    """The edges: nbf - grace is valid, exp + grace is not."""
    claims, grace = question.shown, question.policy.validity_grace_s
    if not isinstance(claims, Claims) or not question.clock_trusted:
        return None
    outcome = _coming_in(question, Outcome.HOLD)
    if question.now_s < claims.not_before_s - grace:
        return Answer(outcome, Reason.NOT_YET_VALID, Flag.NOT_YET_VALID)
    if question.now_s >= claims.expires_s + grace:
        return Answer(outcome, Reason.EXPIRED, Flag.EXPIRED)
    return None


def wrong_compound(question: Question) -> Answer | None:
    claims = question.shown
    if not isinstance(claims, Claims) or claims.compound == question.compound:
        return None
    outcome = _coming_in(question, Outcome.REFUSE)
    return Answer(outcome, Reason.WRONG_COMPOUND, Flag.UNKNOWN_VISITOR)


def revoked(question: Question) -> Answer | None:
    if not isinstance(question.shown, Claims) or not question.standing.revoked:
        return None
    outcome = _coming_in(question, Outcome.REFUSE)
    return Answer(outcome, Reason.REVOKED, Flag.REVOKED_PASS_USED)


def unknown_person(question: Question) -> Answer | None:
    if not isinstance(question.shown, Claims) or question.standing.resident is not None:
        return None
    outcome = _coming_in(question, Outcome.HOLD)
    return Answer(outcome, Reason.UNKNOWN_PERSON, Flag.UNKNOWN_VISITOR)


def vacant_household(question: Question) -> Answer | None:
    household = question.standing.household
    if household is None or household.colour is not Colour.WHITE:
        return None
    outcome = _coming_in(question, Outcome.HOLD)
    return Answer(outcome, Reason.VACANT_HOUSEHOLD, Flag.VACANT_HOUSEHOLD)


_NO_TEMPERATURE: Final = {
    Temperature.NO_READING: Reason.NO_READING,
    Temperature.SENSOR_FAULT: Reason.SENSOR_FAULT,
    Temperature.AMBIENT_OUT_OF_RANGE: Reason.AMBIENT_OUT_OF_RANGE,
}


def no_temperature(question: Question) -> Answer | None:
    """Also answers when the policy measures and nobody did: silence is never "normal"."""
    if question.direction not in question.policy.measured:
        return None
    if question.reading is None:
        return Answer(Outcome.HOLD, Reason.NO_READING)
    reason = _NO_TEMPERATURE.get(question.reading.outcome)
    return None if reason is None else Answer(Outcome.HOLD, reason)


def fever(question: Question) -> Answer | None:
    if not _measured_as(question, Temperature.FEVER):
        return None
    return Answer(Outcome.HOLD, Reason.FEVER, Flag.FEVER)


def doubtful_temperature(question: Question) -> Answer | None:
    if _measured_as(question, Temperature.UNSURE):
        return Answer(Outcome.HOLD, Reason.UNSURE)
    if _measured_as(question, Temperature.TOO_LOW):
        return Answer(Outcome.HOLD, Reason.TOO_LOW)
    return None


def degraded(question: Question) -> Answer | None:
    policy, age_s = question.policy, question.roster_age_s
    # Without a trusted clock an age means nothing, unless there is no roster at all.
    stale = age_s is None or (question.clock_trusted and age_s > policy.roster_stale_after_s)
    if question.clock_trusted and not stale:
        return None
    if not question.clock_trusted and policy.untrusted_clock_holds:
        return Answer(_coming_in(question, Outcome.HOLD), Reason.CLOCK_UNTRUSTED, Flag.DEGRADED)
    if stale and policy.stale_roster_holds:
        return Answer(_coming_in(question, Outcome.HOLD), Reason.ROSTER_STALE, Flag.DEGRADED)
    reason = Reason.ROSTER_STALE if question.clock_trusted else Reason.CLOCK_UNTRUSTED
    return Answer(Outcome.FLAG, reason, Flag.DEGRADED)


def journal_down(question: Question) -> Answer | None:
    if question.journal.writable:
        return None
    spent = question.journal.unwritten_admissions >= question.policy.admit_without_journal
    outcome = Outcome.HOLD if spent else Outcome.FLAG
    return Answer(outcome, Reason.JOURNAL_DOWN, Flag.DEGRADED)


def lock_down(question: Question) -> Answer | None:
    """An Admit that cannot open the door would make the log lie: docs/decisions/0002."""
    if question.lock_ready:
        return None
    return Answer(Outcome.HOLD, Reason.LOCK_DOWN, Flag.DEGRADED)


TABLE: Final[tuple[tuple[int, Rule], ...]] = (
    (1, unknown_code),
    (2, bad_pass),
    (3, outside_validity),
    (4, wrong_compound),
    (5, revoked),
    (6, unknown_person),
    (7, vacant_household),
    (15, no_temperature),
    (16, fever),
    (17, doubtful_temperature),
    (20, degraded),
    (21, journal_down),
    (22, lock_down),
)


def decide(question: Question) -> Verdict:
    """The verdict on one scan."""
    answers = _answers(question)
    flags = frozenset(answer.flag for answer in answers if answer.flag is not None)
    gravest = max((answer.outcome for answer in answers), default=Outcome.FLAG)
    if gravest is Outcome.FLAG:
        return Admit(flags)
    reasons = [answer.reason for answer in answers if answer.outcome is gravest]
    if gravest is Outcome.REFUSE:
        return Refuse(reasons[0], flags)
    return Hold(Reason.FEVER if Reason.FEVER in reasons else reasons[0], flags)


def needs_reading(question: Question) -> bool:
    """Whether a temperature can still change the verdict: not where a row has already said Refuse."""
    if question.direction not in question.policy.measured:
        return False
    return all(answer.outcome is not Outcome.REFUSE for answer in _answers(question))


def _answers(question: Question) -> list[Answer]:
    return [answer for _, rule in TABLE if (answer := rule(question)) is not None]


def _coming_in(question: Question, outcome: Outcome) -> Outcome:
    """The outcome on the way in; going out the row only flags."""
    return outcome if question.direction is Direction.IN else Outcome.FLAG


def _measured_as(question: Question, outcome: Temperature) -> bool:
    reading = question.reading
    measured = question.direction in question.policy.measured
    return measured and reading is not None and reading.outcome is outcome
