"""One record as a line of the live log, from the stored row to words; pure.

The same functions serve the first load and what comes live, so that a row looks the same either way.
Texts are plain; whoever renders them escapes them.
"""

from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.records import (
    ClockSet,
    Crossing,
    Device,
    DeviceChange,
    DeviceState,
    DownlinkRefused,
    JournalReplaced,
    Passage,
    PolicyApplied,
    Record,
    Result,
    RosterApplied,
    decode,
)
from checkpoint.verdict import Flag
from collector.store.log import LogRow
from collector.web.action_lines import action
from collector.web.times import PAGE, clock_time
from ui.words import Language, degrees, phrases, word


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the live log."""

    id: int
    tone: str
    """pass, hold, stop, fault or plain: what the colour says beside the words."""
    icon: str
    time: str
    """Date and time in the compound's zone."""
    clock_doubtful: bool
    gate: str
    direction: str
    outcome: str
    who: str
    detail: str
    temperature: str
    is_fever: bool
    flags: tuple[str, ...]


_TONES: Final = {Result.ADMIT: "pass", Result.HOLD: "hold", Result.REFUSE: "stop"}
_ICONS: Final = {Result.ADMIT: "check", Result.HOLD: "hand", Result.REFUSE: "ban"}


def log_line(row: LogRow, language: Language, zone: ZoneInfo) -> LogLine:
    """One record as a line of the log by the clock of its compound, whatever is in it."""
    record = _record(row.body)
    at_us = row.corrected_us or (record.stamp.at_us if record else row.received_us)
    return replace(_untimed(row, record, language), time=clock_time(at_us, zone))


def _untimed(row: LogRow, record: Record | None, language: Language) -> LogLine:
    words = phrases(PAGE, language)
    if record is None:
        return _line(row, None, "fault", words["unreadable"])
    match record:
        case Passage():
            return _passage_line(row, record, language)
        case Crossing():
            return _crossing_line(row, record, language)
        case DeviceChange(device=device, state=state, detail=detail):
            tone = "plain" if state is DeviceState.OK else "fault"
            text = device_text(device, state, language)
            return _line(row, record, tone, f"{text} · {detail}" if detail else text)
        case JournalReplaced(cause=cause, rows_lost=lost):
            text = words["journal_replaced"].format(cause=cause, lost=lost)
            return _line(row, record, "fault", text)
        case RosterApplied(residents=residents):
            text = words["roster_applied"].format(residents=residents)
            return _line(row, record, "plain", text)
        case ClockSet():
            return _line(row, record, "plain", words["clock_set"])
        case PolicyApplied(name=name):
            return _line(row, record, "plain", words["policy_applied"].format(name=name))
        case DownlinkRefused(what=what, why=why):
            return _line(row, record, "fault", words["refused"].format(what=what, why=why))
        case _:
            said = action(record, language)
            line = _line(row, record, said.tone, said.text)
            return replace(line, who=said.who, flags=said.flags)


def _record(body: str | None) -> Record | None:
    try:
        return None if body is None else decode(body)
    except ValueError:
        return None


def _passage_line(row: LogRow, passage: Passage, language: Language) -> LogLine:
    centicelsius = passage.temperature_centicelsius
    return LogLine(
        id=row.id,
        tone=_TONES[passage.result],
        icon=_ICONS[passage.result],
        time="",
        clock_doubtful=not passage.stamp.clock_synced and row.corrected_us is None,
        gate=row.gate,
        direction=word(passage.direction, language),
        outcome=word(passage.result, language),
        who=passage.bearer.person if passage.bearer else passage.code,
        detail="" if passage.reason is None else word(passage.reason, language),
        temperature="" if centicelsius is None else degrees(centicelsius),
        is_fever=Flag.FEVER in passage.flags,
        flags=tuple(word(flag, language) for flag in passage.flags),
    )


def _crossing_line(row: LogRow, crossing: Crossing, language: Language) -> LogLine:
    return replace(
        _line(row, crossing, "plain", word(crossing.how, language)),
        direction=word(crossing.direction, language),
        who=crossing.bearer.person,
    )


def _line(row: LogRow, record: Record | None, tone: str, detail: str) -> LogLine:
    return LogLine(
        id=row.id,
        tone=tone,
        icon="circle-alert" if tone == "fault" else "file-clock",
        time="",
        clock_doubtful=(
            record is not None and not record.stamp.clock_synced and row.corrected_us is None
        ),
        gate=row.gate,
        direction="",
        outcome="",
        who="",
        detail=detail,
        temperature="",
        is_fever=False,
        flags=(),
    )


def device_text(device: Device, state: DeviceState, language: Language) -> str:
    """``Lock: does not answer``."""
    colon = "：" if language == "zh_CN" else ": "
    return f"{word(device, language)}{colon}{word(state, language)}"
