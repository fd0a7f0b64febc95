"""What volunteers, the centre and the door did, as a line of the log; pure."""

from dataclasses import dataclass
from typing import Final

from checkpoint.records import (
    Action,
    Commanded,
    DoorChange,
    DoorState,
    DutyChange,
    HandHeldTaken,
    Opened,
    Resolution,
    Result,
    Undone,
    Visit,
)
from ui.words import Language, degrees, phrases, word

JournalledAction = (
    Opened | Resolution | HandHeldTaken | Undone | DutyChange | Visit | DoorChange | Commanded
)
_PAGE: Final = "deeds"
_TONES: Final = {Result.ADMIT: "pass", Result.HOLD: "hold", Result.REFUSE: "stop", None: "plain"}
_QUIET: Final = {DoorState.SHUT, DoorState.MOVES}


@dataclass(frozen=True, slots=True)
class Said:
    """One action in words."""

    tone: str
    text: str
    who: str = ""
    flags: tuple[str, ...] = ()


def action(record: JournalledAction, language: Language) -> Said:
    """What was done, by whom and why."""
    words = phrases(_PAGE, language)
    match record:
        case Opened(cause=cause, by=by, reason=reason):
            text = words["opened"].format(cause=word(cause, language), by=by or "-", reason=reason)
            return Said("hold", text)
        case Resolution():
            return _resolution(record, language)
        case HandHeldTaken(by=by, centicelsius=centicelsius):
            return Said("plain", words["hand_held"].format(celsius=degrees(centicelsius), by=by))
        case Undone(by=by):
            return Said("hold", words["undone"].format(by=by or "-"))
        case DutyChange(person=person, on=on, left_on_duty=left):
            return Said(
                "plain", words["signed_on" if on else "signed_off"].format(left=left), person
            )
        case Visit():
            return _visit(record, language)
        case Commanded():
            return _command(record, language)
        case DoorChange(state=state, open_ms=open_ms):
            text = words["door"].format(state=word(state, language), seconds=round(open_ms / 1000))
            return Said("plain" if state in _QUIET else "fault", text)


def _command(record: Commanded, language: Language) -> Said:
    key = "commanded" if record.not_done is None else "not_done"
    text = phrases(_PAGE, language)[key].format(
        command=word(record.command, language),
        by=record.by,
        reason=record.reason,
        why="" if record.not_done is None else word(record.not_done, language),
    )
    return Said("plain" if record.not_done is None else "fault", text)


def _resolution(record: Resolution, language: Language) -> Said:
    key = "admitted" if record.action is Action.ADMIT else "denied"
    text = phrases(_PAGE, language)[key].format(
        by=record.by, reason=record.reason, verdict=word(record.verdict, language)
    )
    tone = "pass" if record.action is Action.ADMIT else "stop"
    return Said(tone, text, record.bearer.person if record.bearer else "")


def _visit(record: Visit, language: Language) -> Said:
    text = phrases(_PAGE, language)["visit"].format(
        what=word(record.visiting, language),
        purpose=record.purpose,
        household=record.household or "-",
        count=record.count,
        by=record.by,
    )
    parts = [text, record.plate, word(record.reason, language) if record.reason else ""]
    flags = tuple(word(flag, language) for flag in record.flags)
    return Said(_TONES[record.result], " ".join(part for part in parts if part), flags=flags)
