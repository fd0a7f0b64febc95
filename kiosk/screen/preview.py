"""The camera's picture for the page: whoever holds up a pass sees whether it is in the square."""

import threading
import time
from typing import Final

import cv2

from drivers import Camera, Frame, Picture

WIDTH: Final = 480
"""Pixels: enough to aim by, and 3 ms of encoding on a Pi."""
STALE_AFTER_S: Final = 2.0
_QUALITY: Final = 70


class CameraPreview:
    """The newest picture; encoded only when somebody asks. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._picture: Picture | None = None
        self._taken_s = 0.0

    def take(self, picture: Picture) -> None:
        """Here is a newer one."""
        with self._lock:
            self._picture, self._taken_s = picture, time.monotonic()

    def jpeg(self) -> bytes | None:
        """The newest picture as JPEG; None where the camera gives none any more."""
        with self._lock:
            picture, taken_s = self._picture, self._taken_s
        if picture is None or time.monotonic() - taken_s > STALE_AFTER_S:
            return None
        height, width = picture.shape[:2]
        small = cv2.resize(
            picture, (WIDTH, round(height * WIDTH / width)), interpolation=cv2.INTER_AREA
        )
        _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        return encoded.tobytes()


class WatchedCamera:
    """A camera whose frames the preview sees too."""

    def __init__(self, camera: Camera, preview: CameraPreview) -> None:
        self._camera, self._preview = camera, preview

    def newest(self) -> Frame | None:
        """See Camera."""
        frame = self._camera.newest()
        if frame is not None:
            self._preview.take(frame.picture)
        return frame

    def close(self) -> None:
        """See Camera."""
        self._camera.close()
