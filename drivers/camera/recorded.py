"""Recorded cameras: a video file, image files. Live ones are in live.py."""

import time
from collections.abc import Generator, Sequence
from pathlib import Path

import cv2
import numpy as np

from drivers import DeviceGone, Picture
from drivers.camera.capture import CapturedCamera

_PICTURE_ENDINGS = frozenset(
    {".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
_STILL_INTERVAL_S = 0.1
_UNSTATED_FRAMES_PER_SECOND = 25.0


class VideoCamera(CapturedCamera):
    """A video file played once at its own pace; BGR pictures of its own size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(f"camera.path {path}")

    def _pictures(self) -> Generator[Picture, None, None]:
        capture = cv2.VideoCapture()
        try:
            # The backend is named, because OpenCV would otherwise try one after another.
            if not self._path.is_file() or not capture.open(str(self._path), cv2.CAP_FFMPEG):
                raise DeviceGone(f"{self._name} cannot be opened as a video; is the path right?")
            yield from self._film(capture)
        except cv2.error as error:
            raise DeviceGone(f"{self._name} failed: {error.err}") from None
        finally:
            capture.release()

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
