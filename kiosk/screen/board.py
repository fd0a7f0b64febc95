"""The board between the loop, which writes what is to be seen, and the page, which reads it."""

import math
import threading
import time
from collections import deque

from checkpoint.lane import Face, Show
from checkpoint.phases import State
from checkpoint.records import Device, DeviceState, Passage
from kiosk.health import DeviceReport
from kiosk.screen.view import (
    PAGE,
    PageView,
    accuracy,
    health_lamps,
    passage_line,
    resident_view,
)
from ui.words import Language, phrases

LAST_PASSAGES = 12
SHOWN_FOR_S = 1.0


class Board:
    """The newest state; every change has a higher number. Safe between threads."""

    def __init__(self, gate: str, timezone: str, accuracy_celsius: float | None = None) -> None:
        self._gate, self._timezone = gate, timezone
        self._accuracy_celsius = accuracy_celsius
        self._shown_s = -math.inf
        self._lock = threading.Lock()
        self._show = Show(Face.READY)
        self._state = State()
        self._passages: deque[tuple[Passage, Show]] = deque(maxlen=LAST_PASSAGES)
        self._reports: tuple[DeviceReport, ...] = ()
        self._clock_synced = True
        self.version = 0

    def show(self, show: Show) -> None:
        """A new state of the lane."""
        with self._lock:
            self._show = show
            self.version += 1

    def state(self, state: State) -> None:
        """What the gate remembers."""
        with self._lock:
            self._state = state
            self.version += 1

    def state_now(self) -> State:
        """What the gate remembers now."""
        with self._lock:
            return self._state

    def passed(self, passage: Passage, show: Show) -> None:
        """One more passage, and how it was shown."""
        with self._lock:
            self._passages.appendleft((passage, show))
            self.version += 1

    def health(self, reports: tuple[DeviceReport, ...], *, clock_synced: bool) -> None:
        """How the gate's parts are."""
        with self._lock:
            if (reports, clock_synced) != (self._reports, self._clock_synced):
                self._reports, self._clock_synced = reports, clock_synced
                self.version += 1

    def shown(self) -> None:
        """A page is there, and is being told what changes."""
        self._shown_s = time.monotonic()

    def is_shown(self) -> bool:
        """Whether a page was there within the last second."""
        return time.monotonic() - self._shown_s < SHOWN_FOR_S

    def view(self, language: Language) -> PageView:
        """All that the page shows now."""
        with self._lock:
            show, reports, synced = self._show, self._reports, self._clock_synced
            passages = tuple(self._passages)
        states = [(report.device, report.state, report.detail) for report in reports]
        camera_works = (Device.CAMERA, DeviceState.OK) in [(d, s) for d, s, _ in states]
        return PageView(
            gate=self._gate,
            words=phrases(PAGE, language),
            resident=resident_view(show, language, camera_works=camera_works),
            passages=tuple(passage_line(p, s, language, self._timezone) for p, s in passages),
            health=health_lamps(states, language, clock_synced=synced),
            accuracy=accuracy(self._accuracy_celsius),
        )
