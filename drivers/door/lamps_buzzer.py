"""Two lamps and a buzzer that sounds by itself, each on a pin of its own.

A signal is a short score: what is lit and whether the buzzer sounds, for how long each; the last line
stays. The first line is played by whoever announces, so that a dead pin is said at once; a thread plays
the rest. Sounds differ by rhythm, because one buzzer has one tone: two short ones are "go", one long one
is "stop".
"""

import threading
import time
from contextlib import suppress
from typing import Final, NamedTuple

import gpiozero
from gpiozero.pins import Factory

from drivers import DeviceGone, Signal
from drivers.door.pins import raspberry_pi_pins
from drivers.ending import joined

_RETRY_S = 0.1


class LampPattern(NamedTuple):
    """What is on, for how many milliseconds."""

    green: bool
    red: bool
    buzzer: bool
    for_ms: int


_DARK: Final = LampPattern(False, False, False, 0)
_ALARM: Final = (LampPattern(False, True, True, 200), LampPattern(False, False, False, 200)) * 25
SCORES: Final[dict[Signal, tuple[LampPattern, ...]]] = {
    Signal.QUIET: (_DARK,),
    Signal.TAKEN: (LampPattern(False, False, True, 40), _DARK),
    Signal.PASS: (
        LampPattern(True, False, True, 80),
        LampPattern(True, False, False, 80),
        LampPattern(True, False, True, 80),
        LampPattern(True, False, False, 0),
    ),
    Signal.STOP: (LampPattern(False, True, True, 700), LampPattern(False, True, False, 0)),
    Signal.ALARM: (*_ALARM, LampPattern(False, True, False, 0)),
}
"""The last line of each stays until the next signal; an alarm sounds for 10 s and stays lit."""


class LampsAndBuzzer:
    """Lamps and buzzer by their pins' Broadcom numbers.

    ``active_high`` False: all three are on when low. ``pin_factory`` None: the Raspberry Pi's own pins.
    Raises DeviceGone naming the annunciator's key.
    """

    def __init__(
        self,
        green_pin: int,
        red_pin: int,
        buzzer_pin: int,
        active_high: bool = True,
        pin_factory: Factory | None = None,
    ) -> None:
        factory = raspberry_pi_pins("annunciator") if pin_factory is None else pin_factory
        self._parts: dict[str, gpiozero.OutputDevice] = {}
        pins = {"green": green_pin, "red": red_pin, "buzzer": buzzer_pin}
        for part, pin in pins.items():
            try:
                self._parts[part] = gpiozero.OutputDevice(
                    pin, active_high=active_high, initial_value=False, pin_factory=factory
                )
            # lgpio.error, gpiozero's own tree and OSError have no common parent below Exception.
            except Exception as error:  # noqa: BLE001
                self._let_go()
                raise DeviceGone(
                    f"annunciator.{part}_pin: GPIO {pin} cannot be used: {error}"
                ) from None
        self._changed = threading.Condition()
        self._left: tuple[LampPattern, ...] = ()
        self._due_s = 0.0
        self._aloud = False
        self._closed = False
        self._player = threading.Thread(target=self._play, name="annunciator", daemon=True)
        self._player.start()

    def announce(self, signal: Signal, *, aloud: bool) -> None:
        """See Annunciator."""
        with self._changed:
            line, *left = SCORES[signal]
            self._left, self._aloud = tuple(left), aloud
            self._due_s = time.monotonic() + line.for_ms / 1000
            self._changed.notify()
            self._switch(line)

    def close(self) -> None:
        """See Annunciator."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        joined(self._player)
        with suppress(DeviceGone):
            self._switch(_DARK)
        self._let_go()

    def _play(self) -> None:
        with self._changed:
            while not self._closed:
                if not self._left:
                    self._changed.wait()
                elif (left_s := self._due_s - time.monotonic()) > 0:
                    self._changed.wait(left_s)
                else:
                    self._play_line()

    def _play_line(self) -> None:
        line, *left = self._left
        try:
            self._switch(line)
        except DeviceGone:
            self._changed.wait(_RETRY_S)  # a buzzer must not sound for ever
            return
        self._left, self._due_s = tuple(left), self._due_s + line.for_ms / 1000

    def _switch(self, line: LampPattern) -> None:
        wanted = {"green": line.green, "red": line.red, "buzzer": line.buzzer and self._aloud}
        for part, device in self._parts.items():
            try:
                device.value = wanted[part]
            except Exception as error:  # noqa: BLE001 - as above
                raise DeviceGone(
                    f"annunciator.{part}_pin: {device.pin} cannot be switched: {error}"
                ) from None

    def _let_go(self) -> None:
        for device in self._parts.values():
            with suppress(Exception):
                device.close()
