"""Cameras that OpenCV can read: a USB or built-in camera, a video file, image files.

CSI cameras on libcamera are not among them: OpenCV cannot open those.
"""

import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import cv2
import numpy as np

from drivers import DeviceGone, Picture
from drivers.capture import CapturedCamera

_PICTURE_ENDINGS = frozenset(
    {".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
_STILL_INTERVAL_S = 0.1
_UNSTATED_FRAMES_PER_SECOND = 25.0


class OpenCVCamera(CapturedCamera):
    """A camera by its number, or a video file played once at its own pace; BGR pictures.

    ``width`` and ``height`` are what a camera is asked for, in pixels; it gives what it can, and a
    video has its own.
    """

    def __init__(self, source: int | Path, width: int, height: int) -> None:
        self._source = source
        self._size = (width, height)
        device = isinstance(source, int)
        super().__init__(f"camera.device {source}" if device else f"camera.path {source}")

    def _pictures(self) -> Generator[Picture, None, None]:
        capture = self._open()
        try:
            if isinstance(self._source, int):
                yield from self._live(capture)
            else:
                yield from self._film(capture)
        except cv2.error as error:
            raise DeviceGone(f"{self._name} failed: {error.err}") from None
        finally:
            capture.release()

    def _open(self) -> cv2.VideoCapture:
        # The backend is named, because OpenCV would otherwise try one after another.
        if isinstance(self._source, Path):
            capture = cv2.VideoCapture()
            if not self._source.is_file() or not capture.open(str(self._source), cv2.CAP_FFMPEG):
                raise DeviceGone(f"{self._name} cannot be opened as a video; is the path right?")
            return capture
        if sys.platform == "linux" and not Path(f"/dev/video{self._source}").exists():
            raise DeviceGone(f"{self._name} is not there; plug it in, or give another number")
        backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
        capture = cv2.VideoCapture(self._source, backend)
        if not capture.isOpened():
            raise DeviceGone(
                f"{self._name} cannot be opened; does another program use it, may this one?"
            )
        # Uncompressed, a USB 2 camera gives some ten 720p frames a second.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture

    def _live(self, capture: cv2.VideoCapture) -> Generator[Picture, None, None]:
        while True:
            read, picture = capture.read()
            if not read:
                raise DeviceGone(f"{self._name} gives no picture; is it still plugged in?")
            yield _bytes_a_pixel(picture)

    def _film(self, capture: cv2.VideoCapture) -> Generator[Picture, None, None]:
        rate = capture.get(cv2.CAP_PROP_FPS)
        interval_s = 1 / (rate if 0 < rate <= 240 else _UNSTATED_FRAMES_PER_SECOND)
        due_s = time.monotonic()
        while (taken := capture.read())[0]:
            yield _bytes_a_pixel(taken[1])
            due_s += interval_s
            self._closing.wait(max(0.0, due_s - time.monotonic()))


class PictureCamera(CapturedCamera):
    """Image files, or a folder's images in the order of their names, each held up for a while.

    ``seconds_each``: how long; a picture is offered ten times a second meanwhile, as BGR.
    """

    def __init__(self, paths: Sequence[Path], seconds_each: float) -> None:
        self._paths = tuple(paths)
        self._seconds_each = seconds_each
        super().__init__("camera.paths: the row of pictures")

    def _pictures(self) -> Generator[Picture, None, None]:
        files = [file for path in self._paths for file in _files(path)]
        # Before the first is shown, so that mending a file never begins the row again midway.
        for file in files:
            if not cv2.haveImageReader(str(file)):
                raise DeviceGone(f"camera.paths: {file} is no picture that can be read")
        for file in files:
            picture = _load(file)
            until_s = time.monotonic() + self._seconds_each
            while True:
                yield picture
                left_s = until_s - time.monotonic()
                if self._closing.wait(max(0.0, min(_STILL_INTERVAL_S, left_s))) or left_s <= 0:
                    break


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in _PICTURE_ENDINGS)
    if not files:
        raise DeviceGone(f"camera.paths: no pictures in {path}")
    return files


def _load(file: Path) -> Picture:
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise DeviceGone(f"camera.paths: {file} is damaged")
    return _bytes_a_pixel(picture)


def _bytes_a_pixel(picture: object) -> Picture:
    return np.asarray(picture, dtype=np.uint8)
