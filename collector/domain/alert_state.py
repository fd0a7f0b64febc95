"""An alert as a case: open -> acknowledged -> closed. Pure; who may act and when is handed in.

    open          acknowledge    acknowledged, by this person
    open          close          closed: whoever closes has also taken it up
    acknowledged  close          closed
    acknowledged  acknowledge    refused: somebody is on it, and their name stays
    closed        anything       refused: what is closed stays so; a repeat opens a new case

Closing needs a note: what was found and done.
"""

import enum
from typing import Final

import msgspec
from msgspec.structs import replace

NOTE_LENGTH: Final = 500


class CaseState(enum.StrEnum):
    """How far somebody has seen to an alert."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class AlertAction(enum.StrEnum):
    """What somebody does about it."""

    ACKNOWLEDGE = "acknowledge"
    CLOSE = "close"


class AlertActionRefused(enum.StrEnum):
    """Why nothing changed."""

    TAKEN = "taken"
    CLOSED = "closed"
    NOTE_MISSING = "note_missing"


class AlertCase(msgspec.Struct, frozen=True, kw_only=True):
    """One alert's course so far. Times are UTC microseconds."""

    state: CaseState = CaseState.OPEN
    acknowledged_by: str | None = None
    acknowledged_us: int | None = None
    closed_by: str | None = None
    closed_us: int | None = None
    note: str | None = None


class Step(msgspec.Struct, frozen=True):
    """What somebody does at a time."""

    action: AlertAction
    who: str
    at_us: int
    note: str = ""


UNSETTLED: Final = (CaseState.OPEN, CaseState.ACKNOWLEDGED)
"""Repeats of the same alert fold into a case that is in one of these."""


def act(case: AlertCase, step: Step) -> AlertCase | AlertActionRefused:
    """The case after the step, or why it stays as it was."""
    note = step.note.strip()[:NOTE_LENGTH]
    match case.state, step.action:
        case CaseState.CLOSED, _:
            return AlertActionRefused.CLOSED
        case CaseState.ACKNOWLEDGED, AlertAction.ACKNOWLEDGE:
            return AlertActionRefused.TAKEN
        case CaseState.OPEN, AlertAction.ACKNOWLEDGE:
            return _taken_up(case, step)
        case _ if not note:
            return AlertActionRefused.NOTE_MISSING
        case CaseState.OPEN, _:
            case = _taken_up(case, step)
    return replace(
        case, state=CaseState.CLOSED, closed_by=step.who, closed_us=step.at_us, note=note
    )


def _taken_up(case: AlertCase, step: Step) -> AlertCase:
    return replace(
        case,
        state=CaseState.ACKNOWLEDGED,
        acknowledged_by=step.who,
        acknowledged_us=step.at_us,
    )
