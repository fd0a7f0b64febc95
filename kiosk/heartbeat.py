"""Signs of life, given only while everything that must turn does turn.

Each vital loop comes round and says so. While all of them have done so within their deadlines, the
watchdogs are fed: systemd's by a datagram (sd_notify(3)), the hardware's where the config names one.
When one is late, nobody is fed: systemd aborts the program and starts it again, which drops the lock; and
where even that does not help, the hardware resets the machine. Who was late is told once, so that it can
be written down for the next start.

Nothing here has a thread of its own: a feeder that runs by itself would go on feeding for a loop that
hangs.
"""

import enum
import os
import socket
import time
from collections.abc import Callable
from typing import Final

from config.log_lines import logger
from drivers import DeviceError
from drivers.hardware_watchdog import HardwareWatchdog

_LOG = logger()
_US: Final = 1_000_000
FIND_EVERY_S: Final = 10.0


class Vital(enum.Enum):
    """A loop without which a gate is none."""

    CAMERA = "camera"
    """A look at the newest frame came back, be there a camera or not."""
    JOURNAL = "journal"
    """What waited was written, or could not be."""
    LOCK = "lock"
    """The lock's own timer has come round, or there is no lock."""


DEADLINES_S: Final = {Vital.CAMERA: 6.0, Vital.JOURNAL: 8.0, Vital.LOCK: 6.0}
"""A card that is busy with itself may keep a write waiting for seconds."""


class Heartbeat:
    """READY once, then WATCHDOG at a third of the time that is allowed. Silent without watchdogs.

    ``find_hardware`` opens the hardware watchdog and raises DeviceError while it is not there. ``tell``
    gets the names of those that are late, whenever they change.
    """

    def __init__(
        self,
        environment: dict[str, str] | None = None,
        find_hardware: Callable[[], HardwareWatchdog] | None = None,
        tell: Callable[[tuple[str, ...]], None] = lambda _: None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        environment = dict(os.environ) if environment is None else environment
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._systemd_every_s = int(environment.get("WATCHDOG_USEC", "0")) / _US / 3
        self._find_hardware, self._tell = find_hardware, tell
        self._monotonic_s = monotonic_s
        self._hardware: HardwareWatchdog | None = None
        self._find_due_s = self._due_s = 0.0
        self._late: tuple[str, ...] = ()
        self._came_round_s = dict.fromkeys(Vital, monotonic_s())

    def ready(self) -> None:
        """The gate serves, and its loops are counted from now on."""
        self._came_round_s = dict.fromkeys(Vital, self._monotonic_s())
        self._say("READY=1")

    def came_round(self, vital: Vital) -> None:
        """This loop has come round once more."""
        self._came_round_s[vital] = self._monotonic_s()

    def beat(self) -> None:
        """Feed the watchdogs if it is time and nobody is late; cheap enough for every turn."""
        now_s = self._monotonic_s()
        late = tuple(
            vital.value
            for vital, at_s in self._came_round_s.items()
            if now_s - at_s > DEADLINES_S[vital]
        )
        if late != self._late:
            self._late = late
            _LOG.error("does not come round", loops=late) if late else _LOG.info("comes round")
            self._tell(late)
        if not late and now_s >= self._due_s:
            self._due_s = now_s + self._feed(now_s)

    def stopping(self, *, in_order: bool) -> None:
        """The gate ends. In order: the hardware stops counting; otherwise it shall reset what is left."""
        self._say("STOPPING=1")
        if self._hardware is not None:
            self._hardware.close(disarm=in_order)
            self._hardware = None

    def _feed(self, now_s: float) -> float:
        """How long to wait with the next feeding, in seconds."""
        if self._systemd_every_s:
            self._say("WATCHDOG=1")
        waits_s = [self._systemd_every_s or 1.0]
        if self._find_hardware is not None:
            waits_s.append(self._feed_hardware(self._find_hardware, now_s))
        return min(waits_s)

    def _feed_hardware(self, find: Callable[[], HardwareWatchdog], now_s: float) -> float:
        try:
            if self._hardware is None and now_s >= self._find_due_s:
                self._find_due_s = now_s + FIND_EVERY_S
                self._hardware = find()
            if self._hardware is None:
                return FIND_EVERY_S
            self._hardware.feed()
        except DeviceError as error:
            self._hardware = None
            _LOG.error("no hardware watchdog", why=str(error))
            return FIND_EVERY_S
        return self._hardware.timeout_s / 3

    def _say(self, what: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as datagram:
            try:
                datagram.sendto(what.encode(), self._address)
            except OSError:
                return  # systemd restarts a gate that it does not hear; nothing better can be done here
