"""The relay that unlocks a door: energised means unlocked, and the safe state is off.

A thread of its own switches the relay off at the deadline, so a caller that hangs or dies cannot keep
the door open. The deadline is set before the relay is switched on, and a relay that cannot be switched
off is tried again until it can.
"""

import atexit
import threading
import time
from contextlib import suppress

import gpiozero
from gpiozero.pins import Factory

from drivers import DeviceGone
from drivers.camera.capture import monotonic_ms
from drivers.door.pins import raspberry_pi_pins
from drivers.ending import joined

_RETRY_OFF_S = 0.1
_TURN_S = 1.0


class RelayLock:
    """A relay on a GPIO pin, by its Broadcom number; off until it is released.

    ``active_high`` False: the relay's input is on when low. ``pin_factory`` None: the Raspberry Pi's
    own pins through lgpio. Raises DeviceGone naming lock.pin.
    """

    def __init__(
        self, pin: int, active_high: bool = True, pin_factory: Factory | None = None
    ) -> None:
        self._pin = pin
        factory = raspberry_pi_pins("lock.pin") if pin_factory is None else pin_factory
        try:
            self._relay = gpiozero.OutputDevice(
                pin, active_high=active_high, initial_value=False, pin_factory=factory
            )
        # lgpio.error, gpiozero's own tree and OSError have no common parent below Exception.
        except Exception as error:  # noqa: BLE001
            raise DeviceGone(f"lock.pin: GPIO {pin} cannot be used: {error}") from None
        self._deadline_s: float | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._turned_ms = monotonic_ms()
        self._timer = threading.Thread(target=self._relock, name="lock timer", daemon=True)
        self._timer.start()
        # A program that ends without close() must not leave the relay to its daemon thread.
        atexit.register(self.close)

    def release_for(self, milliseconds: int) -> None:
        """Unlock now; lock again after the time, counted from this call. Raises DeviceGone."""
        if not self._timer.is_alive():
            raise DeviceGone("lock: its timer has ended, and nothing would lock it again")
        with self._changed:
            self._deadline_s = time.monotonic() + milliseconds / 1000
            self._changed.notify()
            self._switch(on=True)

    def secure(self) -> None:
        """Lock now. Raises DeviceGone when the pin cannot be switched; the timer goes on trying."""
        with self._changed:
            self._deadline_s = time.monotonic()
            self._changed.notify()
            self._switch(on=False)
            self._deadline_s = None

    def timer_turned_ms(self) -> int:
        """See Lock."""
        return self._turned_ms

    def close(self) -> None:
        """Lock and let go of the pin."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        joined(self._timer)
        atexit.unregister(self.close)
        try:
            self._switch(on=False)
        finally:
            with suppress(Exception):
                self._relay.close()

    def _relock(self) -> None:
        with self._changed:
            while not self._closed:
                self._turned_ms = monotonic_ms()
                if self._deadline_s is None:
                    self._changed.wait(_TURN_S)
                elif (left_s := self._deadline_s - time.monotonic()) > 0:
                    self._changed.wait(min(left_s, _TURN_S))
                else:
                    self._switch_off_or_try_again()

    def _switch_off_or_try_again(self) -> None:
        try:
            self._switch(on=False)
            self._deadline_s = None
        except DeviceGone:
            self._changed.wait(_RETRY_OFF_S)

    def _switch(self, *, on: bool) -> None:
        try:
            self._relay.value = on
        except Exception as error:  # noqa: BLE001 - as above
            raise DeviceGone(
                f"lock.pin: GPIO {self._pin} cannot be switched {'on' if on else 'off'}: {error}"
            ) from None
