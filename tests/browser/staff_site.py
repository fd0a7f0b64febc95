"""The staff page with a few days' records, served in this process on loopback."""

import time
from pathlib import Path
from typing import Final

from checkpoint.ids import CompoundId, GateId, Revision
from checkpoint.records import Device, DeviceChange, DeviceState, Record, Result, RosterApplied
from checkpoint.verdict import Flag, Reason
from collector.domain.accounts import hash_password
from collector.domain.alert_state import AlertAction, Step
from collector.store.accounts import set_password
from collector.store.cases import act_on
from collector.store.commit import take_in_state
from collector.web.app import make_app
from sync.wire.messages import StateMessage
from tests.collector.centre import Centre
from tests.collector.journals import batch, fever, journal, passage, stamp
from tests.collector.web.staff import PASSWORD
from ui.page_server import PageServer
from ui.words import Language

_S: Final = 1_000_000
_EAST, _WEST, _SOUTH = GateId("east-in"), GateId("west-in"), GateId("south-out")


class StaffSite:
    """A collector's database and its page."""

    def __init__(self, folder: Path, language: Language = "zh_CN") -> None:
        self.centre = Centre(folder)
        self._language, self._port = language, 0
        self._journals: dict[GateId, list[Record]] = {}
        with self.centre.engine.begin() as connection:
            set_password(connection, "admin", hash_password(PASSWORD), _now_us())
        self.start()

    @property
    def address(self) -> str:
        """Where the page is, without a slash."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Serve, on the port from before if there was one."""
        self._page = page = PageServer(self._port)
        self._port, engine = page.port, self.centre.engine
        page.start(
            make_app(engine, engine, page.port, self._language, page.is_ending), "staff page"
        )

    def stop(self) -> None:
        """End serving; connections break."""
        assert self._page.stop(), "the staff page does not end; its log says what it hangs on"

    def record(self, gate: GateId, *records: Record) -> None:
        """The gate journals these and the collector takes them in."""
        written = self._journals.setdefault(gate, [])
        written.extend(records)
        rows = journal(written)[-len(records) :]
        self.centre.deliver(batch(rows, gate=gate), gate)

    def state(self, gate: GateId, state: StateMessage, seen_us: int | None = None) -> None:
        """The gate's word on itself."""
        with self.centre.engine.begin() as connection:
            take_in_state(connection, CompoundId(1), gate, state, seen_us or _now_us())

    def see_to(self, alert: int, action: AlertAction, note: str = "") -> None:
        """Somebody acts on an alert."""
        with self.centre.engine.begin() as connection:
            act_on(connection, alert, Step(action, "李主任", _now_us(), note))

    def fill(self) -> None:
        """An ordinary morning with some trouble in it."""
        now_us = _now_us()
        begin_us = now_us - 1800 * _S
        self.record(
            _EAST, RosterApplied(stamp=stamp(begin_us), revision=Revision(1), residents=6258)
        )
        for number in range(40):
            at_us = begin_us + number * 40 * _S
            gate = (_EAST, _WEST, _SOUTH)[number % 3]
            self.record(gate, _somebody(number, at_us))
        gone = DeviceState.GONE
        self.record(
            _WEST,
            DeviceChange(
                stamp=stamp(now_us), device=Device.THERMOMETER, state=gone, detail="no answer"
            ),
        )
        self.state(
            _EAST, StateMessage(online=True, version="0.1.0", at_us=now_us, roster_revision=now_us)
        )
        devices = {"camera": "ok", "thermometer": "gone", "lock": "ok", "journal": "ok"}
        behind = StateMessage(
            online=True, version="0.1.0", at_us=now_us - 90 * _S, unsynced=3, devices=devices
        )
        self.state(_WEST, behind)
        self.state(
            _SOUTH, StateMessage(online=True, version="0.1.0", at_us=now_us), now_us - 300 * _S
        )
        self.state(GateId("north-in"), StateMessage(online=True, version="0.0.9", unsynced=412))
        self.state(GateId("north-in"), StateMessage(online=False))
        self.see_to(2, AlertAction.ACKNOWLEDGE)
        self.see_to(3, AlertAction.CLOSE, "手持复测 36.8，已放行。")

    def close(self) -> None:
        """End serving and let go of the file."""
        self.stop()
        self.centre.close()


def _somebody(number: int, at_us: int) -> Record:
    person = f"R{1000 + number}"
    match number:
        case 9 | 31:
            return fever(person, at_us)
        case 14:
            return passage(person, at_us, result=Result.HOLD, reason=Reason.OUTSIDE_HOURS, flags=())
        case 18:
            return passage(
                person,
                at_us,
                result=Result.REFUSE,
                reason=Reason.FORGED,
                flags=(Flag.FORGED_PASS,),
                bearer=None,
                temperature_centicelsius=None,
            )
        case 23:
            return passage(
                person, at_us, result=Result.REFUSE, reason=Reason.ISOLATING, flags=(Flag.BREACH,)
            )
        case 27:
            return passage(
                person,
                at_us,
                result=Result.REFUSE,
                reason=Reason.UNKNOWN_CODE,
                flags=(Flag.UNKNOWN_VISITOR,),
                bearer=None,
                temperature_centicelsius=None,
            )
        case _:
            return passage(person, at_us, temperature_centicelsius=3630 + number * 7 % 60)


def _now_us() -> int:
    return time.time_ns() // 1000
