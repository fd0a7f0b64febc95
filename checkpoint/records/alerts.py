"""What a record tells the central staff: alerts_of(record), one small table.

A new alert on a scan is one line of _BY_FLAG; one on another record is one case of alerts_of().
"""

import enum
from typing import Final

import msgspec

from checkpoint.records import (
    Bearer,
    Cause,
    DeviceChange,
    DeviceState,
    DoorChange,
    DoorState,
    DownlinkRefused,
    DutyChange,
    JournalReplaced,
    Opened,
    Passage,
    Record,
    Resolution,
    Visit,
)
from checkpoint.verdict import Flag, Reason


class Severity(enum.IntEnum):
    """How soon somebody must look."""

    ACT_NOW = 3
    LOOK_TODAY = 2
    NOTE = 1


class AlertCode(enum.StrEnum):
    """Every kind of alert there is."""

    FEVER = "FEVER"
    UNKNOWN_VISITOR = "UNKNOWN_VISITOR"
    FORGED_PASS = "FORGED_PASS"
    REVOKED_PASS_USED = "REVOKED_PASS_USED"
    VACANT_HOUSEHOLD = "VACANT_HOUSEHOLD"
    BREACH = "BREACH"
    PASS_SHARED = "PASS_SHARED"
    LATE_RETURN = "LATE_RETURN"
    FIRST_ENTRY = "FIRST_ENTRY"
    WATCHED_PLATE = "WATCHED_PLATE"
    DOOR_FORCED = "DOOR_FORCED"
    DOOR_HELD_OPEN = "DOOR_HELD_OPEN"
    DOOR_STUCK = "DOOR_STUCK"
    EMERGENCY_OPEN = "EMERGENCY_OPEN"
    NOBODY_ON_DUTY = "NOBODY_ON_DUTY"
    DEVICE_FAULT = "DEVICE_FAULT"
    CLOCK_UNTRUSTED = "CLOCK_UNTRUSTED"
    JOURNAL_DAMAGED = "JOURNAL_DAMAGED"
    DOWNLINK_REFUSED = "DOWNLINK_REFUSED"
    RECORD_QUARANTINED = "RECORD_QUARANTINED"
    QUOTA_CONFLICT = "QUOTA_CONFLICT"
    """Raised by the centre: only there the outings of all gates meet."""


class Alert(msgspec.Struct, frozen=True):
    """One thing to look at. Repeats with the same code and subject at one gate fold into one."""

    code: AlertCode
    subject: str
    """Whom or what it is about: a person id, a code's fingerprint, a device."""

    @property
    def severity(self) -> Severity:
        """How soon somebody must look."""
        return SEVERITY[self.code]


SEVERITY: Final = {
    AlertCode.FEVER: Severity.ACT_NOW,
    AlertCode.UNKNOWN_VISITOR: Severity.LOOK_TODAY,
    AlertCode.FORGED_PASS: Severity.ACT_NOW,
    AlertCode.REVOKED_PASS_USED: Severity.LOOK_TODAY,
    AlertCode.VACANT_HOUSEHOLD: Severity.LOOK_TODAY,
    AlertCode.BREACH: Severity.ACT_NOW,
    AlertCode.PASS_SHARED: Severity.LOOK_TODAY,
    AlertCode.LATE_RETURN: Severity.NOTE,
    AlertCode.FIRST_ENTRY: Severity.NOTE,
    AlertCode.WATCHED_PLATE: Severity.LOOK_TODAY,
    AlertCode.DOOR_FORCED: Severity.ACT_NOW,
    AlertCode.DOOR_HELD_OPEN: Severity.LOOK_TODAY,
    AlertCode.DOOR_STUCK: Severity.LOOK_TODAY,
    AlertCode.EMERGENCY_OPEN: Severity.ACT_NOW,
    AlertCode.NOBODY_ON_DUTY: Severity.LOOK_TODAY,
    AlertCode.DEVICE_FAULT: Severity.LOOK_TODAY,
    AlertCode.CLOCK_UNTRUSTED: Severity.NOTE,
    AlertCode.JOURNAL_DAMAGED: Severity.ACT_NOW,
    AlertCode.DOWNLINK_REFUSED: Severity.LOOK_TODAY,
    AlertCode.RECORD_QUARANTINED: Severity.LOOK_TODAY,
    AlertCode.QUOTA_CONFLICT: Severity.LOOK_TODAY,
}

