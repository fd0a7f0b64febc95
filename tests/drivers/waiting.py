"""Waiting for what another thread or process will do."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from drivers import Camera, DeviceError, Frame
from tests.patience import PATIENCE_S

Found = TypeVar("Found")


def eventually(look: Callable[[], Found | None], within_s: float = PATIENCE_S) -> Found:
    """What ``look`` finds once it finds something true."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        if found := look():
            return found
        time.sleep(0.005)
    raise AssertionError(f"not within {within_s} s")


def is_alive(pid: int) -> bool:
    """Whether this process has not ended, be it reaped or not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    # It may be reaped between the opening and the reading.
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def trouble_of(camera: Camera) -> DeviceError | None:
    """What newest() raises, if it raises; a frame it has is thrown away."""
    try:
        camera.newest()
    except DeviceError as trouble:
        return trouble
    return None


def frame_of(camera: Camera) -> Frame | None:
    """A frame, if there is one; trouble counts as none."""
    try:
        return camera.newest()
    except DeviceError:
        return None
