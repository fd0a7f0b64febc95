"""A door contact: a reed switch that conducts while the door is shut, to ground.

So a cut wire looks like an open door, which is said, and never like a shut one. A door cannot open and
shut within BOUNCE_MS.
"""

from gpiozero.pins import Factory

from drivers import DoorMove
from drivers.door.switch_input import SwitchInput

BOUNCE_MS = 30


class DoorContact:
    """The contact on a GPIO pin by its Broadcom number, pulled up.

    ``open_high`` False: a contact that conducts while the door is open. ``pin_factory`` None: the
    Raspberry Pi's own pins. Raises DeviceGone naming door.pin.
    """

    def __init__(
        self, pin: int, open_high: bool = True, pin_factory: Factory | None = None
    ) -> None:
        self._open_high = open_high
        self._switch = SwitchInput("door.pin", pin, BOUNCE_MS, pin_factory)

    def is_open(self) -> bool:
        """See Door."""
        return self._switch.is_high is self._open_high

    def moves(self) -> tuple[DoorMove, ...]:
        """See Door."""
        return tuple(
            DoorMove(is_open=change.is_high is self._open_high, at_ms=change.at_ms)
            for change in self._switch.changes()
        )

    def close(self) -> None:
        """See Door."""
        self._switch.close()
