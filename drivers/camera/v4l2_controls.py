"""Exposure, focus and lamp of a camera on Video4Linux.

Numbers from include/uapi/linux/v4l2-controls.h and videodev2.h. Set by ioctl and not through OpenCV, which does
not tell a setting that the camera lacks from one that it took.
"""

import struct
from collections.abc import Callable
from contextlib import suppress

from drivers import DeviceGone

EXPOSURE_AUTO = 0x009A0901
EXPOSURE_MANUAL, EXPOSURE_BY_ITSELF, EXPOSURE_APERTURE_PRIORITY = 1, 0, 3
EXPOSURE_ABSOLUTE = 0x009A0902
"""In 100 microseconds."""
FOCUS_ABSOLUTE = 0x009A090A
FOCUS_AUTO = 0x009A090C
FLASH_LED_MODE = 0x009C0901
FLASH_OFF, FLASH_TORCH = 0, 2
_S_CTRL = 3 << 30 | 8 << 16 | ord("V") << 8 | 28

SetControl = Callable[[int, int], None]
"""Control, value. Raises OSError where the camera has no such control, or not this value."""


def set_control(ioctl: Callable[[int, bytes], object], control: int, value: int) -> None:
    """VIDIOC_S_CTRL. Raises OSError."""
    ioctl(_S_CTRL, struct.pack("=Ii", control, value))


def choose(set_to: SetControl, exposure_ms: float, focus: int, *, torch: bool) -> None:
    """Set everything; a camera keeps what an earlier program set, so what is left to it is said too.

    ``exposure_ms`` 0 and ``focus`` -1: by itself. Raises DeviceGone naming the key that it cannot do.
    """
    if exposure_ms:
        _must(set_to, "exposure_ms", EXPOSURE_AUTO, EXPOSURE_MANUAL)
        _must(set_to, "exposure_ms", EXPOSURE_ABSOLUTE, max(1, round(exposure_ms * 10)))
    else:
        # Most cameras know one of the two; one without an iris to set calls it aperture priority.
        for mode in (EXPOSURE_BY_ITSELF, EXPOSURE_APERTURE_PRIORITY):
            with suppress(OSError):
                set_to(EXPOSURE_AUTO, mode)
    if focus >= 0:
        # A lens that is moved by a program only has no switch for moving by itself.
        with suppress(OSError):
            set_to(FOCUS_AUTO, 0)
        _must(set_to, "focus", FOCUS_ABSOLUTE, focus)
    else:
        with suppress(OSError):
            set_to(FOCUS_AUTO, 1)
    if torch:
        _must(set_to, "torch", FLASH_LED_MODE, FLASH_TORCH)
    else:
        with suppress(OSError):
            set_to(FLASH_LED_MODE, FLASH_OFF)


def _must(set_to: SetControl, key: str, control: int, value: int) -> None:
    try:
        set_to(control, value)
    except OSError as error:
        raise DeviceGone(
            f"camera.{key}: this camera cannot be set so ({error.strerror}); `v4l2-ctl -l` lists what it can"
        ) from None
