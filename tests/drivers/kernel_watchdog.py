"""What the kernel does to a watchdog device, without the device: a file takes what is written."""

import errno
import struct
from pathlib import Path

from drivers.hardware_watchdog import KEEP_ALIVE, SET_TIMEOUT


class KernelWatchdog:
    """Stands for ioctl() on the device at ``device``; ``broken`` is one whose driver went away."""

    def __init__(self, device: Path, longest_s: int = 15) -> None:
        device.touch()
        self._device = device
        self._longest_s = longest_s
        self.fed = 0
        self.broken = False

    def ioctl(self, _handle: int, request: int, argument: bytes) -> bytes:
        if self.broken:
            raise OSError(errno.ENODEV, "No such device")
        value = struct.unpack("i", argument)[0]
        match request:
            case 0xC0045706:
                value = min(value, self._longest_s)
            case 0x80045705:
                self.fed += 1
            case _:
                raise OSError(errno.ENOTTY, "Inappropriate ioctl for device")
        return struct.pack("i", value)

    @property
    def counts(self) -> bool:
        """Whether closing left it counting: the last thing written was not V."""
        return not self._device.read_bytes().endswith(b"V")


assert (SET_TIMEOUT, KEEP_ALIVE) == (0xC0045706, 0x80045705)
