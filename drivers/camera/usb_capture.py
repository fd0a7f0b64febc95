"""What a USB or built-in camera sees, by OpenCV; runs in the child of live.py.

CSI cameras on libcamera are not among them: OpenCV cannot open those.
"""

import fcntl
import os
import re
import sys
from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from drivers import DeviceGone, Picture
from drivers.camera.v4l2_controls import choose, set_control


@dataclass(frozen=True, slots=True)
class UsbSettings:
    """What a camera is asked for."""

    device: int | str
    """The number of /dev/videoN, or a path such as /dev/v4l/by-id/..."""
    width: int
    height: int
    """Pixels; it gives what it can."""
    exposure_ms: float = 0.0
    """0: as it finds right."""
    focus: int = -1
    """In its own steps; -1: it focuses by itself."""
    torch: bool = False
    """Its own lamp."""


def usb_pictures(settings: UsbSettings) -> Generator[Picture, None, None]:
    """BGR pictures at the camera's own pace. Raises DeviceGone."""
    device = settings.device
    capture = _open(device)
    try:
        # Uncompressed, a USB 2 camera gives some ten 720p frames a second.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if sys.platform == "linux":
            _adjust(settings)
        while True:
            read, picture = capture.read()
            if not read:
                raise DeviceGone(
                    f"camera.device {device} gives no picture; is it still plugged in?"
                )
            yield np.asarray(picture, dtype=np.uint8)
    except cv2.error as error:
        raise DeviceGone(f"camera.device {device} failed: {error.err}") from None
    finally:
        capture.release()


def _open(device: int | str) -> cv2.VideoCapture:
    # The backend is named, because OpenCV would otherwise try one after another.
    if sys.platform == "linux":
        node = _node(device)
        if not node.exists():
            raise DeviceGone(f"camera.device {device} is not there; plug it in, or give another")
        if (number := re.fullmatch(r"/dev/video(\d+)", str(node))) is None:
            raise DeviceGone(f"camera.device {device} is no camera but {node}")
        capture = cv2.VideoCapture(int(number[1]), cv2.CAP_V4L2)
    else:
        capture = cv2.VideoCapture(device, cv2.CAP_ANY)
    if not capture.isOpened():
        raise DeviceGone(
            f"camera.device {device} cannot be opened; does another program use it, may this one?"
        )
    return capture


def _node(device: int | str) -> Path:
    """The node itself; udev's names under /dev/v4l are links to it."""
    return Path(f"/dev/video{device}" if isinstance(device, int) else device).resolve()


def _adjust(settings: UsbSettings) -> None:
    opened = os.open(_node(settings.device), os.O_RDWR)
    try:
        set_to = partial(set_control, partial(fcntl.ioctl, opened))
        choose(set_to, settings.exposure_ms, settings.focus, torch=settings.torch)
    finally:
        os.close(opened)
