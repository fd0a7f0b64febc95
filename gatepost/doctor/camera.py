"""How many pictures the camera gives, how good they are, and how long the reader takes for one."""

import time
from collections.abc import Iterator
from statistics import fmean, median
from typing import Final

import cv2
import numpy as np

from config.settings import GateSettings
from drivers import Camera, DeviceError, Frame
from drivers.code_reader import QrReader
from gatepost.doctor.finding import Finding, fail, ok, warn
from kiosk.assemble import make_camera

FIRST_WITHIN_S: Final = 8.0
"""A camera on USB takes up to some seconds to open."""
FOR_S: Final = 2.0
DECODED: Final = 20
FEWEST_A_SECOND: Final = 5.0
DARK: Final = 25.0
"""Of 255, the mean of all pixels: below it the noise hides a code on paper."""
BLURRED: Final = 15.0
"""Variance of the Laplacian: a plain wall that is out of focus; a pass held up gives hundreds."""
SLOW_MS: Final = 150.0
"""A pass is then read less than some seven times a second."""


def check_camera(settings: GateSettings) -> Iterator[Finding]:
    """The camera, then the reader on what it saw."""
    camera = make_camera(settings)
    try:
        frames = _frames(camera)
    except DeviceError as error:
        yield fail("camera.gone", error)
        return
    finally:
        camera.close()
    decode, codes = _decode(frames)
    yield _camera(frames, codes)
    yield decode


def _frames(camera: Camera) -> list[Frame]:
    """What comes within 2 s of the first. Raises DeviceError."""
    frames: list[Frame] = []
    until_s = time.monotonic() + FIRST_WITHIN_S
    trouble: DeviceError | None = None
    while time.monotonic() < until_s:
        try:
            frame = camera.newest()
        except DeviceError as error:
            trouble, frame = error, None
        if frame is not None:
            if not frames:
                until_s = time.monotonic() + FOR_S
            frames.append(frame)
        time.sleep(0.002)
    if not frames:
        raise trouble or DeviceError(f"no picture within {FIRST_WITHIN_S:g} s")
    return frames


def _camera(frames: list[Frame], codes: int) -> Finding:
    greys = [_grey(frame) for frame in frames[:DECODED]]
    sharpness = median(float(cv2.Laplacian(grey, cv2.CV_64F).var()) for grey in greys)
    brightness = fmean(float(grey.mean()) for grey in greys)
    height, width = greys[0].shape
    figures = {
        "width": width,
        "height": height,
        "frames_per_second": round(_rate(frames), 1),
        "sharpness": round(sharpness),
        "brightness": round(brightness),
    }
    if figures["frames_per_second"] < FEWEST_A_SECOND:
        return warn("camera.slow", **figures)
    if brightness < DARK:
        return warn("camera.dark", **figures)
    if sharpness < BLURRED and not codes:
        return warn("camera.blurred", **figures)
    return ok("camera.ok", **figures)


def _rate(frames: list[Frame]) -> float:
    """Frames a second; 0 of a single one."""
    span_s = (frames[-1].taken_ms - frames[0].taken_ms) / 1000
    return (len(frames) - 1) / span_s if span_s > 0 else 0.0


def _decode(frames: list[Frame]) -> tuple[Finding, int]:
    """The time a picture takes, and how many different codes there were."""
    reader = QrReader()
    times_ms: list[float] = []
    texts: set[str] = set()
    for frame in frames[:DECODED]:
        began_s = time.perf_counter()
        texts.update(reader.read(frame.picture))
        times_ms.append((time.perf_counter() - began_s) * 1000)
    reader.close()
    figures = {"median_ms": round(median(times_ms), 1), "longest_ms": round(max(times_ms), 1)}
    slow = figures["median_ms"] > SLOW_MS
    finding = (warn if slow else ok)(
        "decode.slow" if slow else "decode.ok", codes=len(texts), **figures
    )
    return finding, len(texts)


def _grey(frame: Frame) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    picture = frame.picture
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) if picture.ndim == 3 else picture
    return np.asarray(grey, dtype=np.uint8)
