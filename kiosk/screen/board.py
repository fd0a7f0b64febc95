"""The board between the loop, which writes what is to be seen, and the page, which reads it."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from checkpoint.gate.context import Face, Show
from checkpoint.gate.state import GateState
from checkpoint.ids import PersonId
from checkpoint.records import Device, DeviceState, Passage
from kiosk.devices.health import DeviceReport
from kiosk.screen.health_view import HealthView, health_view
from kiosk.screen.panel_view import PanelView, panel_view
from kiosk.screen.surroundings import Surroundings
from kiosk.screen.view import PAGE, PassageLine, ResidentView, passage_line, resident_view
from ui.words import Language, phrases

LAST_PASSAGES: Final = 12
SHOWN_FOR_S: Final = 1.0
LOOP_SILENT_S: Final = 3.0
"""The loop tells its health twice a second; one that is silent for longer hangs."""


class Board:
    """The newest state; every change has a higher number. Safe between threads."""

    def __init__(self, gate: str, timezone: str, accuracy_celsius: float | None = None) -> None:
        self.gate, self._first_timezone = gate, timezone
        self.accuracy_celsius = accuracy_celsius
        self._page_told_s = -math.inf
        self._lock = threading.Lock()
        self._show, self._shown = Show(Face.READY), 0
        self._state = GateState()
        self._passages: deque[tuple[Passage, Show]] = deque(maxlen=LAST_PASSAGES)
        self._reports: tuple[DeviceReport, ...] = ()
        self._clock_synced = True
        self._locked_out = False
        self._surroundings = Surroundings()
        self._heard_s = time.monotonic()
        self.version = 0

    def show(self, show: Show) -> None:
        """A new state of the lane."""
        with self._lock:
            self._show = show
            self._shown += 1
            self.version += 1

    def state(self, state: GateState) -> None:
        """What the gate remembers."""
        with self._lock:
            self._state = state
            self.version += 1

    def state_now(self) -> GateState:
        """What the gate remembers now."""
        with self._lock:
            return self._state

    def show_passage(self, passage: Passage, show: Show) -> None:
        """One more passage, and how it was shown."""
        with self._lock:
            self._passages.appendleft((passage, show))
            self.version += 1

    def health(
        self,
        reports: tuple[DeviceReport, ...],
        *,
        clock_synced: bool,
        locked_out: bool = False,
    ) -> None:
        """How the gate's parts are; also the sign that the loop goes round."""
        told = reports, clock_synced, locked_out
        with self._lock:
            self._heard_s = time.monotonic()
            if told != (self._reports, self._clock_synced, self._locked_out):
                self._reports, self._clock_synced, self._locked_out = told
                self.version += 1

    def shown(self) -> None:
        """A page is there, and is being told what changes."""
        self._page_told_s = time.monotonic()

    def is_shown(self) -> bool:
        """Whether a page was there within the last second."""
        return time.monotonic() - self._page_told_s < SHOWN_FOR_S

    @property
    def timezone(self) -> str:
        """The compound's: of the policy that is obeyed now."""
        with self._lock:
            return self._surroundings.timezone or self._first_timezone

    def surround(self, surroundings: Surroundings) -> None:
        """What is known beside the lane."""
        with self._lock:
            self._surroundings = surroundings

    def is_live(self) -> bool:
        """Whether the loop goes round. What a loop that hangs has left here must not be shown as now."""
        with self._lock:
            return time.monotonic() - self._heard_s < LOOP_SILENT_S

    def resident(self, language: Language) -> tuple[int, ResidentView]:
        """The resident's part, and a number that is another for every Show."""
        with self._lock:
            shown, show, reports = self._shown, self._show, self._reports
        works = any(r.device is Device.CAMERA and r.state is DeviceState.OK for r in reports)
        return shown, resident_view(show, language, camera_works=works)

    def passages(self, language: Language) -> tuple[PassageLine, ...]:
        """The last ones, the newest first."""
        with self._lock:
            passages = tuple(self._passages)
        return tuple(passage_line(p, s, language, self.timezone) for p, s in passages)

    def strip(self, language: Language) -> HealthView:
        """How the gate's parts are."""
        with self._lock:
            reports, around = self._reports, self._surroundings
            synced, locked_out = self._clock_synced, self._locked_out
        now_us = time.time_ns() // 1000
        view = health_view(reports, around, language, clock_synced=synced, now_us=now_us)
        if locked_out:
            return replace(view, banner=phrases(PAGE, language)["locked_out"], banner_icon="lock")
        return view

    def notices(self) -> tuple[str, ...]:
        """What the centre wants everybody to read."""
        with self._lock:
            return self._surroundings.notices

    def panel(self, language: Language, name_of: Callable[[PersonId], str] = str) -> PanelView:
        """What the volunteer decides upon."""
        with self._lock:
            state, counts = self._state, self._surroundings.counts
        return panel_view(state, counts, language, time.monotonic_ns() // 1_000_000, name_of)
