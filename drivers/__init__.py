"""Every contract with the hardware on one screen; one file per device, simulated twins in simulated.py.

capture.py       the thread that all cameras share
camera.py        OpenCVCamera (device number, video file), PictureCamera (image files, folder)
code_reader.py   QrReader: zxing-cpp, then zbar in a process of its own (zbar_child.py, zbar_process.py)
camera_codes.py  CameraCodes: a camera and a reader as one source of codes
mlx90614.py      Mlx90614 over smbus2 with PEC
relay_lock.py    RelayLock over gpiozero (raspberry_pi_pins.py)
simulated.py     a world of their own for all four (simulated_camera.py, simulated_view.py)

DeviceError
├── DeviceGone    it does not answer; it may come back
└── DeviceFaulty  it answers, and what it says cannot be
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from checkpoint.thermometry import Sample


class DeviceError(Exception):
    """A device failed; the message is for the person who must mend it."""


class DeviceGone(DeviceError):
    """It does not answer; it may come back."""


class DeviceFaulty(DeviceError):
    """It answers, and what it says cannot be."""


Picture = NDArray[np.uint8]
"""Height x width (grey) or height x width x 3 (BGR)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and the monotonic time in ms at which the driver had it."""

    picture: Picture
    taken_ms: int


class Camera(Protocol):
    """Yields the newest frame; older ones are dropped, never queued."""

    def newest(self) -> Frame | None:
        """The newest frame not yet handed out, or None. Never blocks. Raises DeviceError."""

    def close(self) -> None: ...


class CodeReader(Protocol):
    """Finds QR codes in a picture."""

    def read(self, picture: Picture) -> tuple[str, ...]:
        """The distinct texts in view, top to bottom, left to right; () for none. Never raises."""

    def close(self) -> None: ...


class CodeSource(Protocol):
    """What shows the gate its codes: a camera with a reader, or a scanner that reads by itself."""

    def look(self) -> tuple[str, ...] | None:
        """The distinct texts in view now, () for none; None where there was no new look to take.

        Takes no longer than reading one frame. Raises DeviceError.
        """

    def close(self) -> None: ...


class Thermometer(Protocol):
    """Measures what stands before it."""

    def sample(self) -> Sample:
        """Read both registers once, in some milliseconds. Raises DeviceError."""

    def close(self) -> None: ...


class Lock(Protocol):
    """Energise to unlock."""

    def release_for(self, milliseconds: int) -> None:
        """Unlock now and lock again by the driver's own timer, whatever becomes of the caller."""

    def secure(self) -> None:
        """Lock now; the safe state, and that of a new object."""

    def close(self) -> None:
        """Lock and let go of the pin."""
