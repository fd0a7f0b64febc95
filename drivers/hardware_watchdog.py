"""The machine's hardware watchdog: a timer that resets the machine unless it is fed.

Linux's watchdog interface (Documentation/watchdog/watchdog-api.rst): opening the device starts the timer,
an ioctl feeds it, and closing it goes on counting unless the letter V was written just before. So a
program that crashes or is killed leaves a timer that runs, and the machine is reset unless the program is
started again in time; only who means it disarms.
"""

import fcntl
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from drivers import DeviceGone

# include/uapi/linux/watchdog.h
KEEP_ALIVE: Final = 0x80045705
SET_TIMEOUT: Final = 0xC0045706

_INT: Final = struct.Struct("i")
Ioctl = Callable[[int, int, bytes], bytes]


class HardwareWatchdog:
    """The watchdog at ``device``, running from now on. Raises DeviceGone naming watchdog.device.

    ``timeout_s`` is asked for; what the hardware made of it is in the attribute of that name. A Raspberry
    Pi's counts to 15 s at the most.
    """

    def __init__(self, device: Path, timeout_s: int, ioctl: Ioctl = fcntl.ioctl) -> None:
        self._device, self._ioctl = device, ioctl
        try:
            self._handle = os.open(device, os.O_WRONLY | os.O_CLOEXEC)
        except OSError as error:
            raise DeviceGone(
                f"watchdog.device: {device} cannot be opened: {error.strerror}; does systemd hold it"
                " (RuntimeWatchdogSec=), and may this user write it?"
            ) from None
        try:
            self.timeout_s = self._ask(SET_TIMEOUT, timeout_s)
        except DeviceGone:
            self.close(disarm=True)
            raise

    def feed(self) -> None:
        """Begin the count anew. Raises DeviceGone."""
        self._ask(KEEP_ALIVE, 0)

    def close(self, *, disarm: bool) -> None:
        """Let go of it; unless disarmed it goes on counting."""
        with suppress(OSError):
            if disarm:
                os.write(self._handle, b"V")
        with suppress(OSError):
            os.close(self._handle)

    def _ask(self, request: int, value: int) -> int:
        try:
            answer = self._ioctl(self._handle, request, _INT.pack(value))
        except OSError as error:
            raise DeviceGone(
                f"watchdog.device: {self._device} does not do as a watchdog does: {error.strerror}"
            ) from None
        return int(_INT.unpack(answer)[0])