_BY_FLAG: Final = {
    Flag.FEVER: AlertCode.FEVER,
    Flag.UNKNOWN_VISITOR: AlertCode.UNKNOWN_VISITOR,
    Flag.FORGED_PASS: AlertCode.FORGED_PASS,
    Flag.REVOKED_PASS_USED: AlertCode.REVOKED_PASS_USED,
    Flag.VACANT_HOUSEHOLD: AlertCode.VACANT_HOUSEHOLD,
    Flag.BREACH: AlertCode.BREACH,
    Flag.PASS_SHARED: AlertCode.PASS_SHARED,
    Flag.LATE_RETURN: AlertCode.LATE_RETURN,
    Flag.FIRST_ENTRY: AlertCode.FIRST_ENTRY,
    Flag.WATCHED_PLATE: AlertCode.WATCHED_PLATE,
}


_BY_DOOR: Final = {
    DoorState.FORCED: AlertCode.DOOR_FORCED,
    DoorState.HELD: AlertCode.DOOR_HELD_OPEN,
    DoorState.STUCK: AlertCode.DOOR_STUCK,
}


def settled_by(record: Record) -> tuple[Alert, int] | None:
    """The alert that a volunteer's decision settles, and the ``at_us`` of the passage that raised it.

    Only a fever is settled at the gate. What else was raised is for the staff to look into.
    """
    match record:
        case Resolution(
            verdict=Reason.FEVER, bearer=Bearer(person=person), passage_at_us=passage_at_us
        ):
            return Alert(AlertCode.FEVER, person), passage_at_us
        case _:
            return None


def alerts_of(record: Record) -> tuple[Alert, ...]:
    """The alerts that this record alone calls for, in the order of the flags' codes."""
    match record:
        case Passage():
            return _alerts_of_passage(record)
        case Visit():
            subject = record.plate or (record.household or record.visiting.value)
            return tuple(
                Alert(_BY_FLAG[flag], subject) for flag in record.flags if flag in _BY_FLAG
            )
        case DoorChange(state=state) if state in _BY_DOOR:
            return (Alert(_BY_DOOR[state], "door"),)
        case Opened(cause=Cause.EMERGENCY, by=by):
            return (Alert(AlertCode.EMERGENCY_OPEN, by or "door"),)
        case DutyChange(left_on_duty=0):
            return (Alert(AlertCode.NOBODY_ON_DUTY, "duty"),)
        case DeviceChange(device=device, state=DeviceState.GONE | DeviceState.FAULTY):
            return (Alert(AlertCode.DEVICE_FAULT, device.value),)
        case JournalReplaced(cause=cause):
            return (Alert(AlertCode.JOURNAL_DAMAGED, cause),)
        case DownlinkRefused(what=what):
            return (Alert(AlertCode.DOWNLINK_REFUSED, what),)
        case _:
            return ()


def _alerts_of_passage(passage: Passage) -> tuple[Alert, ...]:
    if not passage.flags and passage.stamp.clock_synced:  # nearly all
        return ()
    subject = passage.bearer.person if passage.bearer else passage.code
    alerts = [Alert(_BY_FLAG[flag], subject) for flag in passage.flags if flag in _BY_FLAG]
    if not passage.stamp.clock_synced:
        alerts.append(Alert(AlertCode.CLOCK_UNTRUSTED, "clock"))
    return tuple(alerts)
