"""One alert as a case to see to, from the stored row to words; pure."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from checkpoint.records.alerts import AlertCode, Severity
from collector.domain.alert_state import CaseState
from collector.store.queries import AlertRow
from collector.web.times import PAGE, ago, clock_time
from ui.words import Language, phrases, word


@dataclass(frozen=True, slots=True)
class AlertCard:
    """One alert."""

    id: int
    state: str
    tone: str
    severity: str
    code: str
    next_step: str
    gate: str
    subject: str
    first: str
    last: str
    last_ago: str
    times: str
    """Empty where it happened once."""
    course: str
    """Who has it, or who closed it; empty while it is open."""
    course_at: str
    note: str


_TONES: Final = {Severity.ACT_NOW: "stop", Severity.LOOK_TODAY: "hold", Severity.NOTE: "info"}


def alert_card(row: AlertRow, language: Language, zone: ZoneInfo, now_us: int) -> AlertCard:
    """One alert, by the clock of its gate's compound. A code that this version does not know is shown as it is."""
    severity, words = Severity(row.severity), phrases(PAGE, language)
    course, at_us = _course(row, language)
    return AlertCard(
        id=row.id,
        state=row.state,
        tone=_TONES[severity],
        severity=word(severity, language),
        code=code_word(row.code, language),
        next_step=phrases("AlertCode.next_step", language).get(row.code, ""),
        gate=row.gate,
        subject=_subject(row, language),
        first=clock_time(row.first_us, zone),
        last=clock_time(row.last_us, zone),
        last_ago=ago(row.last_us, now_us, language),
        times=words["times"].format(count=row.count) if row.count > 1 else "",
        course=course,
        course_at="" if at_us is None else clock_time(at_us, zone),
        note=row.note or "",
    )


def code_word(code: str, language: Language) -> str:
    """The word for an alert's code."""
    return phrases(AlertCode.__name__, language).get(code, code)


def _subject(row: AlertRow, language: Language) -> str:
    """Whom or what it is about; a device by its word."""
    if row.code == AlertCode.DEVICE_FAULT:
        return phrases("Device", language).get(row.subject.upper(), row.subject)
    return row.subject


def _course(row: AlertRow, language: Language) -> tuple[str, int | None]:
    words = phrases(PAGE, language)
    match CaseState(row.state):
        case CaseState.OPEN:
            return "", None
        case CaseState.ACKNOWLEDGED:
            return words["taken_by"].format(who=row.acknowledged_by), row.acknowledged_us
        case CaseState.CLOSED:
            return words["closed_by"].format(who=row.closed_by), row.closed_us
