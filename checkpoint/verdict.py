"""What the rules can say: one of three verdicts, a reason why not, and flags for the centre."""

import enum
from dataclasses import dataclass


class Reason(enum.StrEnum):
    """Why somebody may not simply walk on: the word on the screen and the code in the log.

    In the order of the rows of docs/rules.md. Those that only ever flag have a word too: the log explains the flag.
    """

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
    UNDER_WATCH = "UNDER_WATCH"
    ISOLATING = "ISOLATING"
    OUTSIDE_HOURS = "OUTSIDE_HOURS"
    OUTSIDE_SHIFT = "OUTSIDE_SHIFT"
    ALREADY_INSIDE = "ALREADY_INSIDE"
    ALREADY_OUTSIDE = "ALREADY_OUTSIDE"
    HOUSEMATE_OUT = "HOUSEMATE_OUT"
    OUTING_USED = "OUTING_USED"
    PASS_USED = "PASS_USED"
    NO_READING = "NO_READING"
    SENSOR_FAULT = "SENSOR_FAULT"
    AMBIENT_OUT_OF_RANGE = "AMBIENT_OUT_OF_RANGE"
    FEVER = "FEVER"
    UNSURE = "UNSURE"
    TOO_LOW = "TOO_LOW"
    LATE_RETURN = "LATE_RETURN"
    FIRST_ENTRY = "FIRST_ENTRY"
    CLOCK_UNTRUSTED = "CLOCK_UNTRUSTED"
    ROSTER_STALE = "ROSTER_STALE"
    JOURNAL_DOWN = "JOURNAL_DOWN"
    LOCK_DOWN = "LOCK_DOWN"
    LOCKED_OUT = "LOCKED_OUT"


class Flag(enum.StrEnum):
    """What the centre is told beside the verdict."""

    UNKNOWN_VISITOR = "UNKNOWN_VISITOR"
    FORGED_PASS = "FORGED_PASS"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    REVOKED_PASS_USED = "REVOKED_PASS_USED"
    VACANT_HOUSEHOLD = "VACANT_HOUSEHOLD"
    BREACH = "BREACH"
    PASS_SHARED = "PASS_SHARED"
    FEVER = "FEVER"
    LATE_RETURN = "LATE_RETURN"
    FIRST_ENTRY = "FIRST_ENTRY"
    WATCHED_PLATE = "WATCHED_PLATE"
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
