"""Mock pins that a simulated world watches or moves; the drivers on them are the real ones."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from gpiozero.pins.mock import MockFactory, MockPin


class _WatchedPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """Reports each change of what it drives, its first level included."""

    def __init__(self, factory: "WatchedPins", info: object) -> None:
        super().__init__(factory, info)
        # A Raspberry Pi goes on driving a pin when the process that set it is killed.
        self._state = factory.starts_high

    def output_with_state(self, state: bool) -> None:
        """Become an output that has this level from its first moment, as the real pins do."""
        self._function = "output"
        self._set_state(state)

    def _set_state(self, value: bool) -> None:
        before = self._state
        super()._set_state(value)
        if self._state != before:
            self.factory.changed(self._number, self._state)


class WatchedPins(MockFactory):  # type: ignore[misc]
    """Pins whose every change is told: (Broadcom number, whether it is high now)."""

    def __init__(self, changed: Callable[[int, bool], None], *, starts_high: bool = False) -> None:
        super().__init__(pin_class=_WatchedPin)
        self.changed, self.starts_high = changed, starts_high


class _SwitchPin(MockPin):  # type: ignore[misc]
    """An input with a switch on it: the pull-up does not lift it while the switch conducts."""

    def __init__(self, factory: "SwitchPins", info: object) -> None:
        super().__init__(factory, info)
        self._state = factory.starts_high

    def _set_pull(self, value: str) -> None:
        self._pull = value


class SwitchPins(MockFactory):  # type: ignore[misc]
    """Pins with switches on them, moved by drive_high() and drive_low()."""

    def __init__(self, *, starts_high: bool) -> None:
        self.starts_high = starts_high
        super().__init__(pin_class=_SwitchPin)


def write_line(file: Path, **what: bool | str) -> None:
    """Append one JSON object: {"at_us": wall time, "monotonic_ns": monotonic time, ...what}."""
    line = {"at_us": time.time_ns() // 1000, "monotonic_ns": time.monotonic_ns(), **what}
    with file.open("a", encoding="ascii") as lines:
        lines.write(json.dumps(line) + "\n")


def last_line(file: Path) -> dict[str, bool | int | str]:
    """The newest object in the file; {} without one."""
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return dict(json.loads(lines[-1])) if lines else {}
