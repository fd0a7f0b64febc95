"""What the staff page shows, from query rows to words; pure.

The same functions serve the first load and what comes live, so that a row looks the same either way.
Texts are plain; whoever renders them escapes them.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.alerts import AlertCode, Severity
from checkpoint.records import (
    Crossing,
    Device,
    DeviceChange,
    DeviceState,
    DownlinkRefused,
    JournalReplaced,
    Passage,
    Record,
    Result,
    RosterApplied,
    decode,
)
from collector.store.queries import AlertRow, GateRow, LogRow
from ui.words import Language, degrees, phrases, word

ZONE: Final = ZoneInfo("Asia/Shanghai")
"""The compounds' zone, as in every policy preset."""

PAGE: Final = "staff page"
_UNTIMED: Final = "-"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the live log."""

    id: int
    tone: str
    """pass, hold, stop, fault or plain: what the colour says beside the words."""
    time: str
    clock_doubtful: bool
    gate: str
    direction: str
    outcome: str
    who: str
    detail: str
    temperature: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One open alert."""

    id: int
    tone: str
    severity: str
    code: str
    gate: str
    subject: str
    first: str
    last: str
    count: int


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate."""

    gate: str
    online: bool
    state: str
    seen: str
    last_seq: int
    unsynced: int
    devices: tuple[str, ...]


_TONES: Final = {Result.ADMIT: "pass", Result.HOLD: "hold", Result.REFUSE: "stop"}
_ALERT_TONES: Final = {
    Severity.ACT_NOW: "stop",
    Severity.LOOK_TODAY: "hold",
    Severity.NOTE: "plain",
}


def log_line(row: LogRow, language: Language) -> LogLine:
    """One record as a line of the log, whatever is in it."""
    record, words = _record(row.body), phrases(PAGE, language)
    if record is None:
        return _line(row, None, "fault", words["unreadable"])
    match record:
        case Passage():
            return _passage_line(row, record, language)
        case Crossing():
            return _crossing_line(row, record, language)
        case DeviceChange(device=device, state=state, detail=detail):
            tone = "plain" if state is DeviceState.OK else "fault"
            return _line(row, record, tone, f"{_device(device, state, language)} {detail}".strip())
        case JournalReplaced(cause=cause, rows_lost=lost):
            text = words["journal_replaced"].format(cause=cause, lost=lost)
            return _line(row, record, "fault", text)
        case RosterApplied(residents=residents):
            text = words["roster_applied"].format(residents=residents)
            return _line(row, record, "plain", text)
        case DownlinkRefused(what=what, why=why):
            return _line(row, record, "fault", words["refused"].format(what=what, why=why))


def alert_line(row: AlertRow, language: Language) -> AlertLine:
    """One alert."""
    severity = Severity(row.severity)
    return AlertLine(
        id=row.id,
        tone=_ALERT_TONES[severity],
        severity=word(severity, language),
        code=word(AlertCode(row.code), language),
        gate=row.gate,
        subject=row.subject,
        first=clock_time(row.first_us),
        last=clock_time(row.last_us),
        count=row.count,
    )


def gate_line(row: GateRow, language: Language) -> GateLine:
    """One gate. Devices that this version does not know are shown by their code."""
    return GateLine(
        gate=row.gate,
        online=row.online,
        state=phrases(PAGE, language)["online" if row.online else "offline"],
        seen=clock_time(row.seen_us),
        last_seq=row.last_seq,
        unsynced=row.unsynced,
        devices=tuple(
            _device_text(name, state, language) for name, state in sorted(row.devices.items())
        ),
    )


def clock_time(at_us: int) -> str:
    """UTC microseconds as the compound's wall clock: ``2020-02-14 07:30:00``."""
    try:
        at = datetime.fromtimestamp(at_us // 1_000_000, UTC).astimezone(ZONE)
    except (ValueError, OverflowError, OSError):  # a gate's clock may say anything
        return _UNTIMED
    return f"{at:%Y-%m-%d %H:%M:%S}"


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
        time=clock_time(passage.stamp.at_us),
        clock_doubtful=not passage.stamp.clock_synced,
        gate=row.gate,
        direction=word(passage.direction, language),
        outcome=word(passage.result, language),
        who=passage.bearer.person if passage.bearer else passage.code,
        detail="" if passage.reason is None else word(passage.reason, language),
        temperature="" if centicelsius is None else degrees(centicelsius),
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
        time=clock_time(record.stamp.at_us if record else row.received_us),
        clock_doubtful=record is not None and not record.stamp.clock_synced,
        gate=row.gate,
        direction="",
        outcome="",
        who="",
        detail=detail,
        temperature="",
        flags=(),
    )


def _device(device: Device, state: DeviceState, language: Language) -> str:
    colon = "：" if language == "zh_CN" else ": "
    return f"{word(device, language)}{colon}{word(state, language)}"


def _device_text(name: str, state: str, language: Language) -> str:
    try:
        return _device(Device(name), DeviceState(state), language)
    except ValueError:
        return f"{name}: {state}"
