"""Live cameras, each captured in a process of its own (process.py): USB or built-in, and CSI.

A camera's read may never return, and a thread in which it hangs cannot be ended. So a child reads, and its
end is the end of the read: a child that gives no picture for SILENCE_S is killed, and started anew by the
camera's thread RETRY_S later, like one whose camera was unplugged.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from drivers import DeviceGone, Picture
from drivers.camera.capture import CapturedCamera
from drivers.camera.process import HEADER, TROUBLE
from drivers.camera.usb_capture import UsbSettings
from drivers.ending import buried

START_S = 30.0
"""To the first picture: a busy Raspberry Pi takes its time to load OpenCV, a camera to wake up. That nothing has
come yet is said by newest() long before."""
LONGEST_START_S = 120.0
"""Silence doubles the patience with the next start up to this: a busy machine would never get there."""
SILENCE_S = 3.0
_SLICE_MS = 200
_CHANNELS = (TROUBLE, 1, 3)
_MOST_PIXELS = 64_000_000
_SCRIPT = Path(__file__).with_name("process.py")


class LiveCamera(CapturedCamera):
    """The pictures that ``command`` writes; see process.py for their form."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._start_s = START_S
        super().__init__(name)

    @property
    def pid(self) -> int | None:
        """The child's process id while there is one."""
        process = self._process
        return None if process is None else process.pid

    def _pictures(self) -> Generator[Picture, None, None]:
        try:
            process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
            )
        except OSError as error:
            raise DeviceGone(f"camera.python: {self._command[0]}: {error.strerror}") from None
        self._process = process
        patience_s = self._start_s
        try:
            while not self._closing.is_set():
                until_s = time.monotonic() + patience_s
                channels, height, width = HEADER.unpack(self._take(process, HEADER.size, until_s))
                if channels not in _CHANNELS or height * width > _MOST_PIXELS:
                    raise DeviceGone(f"{self._name}: its reader writes no pictures")
                if channels == TROUBLE:
                    text = self._take(process, width, until_s).tobytes()
                    raise DeviceGone(text.decode(errors="replace"))
                levels = np.frombuffer(
                    self._take(process, height * width * channels, until_s), np.uint8
                )
                yield levels.reshape((height, width, channels) if channels > 1 else (height, width))
                patience_s, self._start_s = SILENCE_S, START_S
        finally:
            self._process = None
            buried(process)

    def _take(self, process: subprocess.Popen[bytes], size: int, until_s: float) -> memoryview:
        """The next ``size`` bytes. Raises DeviceGone."""
        assert process.stdout is not None  # noqa: S101
        pipe = process.stdout.fileno()
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        taken = memoryview(bytearray(size))
        left = taken
        while left:
            if poll.poll(_SLICE_MS):
                if not (count := os.readv(pipe, [left])):
                    raise DeviceGone(f"{self._name}: its reader has ended; it is begun anew")
                left = left[count:]
            elif self._closing.is_set():
                raise DeviceGone(f"{self._name} was closed")
            elif time.monotonic() > until_s:
                self._start_s = min(2 * self._start_s, LONGEST_START_S)
                raise DeviceGone(
                    f"{self._name} gives no picture any more; its reader was ended and is begun anew."
                    " Unplug the camera and plug it in again if that does not help"
                )
        return taken


@dataclass(frozen=True, slots=True)
class CsiSettings:
    """What a Raspberry Pi's own camera is asked for."""

    device: int
    """Its place in libcamera's list."""
    width: int
    height: int
    exposure_ms: float = 0.0
    """0: as it finds right."""
    focus_cm: float = 0.0
    """Where things are sharp; 0: it focuses by itself, where its lens moves."""


class UsbCamera(LiveCamera):
    """A USB or built-in camera."""

    def __init__(self, settings: UsbSettings) -> None:
        super().__init__(
            f"camera.device {settings.device}", _command(sys.executable, "usb", settings)
        )


class CsiCamera(LiveCamera):
    """A Raspberry Pi's camera, through picamera2 under the Python ``python``."""

    def __init__(self, settings: CsiSettings, python: Path) -> None:
        super().__init__(f"camera.device {settings.device}", _command(str(python), "csi", settings))


def _command(python: str, kind: str, settings: UsbSettings | CsiSettings) -> list[str]:
    # -P keeps this folder, whose files have common names, out of the module search.
    return [python, "-P", str(_SCRIPT), kind, json.dumps(asdict(settings))]
