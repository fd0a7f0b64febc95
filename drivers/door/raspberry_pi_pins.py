"""The Raspberry Pi's pins through lgpio, without a blip at start.

gpiozero claims an lgpio output low and sets its level afterwards; a relay that is on when low would
be on in between, and the door open.
"""

import os
import tempfile

# lgpio makes a pipe in its working folder as soon as it is loaded; a hardened unit's is read-only.
os.environ.setdefault("LG_WD", tempfile.gettempdir())

import lgpio
from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin


class _SteadyPin(LGPIOPin):  # type: ignore[misc]  # gpiozero has no types
    def output_with_state(self, state: bool) -> None:
        """Become an output that has this level from its first moment."""
        lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))  # noqa: SLF001


class RaspberryPiPins(LGPIOFactory):  # type: ignore[misc]
    """gpiozero's lgpio pins. Raises lgpio.error or PinUnknownPi where there is no chip."""

    def __init__(self) -> None:
        super().__init__()
        self.pin_class = _SteadyPin
