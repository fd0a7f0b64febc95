"""Every contract with the hardware on one screen; one folder a kind of device, a file a device, twins in simulated/.

camera/       capture.py the thread that all cameras share
              live.py UsbCamera, CsiCamera, each captured in a process of its own (process.py, usb_capture.py,
              v4l2_controls.py)
              recorded.py VideoCamera (a file), PictureCamera (image files, folder)
              picture_watch.py PictureWatch: whether a live camera's pictures are black, frozen or blurred
codes/        reader.py QrReader: zxing-cpp, then zbar in a process of its own (zxing.py, rescue.py, deblur.py,
              seen_code.py, zbar_child.py, zbar_process.py)
              camera_codes.py CameraCodes: a camera and a reader as one source of codes
              serial_scanner.py SerialScanner: a scanner on a serial port, another source of codes
thermometer/  mlx90614.py Mlx90614 over smbus2 with PEC; mlx90632.py Mlx90632, which has none
door/         relay_lock.py RelayLock, lamps_buzzer.py LampsAndBuzzer, over gpiozero
              door_contact.py DoorContact, exit_button.py PushButton (switch_input.py)
              pins.py the Raspberry Pi's pins for all of these (raspberry_pi_pins.py)
simulated/    world.py a world of their own for all of them (camera.py, view.py, mlx90632.py, door.py, pins.py)
hardware_watchdog.py, ending.py: the machine's watchdog; how a child or a thread is ended

DeviceError
├── DeviceGone    it does not answer; it may come back
│   └── DeviceSilent  nothing was heard of it for a while; it may be about to speak
└── DeviceFaulty  it answers, and what it says cannot be
"""

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from checkpoint.thermometry import Sample

if TYPE_CHECKING:  # a lock's driver draws nothing
    import numpy as np
    from numpy.typing import NDArray


class DeviceError(Exception):
    """A device failed; the message is for the person who must mend it."""


class DeviceGone(DeviceError):
    """It does not answer; it may come back."""


class DeviceSilent(DeviceGone):
    """Nothing was heard of it for a while; it may be about to speak."""


class DeviceFaulty(DeviceError):
    """It answers, and what it says cannot be."""


Picture: TypeAlias = "NDArray[np.uint8]"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorIdentity:
    """What a thermometer says of itself."""

    model: str
    """The maker's name of its kind, such as MLX90614."""
    chip: str
    """The number that its maker gave this very chip, in hex."""
    address: int
    """On its bus."""
    emissivity: float
    """What it takes for granted of the surface that it looks at: 1.0 as delivered; skin has 0.98."""
    has_pec: bool
    """Whether each answer carries a packet error code; where none does, the driver reads everything twice."""


class Thermometer(Protocol):
    """Measures what stands before it, in hundredths of a degree Celsius; registers and formula are its driver's own."""

    def identity(self) -> SensorIdentity:
        """Ask which one it is. Raises DeviceError."""

    def sample(self) -> Sample:
        """One measurement, waited for as long as the sensor takes, 2 s at most. Raises DeviceError."""

    def close(self) -> None: ...


class Lock(Protocol):
    """Energise to unlock."""

    def release_for(self, milliseconds: int) -> None:
        """Unlock now and lock again by the driver's own timer, whatever becomes of the caller."""

    def secure(self) -> None:
        """Lock now; the safe state, and that of a new object."""

    def timer_turned_ms(self) -> int:
        """When the timer last came round, in monotonic ms; it does at least once a second while it lives."""

    def close(self) -> None:
        """Lock and let go of the pin."""


@dataclass(frozen=True, slots=True)
class DoorMove:
    """The door opened or shut, at a monotonic time in ms."""

    is_open: bool
    at_ms: int


class Door(Protocol):
    """Tells whether somebody went through."""

    def is_open(self) -> bool:
        """As the last of moves() left it; before the first, as it stood when this object was made."""

    def moves(self) -> tuple[DoorMove, ...]:
        """Every move since the last call, oldest first, however short. Never blocks. Raises DeviceError."""

    def close(self) -> None: ...


class ExitButton(Protocol):
    """The button inside by which people leave."""

    def was_pressed(self) -> bool:
        """Whether it was pressed since the last call. Never blocks. Raises DeviceError."""

    def close(self) -> None: ...


class Signal(enum.Enum):
    """What lamps and a buzzer can say."""

    QUIET = "quiet"
    TAKEN = "taken"
    """A code was read; wait."""
    PASS = "pass"
    STOP = "stop"
    """Held or refused."""
    ALARM = "alarm"


class Annunciator(Protocol):
    """Lamps and a buzzer; the page speaks for itself while there is one."""

    def announce(self, signal: Signal, *, aloud: bool) -> None:
        """Say this from now on, in place of what went before. Never waits. Raises DeviceError.

        ``aloud``: the buzzer joins in. For an alarm, and for everything while no page is shown.
        """

    def close(self) -> None:
        """Fall silent, go dark and let go of the pins."""
