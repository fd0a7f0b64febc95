"""The button inside by which people leave: a push switch to ground.

A button that is held, or whose wires touch for ever, is one press: it cannot keep a gate open. One that
conducts at the start is no press. The way out must never hang on this program: see docs/hardware.md.
"""

from gpiozero.pins import Factory

from drivers.door.switch_input import SwitchInput

BOUNCE_MS = 30


class PushButton:
    """The button on a GPIO pin by its Broadcom number, pulled up.

    ``pressed_high`` True: a button that opens its circuit. ``pin_factory`` None: the Raspberry Pi's own
    pins. Raises DeviceGone naming exit_button.pin.
    """

    def __init__(
        self, pin: int, pressed_high: bool = False, pin_factory: Factory | None = None
    ) -> None:
        self._pressed_high = pressed_high
        self._switch = SwitchInput("exit_button.pin", pin, BOUNCE_MS, pin_factory)

    def was_pressed(self) -> bool:
        """See ExitButton."""
        return any(change.is_high is self._pressed_high for change in self._switch.changes())

    def close(self) -> None:
        """See ExitButton."""
        self._switch.close()
