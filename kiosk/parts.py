"""Everything that one gate is made of, as assemble.py puts it together and the loop works with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from checkpoint.gate.context import Lane, Show
from checkpoint.gate.state import GateState
from checkpoint.records import Passage
from drivers import Annunciator, CodeSource, Door, ExitButton, Lock
from kiosk.clock import Clock
from kiosk.devices.health import DeviceReport
from kiosk.devices.measuring import MeasuringThread
from kiosk.files.journal_buffer import JournalBuffer
from kiosk.files.last_run import LastRun
from kiosk.files.trusted_state import TrustedState
from kiosk.heartbeat import Heartbeat
from kiosk.screen.request_queue import RequestQueue


class Screen(Protocol):
    """What the loop tells the page."""

    def show(self, show: Show) -> None:
        """A new state for everybody to see."""

    def state(self, state: GateState) -> None:
        """What the gate remembers: who is held, who is on duty, what can be undone."""

    def show_passage(self, passage: Passage, show: Show) -> None:
        """One more line for the volunteer."""

    def health(
        self, reports: tuple[DeviceReport, ...], *, clock_synced: bool, locked_out: bool
    ) -> None:
        """How the gate's parts are, and whether the centre lets it open."""

    def is_shown(self) -> bool:
        """Whether a page was there to show it a moment ago."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a gate is made of."""

    lane: Lane
    codes: CodeSource
    measuring: MeasuringThread
    find_lock: Callable[[], Lock]
    """Makes the lock; raises DeviceError while there is none."""
    find_door: Callable[[], Door] | None
    """As find_lock; None: the config says that there is none. So for the next two."""
    find_exit_button: Callable[[], ExitButton] | None
    find_annunciator: Callable[[], Annunciator] | None
    clock: Clock
    trusted_state: TrustedState
    journal_buffer: JournalBuffer
    screen: Screen
    request_queue: RequestQueue
    heartbeat: Heartbeat
    last_run: LastRun
    is_cut_off: Callable[[], bool]
    """Whether the other gates' passages may be missing."""
