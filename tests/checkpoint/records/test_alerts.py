"""Which record raises which alert, and about whom."""

from typing import Any

import pytest

from checkpoint.entry_pass import Kind
from checkpoint.ids import CompoundId, EpochId, PersonId, Revision
from checkpoint.policy import Direction
from checkpoint.records import (
    Basis,
    Bearer,
    Device,
    DeviceChange,
    DeviceState,
    DownlinkRefused,
    JournalReplaced,
    Passage,
    Record,
    Result,
    RosterApplied,
)
from checkpoint.records.alerts import SEVERITY, Alert, AlertCode, Severity, alerts_of
from checkpoint.verdict import Flag, Reason
from tests.checkpoint.examples import stamp

BEARER = Bearer(person=PersonId("P1"), serial=1, compound=CompoundId(100), kind=Kind.RESIDENT)


def passage(*flags: Flag, **changes: Any) -> Passage:
    fields: dict[str, Any] = {
        "stamp": stamp(),
        "direction": Direction.IN,
        "direction_basis": Basis.LANE,
        "result": Result.HOLD,
        "reason": Reason.FEVER,
        "code": "0123456789abcdef",
        "bearer": BEARER,
        "flags": flags,
    }
    return Passage(**{**fields, **changes})


def device(state: DeviceState) -> DeviceChange:
    return DeviceChange(stamp=stamp(), device=Device.CAMERA, state=state)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (passage(), ()),
        (passage(Flag.EXPIRED, Flag.NOT_YET_VALID, Flag.DEGRADED), ()),
        (passage(Flag.FEVER), ((AlertCode.FEVER, "P1"),)),
        (passage(Flag.REVOKED_PASS_USED), ((AlertCode.REVOKED_PASS_USED, "P1"),)),
        (passage(Flag.VACANT_HOUSEHOLD), ((AlertCode.VACANT_HOUSEHOLD, "P1"),)),
        (passage(Flag.UNKNOWN_VISITOR), ((AlertCode.UNKNOWN_VISITOR, "P1"),)),
        (
            passage(Flag.FORGED_PASS, bearer=None),
            ((AlertCode.FORGED_PASS, "0123456789abcdef"),),
        ),
        (
            passage(Flag.UNKNOWN_VISITOR, bearer=None),
            ((AlertCode.UNKNOWN_VISITOR, "0123456789abcdef"),),
        ),
        (
            passage(Flag.FEVER, Flag.VACANT_HOUSEHOLD),
            ((AlertCode.FEVER, "P1"), (AlertCode.VACANT_HOUSEHOLD, "P1")),
        ),
        (
            passage(Flag.FEVER, stamp=stamp(clock_synced=False)),
            ((AlertCode.FEVER, "P1"), (AlertCode.CLOCK_UNTRUSTED, "clock")),
        ),
        (device(DeviceState.OK), ()),
        (device(DeviceState.GONE), ((AlertCode.DEVICE_FAULT, "camera"),)),
        (device(DeviceState.FAULTY), ((AlertCode.DEVICE_FAULT, "camera"),)),
        (
            JournalReplaced(stamp=stamp(), cause="behind", old_epoch=EpochId("e")),
            ((AlertCode.JOURNAL_DAMAGED, "behind"),),
        ),
        (RosterApplied(stamp=stamp(), revision=Revision(1), residents=1), ()),
        (
            DownlinkRefused(stamp=stamp(), what="roster", why="older"),
            ((AlertCode.DOWNLINK_REFUSED, "roster"),),
        ),
    ],
)
def test_what_a_record_says_is_raised(
    record: Record, expected: tuple[tuple[AlertCode, str], ...]
) -> None:
    assert alerts_of(record) == tuple(Alert(code, subject) for code, subject in expected)


def test_every_alert_has_a_severity() -> None:
    assert set(SEVERITY) == set(AlertCode)
    assert Alert(AlertCode.FEVER, "P1").severity is Severity.ACT_NOW
