"""What the kernel does to a watchdog device, without the device: a file takes what is written."""

import errno
import struct
from pathlib import Path

from drivers.hardware_watchdog import CARD_RESET, GET_BOOT_STATUS, KEEP_ALIVE, SET_TIMEOUT


class KernelWatchdog:
    """Stands for ioctl() on the device at ``device``; ``broken`` is one whose driver went away."""

    def __init__(self, device: Path, longest_s: int = 15, *, has_reset: bool = False) -> None:
        device.touch()
        self._device = device
        self._longest_s, self._has_reset = longest_s, has_reset
        self.fed = 0
        self.broken = False

    def ioctl(self, _handle: int, request: int, argument: bytes) -> bytes:
        if self.broken:
            raise OSError(errno.ENODEV, "No such device")
        value = struct.unpack("i", argument)[0]
        match request:
            case 0xC0045706:
                value = min(value, self._longest_s)
            case 0x80045702:
                value = CARD_RESET if self._has_reset else 0
            case 0x80045705:
                self.fed += 1
            case _:
                raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")
        return struct.pack("i", value)

    @property
    def counts(self) -> bool:
        """Whether closing left it counting: the last thing written was not V."""
        return not self._device.read_bytes().endswith(b"V")


assert (SET_TIMEOUT, GET_BOOT_STATUS, KEEP_ALIVE) == (0xC0045706, 0x80045702, 0x80045705)
