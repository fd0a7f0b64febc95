"""The child that captures from a live camera, because a read of one may never return.

Started as a script: ``PYTHON process.py usb|csi SETTINGS``, the settings as a JSON object. Pictures go
out on stdout, each as a header (channels, height, width) and its bytes, BGR or grey. A header without
channels ends it: that many bytes (its width) of UTF-8 follow and say what is wrong. What libraries print
goes to stderr. The child dies with its parent.

A CSI camera runs under the system's Python, because picamera2 comes from Debian and with a numpy of its own.
Nothing of Gatepost can be imported there, so its part stands here: the Picamera2 manual, "Configuring the camera"
(4.2), "Camera controls" (5.1, appendix C) and "capture_array" (6.1).
"""

import ctypes
import json
import os
import signal
import struct
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

HEADER = struct.Struct(">BII")
TROUBLE = 0
_BUFFERS = 4
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(kind: str, settings: str) -> None:
    """Capture until the parent ends or the camera fails."""
    _die_with_parent()
    with os.fdopen(os.dup(1), "wb", buffering=0) as out:
        # Whatever a library prints must not get among the pictures.
        os.dup2(2, 1)
        try:
            pictures = _usb if kind == "usb" else _csi
            for picture in pictures(**json.loads(settings)):
                _send(out, picture)
        except BrokenPipeError:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it was, the parent tells it
            text = str(error).encode()
            _write(out, HEADER.pack(TROUBLE, 0, len(text)) + text)


def _usb(**settings: Any) -> Iterator[Any]:
    from drivers.camera.usb_capture import UsbSettings, usb_pictures  # noqa: PLC0415 - not for CSI

    return usb_pictures(UsbSettings(**settings))


def _csi(
    device: int, width: int, height: int, exposure_ms: float, focus_cm: float
) -> Iterator[Any]:
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:ERROR")
    try:
        from libcamera import controls  # noqa: PLC0415
        from picamera2 import Picamera2  # noqa: PLC0415
    except ImportError as error:
        raise RuntimeError(
            f"camera.python: {error.name} cannot be imported; apt-get install python3-picamera2"
        ) from None
    if device >= len(Picamera2.global_camera_info()):
        raise RuntimeError(f"camera.device {device} is not there; look at its ribbon cable")
    camera = Picamera2(device)
    try:
        wanted: dict[str, Any] = {"AeEnable": not exposure_ms}
        if exposure_ms:
            wanted["ExposureTime"] = round(exposure_ms * 1000)  # microseconds
        if "LensPosition" in camera.camera_controls:
            mode = controls.AfModeEnum
            wanted["AfMode"] = mode.Manual if focus_cm else mode.Continuous
            if focus_cm:
                wanted["LensPosition"] = 100 / focus_cm  # dioptres
        elif focus_cm:
            raise RuntimeError("camera.focus_cm: the lens of this camera does not move; leave it 0")
        # RGB888 is blue, green, red in memory (manual, table 1). Without the queue a picture is newer than
        # the asking for it.
        configuration = camera.create_video_configuration(
            main={"size": (width, height), "format": "RGB888"},
            buffer_count=_BUFFERS,
            queue=False,
            controls=wanted,
        )
        camera.configure(configuration)
        camera.start()
        while True:
            yield camera.capture_array("main")
    finally:
        camera.close()


def _send(out: BinaryIO, picture: Any) -> None:
    height, width, *channels = picture.shape
    _write(out, HEADER.pack(*(channels or [1]), height, width))
    _write(out, picture.tobytes())


def _write(out: BinaryIO, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[out.write(left) :]


def _die_with_parent() -> None:
    # Ctrl-C and a stopping systemd reach the whole family; the parent says when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
