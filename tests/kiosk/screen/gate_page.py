"""The gate's page on a board that a test writes, as the loop would."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from checkpoint.entry_pass import Claims, Kind
from checkpoint.gate.context import Face, Scan, Show
from checkpoint.gate.state import Attempt, Case, GateState
from checkpoint.ids import CompoundId, HouseholdId, PersonId, Revision
from checkpoint.people import Household, Resident, Standing
from checkpoint.policy import Direction
from checkpoint.records import Basis, Bearer, Device, DeviceState, Passage, Result, Stamp
from checkpoint.rules.history import NO_HISTORY
from checkpoint.thermometry import Reading, Temperature
from checkpoint.verdict import Hold, Reason
from kiosk.devices.health import DeviceReport
from kiosk.screen.board import Board
from kiosk.screen.choices import Choices
from kiosk.screen.fragments import Surface
from kiosk.screen.request_queue import RequestQueue
from kiosk.screen.request_routes import RequestRoutes
from kiosk.screen.server import serve
from kiosk.screen.surroundings import Counts, Surroundings
from sync.link_report import LinkReport
from ui.words import Language

TOKEN: Final = "this start's"
HOME: Final = Household(id=HouseholdId("H1"), building="3", unit="201")
WANG: Final = Resident(id=PersonId("R1"), name="王**", household=HouseholdId("H1"))
KNOWN: Final = Standing(WANG, HOME)
STAMP: Final = Stamp(
    at_us=1_772_323_200_000_000,  # 2026-03-01 00:00 UTC, eight in the morning in Shanghai
    boot_id="b",
    uptime_ms=1,
    clock_synced=True,
    policy_revision=Revision(0),
    roster_revision=None,
)
PASSAGE: Final = Passage(
    stamp=STAMP,
    direction=Direction.IN,
    direction_basis=Basis.LANE,
    result=Result.ADMIT,
    reason=None,
    code="0" * 16,
    bearer=Bearer(person=PersonId("R1"), serial=1, compound=CompoundId(1), kind=Kind.RESIDENT),
    temperature_centicelsius=3660,
)
ADMITTED: Final = Show(
    Face.PASS, result=Result.ADMIT, standing=KNOWN, temperature_centicelsius=3660
)
FEVER: Final = Show(
    Face.STOP_FEVER,
    result=Result.HOLD,
    reason=Reason.FEVER,
    standing=KNOWN,
    temperature_centicelsius=3820,
)


def held(reason: Reason, passage_at_us: int = 1) -> Case:
    """Somebody who waits for the volunteer."""
    claims = Claims(PersonId("R1"), 1, CompoundId(1), 0, 2**32 - 1, Kind.RESIDENT)
    scan = Scan(claims, KNOWN, "0" * 16, NO_HISTORY, None)
    reading = Reading(
        outcome=Temperature.FEVER if reason is Reason.FEVER else Temperature.NORMAL,
        sensor="s",
        estimate_centicelsius=3820 if reason is Reason.FEVER else 3660,
        samples=9,
    )
    return Case(passage_at_us, Attempt(scan, Direction.IN, Basis.LANE), Hold(reason), (reading,))


class GateSite:
    """A board, a desk, and the page that shows them."""

    def __init__(
        self,
        language: Language = "zh_CN",
        surface: Surface | None = None,
        data: Path | None = None,
    ) -> None:
        self.board, self.request_queue = Board("east-in", "Asia/Shanghai", 0.5), RequestQueue()
        self.reports = tuple(DeviceReport(device, DeviceState.OK) for device in Device)
        self.clock_synced, self._beating = True, threading.Event()
        self._beating.set()
        threading.Thread(target=self._beat, daemon=True).start()
        now_us = time.time_ns() // 1000
        self.surround(connected=True, unsynced=0, roster_us=now_us - 3 * 3_600_000_000)
        self.on_duty()
        asking = RequestRoutes(self.request_queue, None, TOKEN)
        page = serve(self.board, asking, 0, _in_language(surface or Surface(), language, data))
        assert page is not None
        self.page, self.address = page, page.address

    def _beat(self) -> None:
        while True:
            if self._beating.is_set():
                self.board.health(self.reports, clock_synced=self.clock_synced)
            time.sleep(0.2)

    def hang(self) -> None:
        """The loop does not come round any more."""
        self._beating.clear()

    def go_on(self) -> None:
        """It does."""
        self._beating.set()

    def report(self, device: Device, state: DeviceState, detail: str = "") -> None:
        """A part of the gate is so from now on."""
        self.reports = tuple(
            DeviceReport(device, state, detail) if each.device is device else each
            for each in self.reports
        )
        self.board.health(self.reports, clock_synced=self.clock_synced)

    def surround(self, *, connected: bool, unsynced: int, roster_us: int | None = None) -> None:
        """How sync stands."""
        acked_us = time.time_ns() // 1000 - 20_000_000
        link = LinkReport(connected=connected, unsynced=unsynced, acked_us=acked_us)
        revision = Revision(roster_us or time.time_ns() // 1000)
        self.board.surround(Surroundings(link, revision, Counts(412, 396, 5861, 397)))

    def on_duty(self, *cases: Case) -> None:
        """A volunteer is there, and these wait."""
        self.board.state(GateState(cases=cases, on_duty=(PersonId("V1"),)))

    def fill(self) -> None:
        """A morning's passages."""
        fever = Show(Face.STOP_FEVER, standing=KNOWN)
        names = [
            "王**",
            "李**",
            "张*",
            "刘*",
            "陈**",
            "杨*",
            "赵*",
            "黄**",
            "周*",
            "吴**",
            "徐*",
            "孙*",
        ]
        for number, name in enumerate(names):
            person = Resident(id=PersonId(f"R{number}"), name=name, household=HouseholdId("H1"))
            standing = Standing(person, HOME)
            stamp = Stamp(
                at_us=STAMP.at_us + number * 40_000_000,
                boot_id="b",
                uptime_ms=1,
                clock_synced=True,
                policy_revision=Revision(0),
                roster_revision=None,
            )
            self.board.show_passage(*_passed(number, stamp, standing, fever))


def _passed(number: int, stamp: Stamp, standing: Standing, fever: Show) -> tuple[Passage, Show]:
    if number == 7:
        refused = msgspec.structs.replace(
            PASSAGE, stamp=stamp, result=Result.REFUSE, reason=Reason.REVOKED
        )
        return msgspec.structs.replace(refused, temperature_centicelsius=None), Show(
            Face.STOP, standing=standing
        )
    if number == 9:
        held_ = msgspec.structs.replace(
            PASSAGE, stamp=stamp, result=Result.HOLD, reason=Reason.FEVER
        )
        return msgspec.structs.replace(held_, temperature_centicelsius=3820), Show(
            fever.face, standing=standing
        )
    admitted = msgspec.structs.replace(
        PASSAGE, stamp=stamp, temperature_centicelsius=3630 + number * 7
    )
    return admitted, Show(Face.PASS, standing=standing)


def _in_language(surface: Surface, language: Language, data: Path | None) -> Surface:
    screen = surface.screen.model_copy(update={"language": language})
    return replace(surface, screen=screen, choices=Choices(screen, data))


@contextmanager
def gate_site(
    language: Language = "zh_CN", surface: Surface | None = None, data: Path | None = None
) -> Iterator[GateSite]:
    """A page for one test or for a module of them; the thread that beats is a daemon."""
    site = GateSite(language, surface, data)
    try:
        yield site
    finally:
        site.hang()
        assert site.page.stop(), "the gate's page does not end; its log says what it hangs on"
