"""How many pictures the camera gives, how good they are, and how long the reader takes for one."""

import time
from collections.abc import Iterator
from statistics import fmean, median
from typing import Final

import numpy as np

from config.settings import GateSettings, ScannerCameraTable
from drivers import Camera, DeviceError, DeviceSilent, Frame
from drivers.camera.picture_watch import BLURRED, quality_of
from drivers.codes.reader import QrReader
from drivers.codes.serial_scanner import SerialScanner
from gatepost.doctor.finding import CheckResult, fail, ok, warn
from kiosk.devices.cameras import make_camera

FIRST_WITHIN_S: Final = 30.0
"""A camera takes up to some seconds to open, and a busy Raspberry Pi more to load what opens it."""
GIVEN_UP_AFTER_S: Final = 5.0
"""Once it was said what is wrong: a camera that was just let go of may be taken soon."""
FOR_S: Final = 2.0
DECODED: Final = 20
FEWEST_A_SECOND: Final = 5.0
DARK: Final = 25.0
"""Of 255, the mean of all pixels: below it the noise hides a code on paper."""
SLOW_MS: Final = 150.0
"""A pass is then read less than some seven times a second."""


def check_camera(settings: GateSettings) -> Iterator[CheckResult]:
    """The camera, then the reader on what it saw; or the scanner in their place."""
    if isinstance(settings.camera, ScannerCameraTable):
        yield _scanner(settings.camera)
        return
    camera = make_camera(settings.camera)
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


def _scanner(table: ScannerCameraTable) -> CheckResult:
    scanner = SerialScanner(table.port, table.baud)
    try:
        until_s = time.monotonic() + FOR_S
        while time.monotonic() < until_s:
            scanner.look()
            time.sleep(0.01)
    except DeviceError as error:
        return fail("scanner.gone", error)
    finally:
        scanner.close()
    return ok("scanner.ok", port=table.port)


def _frames(camera: Camera) -> list[Frame]:
    """What comes within 2 s of the first; once one came, what went before does not matter. Raises DeviceError."""
    frames: list[Frame] = []
    until_s = time.monotonic() + FIRST_WITHIN_S
    trouble: DeviceError | None = None
    while time.monotonic() < until_s:
        try:
            frame = camera.newest()
        except DeviceSilent as error:
            trouble, frame = trouble or error, None
        except DeviceError as error:
            if trouble is None or isinstance(trouble, DeviceSilent):
                until_s = min(until_s, time.monotonic() + GIVEN_UP_AFTER_S)
            trouble, frame = error, None
        if frame is not None:
            if not frames:
                until_s = time.monotonic() + FOR_S
            frames.append(frame)
        time.sleep(0.002)
    if not frames:
        raise trouble or DeviceError(f"no picture within {FIRST_WITHIN_S:g} s")
    return frames


def _camera(frames: list[Frame], codes: int) -> CheckResult:
    pictures = [frame.picture for frame in frames[:DECODED]]
    qualities = [quality_of(picture) for picture in pictures]
    sharpness = [quality.sharpness for quality in qualities if quality.sharpness is not None]
    height, width = pictures[0].shape[:2]
    figures = {
        "width": width,
        "height": height,
        "frames_per_second": round(_rate(frames), 1),
        "sharpness": round(100 * median(sharpness)) if sharpness else None,
        "brightness": round(fmean(quality.brightness for quality in qualities)),
    }
    if len(pictures) > 1 and all(np.array_equal(pictures[0], other) for other in pictures):
        return fail("camera.frozen", **figures)
    if _rate(frames) < FEWEST_A_SECOND:
        return warn("camera.slow", **figures)
    if fmean(quality.brightness for quality in qualities) < DARK:
        return warn("camera.dark", **figures)
    if not sharpness:
        return ok("camera.plain", **figures)
    if median(sharpness) < BLURRED and not codes:
        return warn("camera.blurred", least=round(100 * BLURRED), **figures)
    return ok("camera.ok", **figures)


def _rate(frames: list[Frame]) -> float:
    """Frames a second; 0 of a single one."""
    span_s = (frames[-1].taken_ms - frames[0].taken_ms) / 1000
    return (len(frames) - 1) / span_s if span_s > 0 else 0.0


def _decode(frames: list[Frame]) -> tuple[CheckResult, int]:
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
