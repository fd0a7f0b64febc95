"""A switch on a GPIO input: every change that lasted, even one that came and went between two looks.

The kernel reports each edge with its own time stamp, and gpiozero's thread puts it in a row here. A
switch bounces for some milliseconds, so a level counts once it has lasted for ``bounce_ms``: until the
next edge, by the kernel's stamps, or until now. Stamps and not arrivals decide, because a busy gate may
get two edges at once that were a second apart. Where an edge was lost, the level itself is the change.
"""

import threading
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

import gpiozero
from gpiozero.pins import Factory

from drivers import DeviceGone
from drivers.camera.capture import monotonic_ms
from drivers.door.pins import raspberry_pi_pins


class Change(NamedTuple):
    """The pin has this level since then (monotonic ms)."""

    is_high: bool
    at_ms: int


class _Edge(NamedTuple):
    is_high: bool
    stamp_s: float
    arrived_ms: int


class SwitchInput:
    """An input pulled up to 3.3 V, by its Broadcom number: high while its switch does not conduct.

    ``key`` begins every message. ``pin_factory`` None: the Raspberry Pi's own pins. Raises DeviceGone.
    """

    def __init__(
        self, key: str, pin: int, bounce_ms: int, pin_factory: Factory | None = None
    ) -> None:
        self._what, self._bounce_ms = f"{key}: GPIO {pin}", bounce_ms
        self._factory = raspberry_pi_pins(key) if pin_factory is None else pin_factory
        self._edges: list[_Edge] = []
        self._guard = threading.Lock()
        self._device: gpiozero.GPIODevice | None = None
        try:
            self._device = gpiozero.GPIODevice(pin, pin_factory=self._factory)
            self._device.pin.input_with_pull("up")
            self._device.pin.edges = "both"
            self._device.pin.when_changed = self._note
            self.is_high = bool(self._device.pin.state)
            """The level that lasted; it changes in changes() only."""
        # lgpio.error, gpiozero's own tree and OSError have no common parent below Exception.
        except Exception as error:  # noqa: BLE001
            self.close()
            raise DeviceGone(f"{self._what} cannot be used: {error}") from None

    def changes(self) -> tuple[Change, ...]:
        """Every change since the last call, oldest first. Never blocks. Raises DeviceGone."""
        self._notice_lost_edge()
        found = []
        for edge in self._settled():
            if edge.is_high is not self.is_high:
                self.is_high = edge.is_high
                found.append(Change(edge.is_high, edge.arrived_ms))
        return tuple(found)

    def close(self) -> None:
        """Let go of the pin, be it still there or not."""
        device, self._device = self._device, None
        if device is not None:
            with suppress(Exception):
                device.pin.when_changed = None
            with suppress(Exception):
                device.close()

    def _note(self, stamp_s: float, level: int) -> None:
        edge = _Edge(bool(level), stamp_s, monotonic_ms())
        with self._guard:
            self._edges.append(edge)

    def _notice_lost_edge(self) -> None:
        if self._device is None:
            raise DeviceGone(f"{self._what} is closed")
        try:
            is_high = bool(self._device.pin.state)
        except Exception as error:  # noqa: BLE001 - as above
            raise DeviceGone(f"{self._what} cannot be read: {error}") from None
        with self._guard:
            last_seen = self._edges[-1].is_high if self._edges else self.is_high
            if is_high is not last_seen:
                self._edges.append(_Edge(is_high, self._factory.ticks(), monotonic_ms()))

    def _settled(self) -> list[_Edge]:
        """The edges whose level lasted; the newest stays in the row until that is known."""
        with self._guard:
            row = self._edges
            lasted = [
                edge
                for edge, following in pairwise(row)
                if 1000 * self._factory.ticks_diff(following.stamp_s, edge.stamp_s)
                >= self._bounce_ms
            ]
            self._edges = row[-1:]
            if row and monotonic_ms() - row[-1].arrived_ms >= self._bounce_ms:
                lasted.append(row[-1])
                self._edges = []
            return lasted
