"""Door contact, exit button, lamps and buzzer: each used while it is there, and looked for while it is not.

A gate goes on without any of them. Without its contact a relock counts as a passage again, so that a cut wire
neither annuls every admission nor reports a door that is stuck. How the door stands when its contact comes is an
event too: one that stands open then is held open, if it stays so.

The buzzer speaks for a page that is not there: while somebody looks at the page, it sounds for alarms only.
"""

from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

from checkpoint.gate.context import Face, Show
from checkpoint.gate.events import DoorMoved, Event, OpeningAsked
from checkpoint.records import Cause, Device, DeviceState
from drivers import Annunciator, DeviceError, Door, DoorMove, ExitButton, Signal
from kiosk.devices.health import DeviceReport, failure


class _Closes(Protocol):
    def close(self) -> None: ...


_Part = TypeVar("_Part", bound=_Closes)
_Answer = TypeVar("_Answer")
Report = Callable[[DeviceReport], None]
SIGNALS: Final = {
    Face.READY: Signal.QUIET,
    Face.CHECKING: Signal.TAKEN,
    Face.PASS: Signal.PASS,
    Face.STOP: Signal.STOP,
    Face.STOP_FEVER: Signal.STOP,
    Face.FAULT: Signal.ALARM,
}


class _Fitting(Generic[_Part]):
    """One part that may be absent at any time."""

    def __init__(self, device: Device, make: Callable[[], _Part] | None, report: Report) -> None:
        self._device, self._make, self._report = device, make, report
        self._part: _Part | None = None

    @property
    def is_there(self) -> bool:
        return self._part is not None

    def find(self) -> bool:
        """Look for it where it is missing. Whether it has just come."""
        if self._make is None or self._part is not None:
            return False
        try:
            self._part = self._make()
        except DeviceError as error:
            self._report(failure(self._device, error))
            return False
        self._report(DeviceReport(self._device, DeviceState.OK))
        return True

    def use(self, ask: Callable[[_Part], _Answer], otherwise: _Answer) -> _Answer:
        if self._part is None:
            return otherwise
        try:
            return ask(self._part)
        except DeviceError as error:
            self._report(failure(self._device, error))
            self.close()
            return otherwise

    def close(self) -> None:
        if self._part is not None:
            self._part.close()
            self._part = None


class Doorway:
    """All that stands around the door but the lock."""

    def __init__(
        self,
        door: Callable[[], Door] | None,
        exit_button: Callable[[], ExitButton] | None,
        annunciator: Callable[[], Annunciator] | None,
        report: Report,
        page_is_shown: Callable[[], bool],
    ) -> None:
        self._page_is_shown = page_is_shown
        self._found: list[Event] = []
        self._door = _Fitting(Device.DOOR, door, report)
        self._button = _Fitting(Device.EXIT_BUTTON, exit_button, report)
        self._annunciator = _Fitting(Device.ANNUNCIATOR, annunciator, report)
        self._signal = Signal.QUIET

    @property
    def has_contact(self) -> bool:
        """Whether the door's moves are seen now."""
        return self._door.is_there

    def find(self) -> None:
        """Look for what is missing."""
        if self._door.find():
            is_open = self._door.use(lambda door: door.is_open(), otherwise=False)
            self._found.append(DoorMoved(is_open, found_so=True))
        self._button.find()
        if self._annunciator.find():
            self._say()

    def events(self) -> list[Event]:
        """What the door and the button have done since the last call, in order."""
        unmoved: tuple[DoorMove, ...] = ()
        moves = self._door.use(lambda door: door.moves(), unmoved)
        events = [*self._found, *(DoorMoved(move.is_open) for move in moves)]
        self._found.clear()
        if self._button.use(lambda button: button.was_pressed(), otherwise=False):
            events.append(OpeningAsked(Cause.EXIT_BUTTON))
        return events

    def show(self, show: Show) -> None:
        """Say by lamps and buzzer what the screen says."""
        self._signal = SIGNALS[show.face]
        self._say()

    def alarm(self) -> None:
        """The door is forced, held or stuck."""
        self._signal = Signal.ALARM
        self._say()

    def close(self) -> None:
        """Fall silent and let go of every pin."""
        for fitting in (self._annunciator, self._button, self._door):
            fitting.close()

    def _say(self) -> None:
        signal = self._signal
        aloud = signal is Signal.ALARM or not self._page_is_shown()
        self._annunciator.use(lambda part: part.announce(signal, aloud=aloud), None)
