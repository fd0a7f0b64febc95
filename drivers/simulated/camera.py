"""A camera in the simulated world: real frames of what the scene holds up, for the real reader."""

import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from drivers import DeviceGone, Picture
from drivers.camera.capture import CapturedCamera
from drivers.simulated.view import SimulatedView
from drivers.simulated.world import Scene, read_scene

_LENS_CAP: Final = 32
"""What it leaves of the light, as a divisor."""
_BLUR: Final = 41
"""Pixels."""


class SimulatedCamera(CapturedCamera):
    """Frames of ``width`` x ``height`` pixels, BGR, at the given rate while the scene has a camera."""

    def __init__(self, world: Path, width: int, height: int, frames_per_second: float) -> None:
        self._world = world
        self._view = SimulatedView(width, height)
        self._interval_s = 1 / frames_per_second
        super().__init__(f"camera.world {world}")

    def _pictures(self) -> Generator[Picture, None, None]:
        due_s = time.monotonic()
        frame = None
        while (scene := read_scene(self._world)).camera != "unplugged":
            if frame is None or scene.camera != "frozen":
                frame = self._view.frame(scene.codes, time.monotonic())
            if scene.camera != "hung":
                yield _spoiled(frame, scene)
            due_s = max(due_s + self._interval_s, time.monotonic())
            self._closing.wait(due_s - time.monotonic())
        raise DeviceGone(f"{self._name}: the scene has no camera; plug it in there")


def _spoiled(frame: Picture, scene: Scene) -> Picture:
    """What is left of a picture in this scene."""
    if scene.camera == "black":
        return frame // _LENS_CAP
    if scene.camera == "blurred":
        return np.asarray(cv2.blur(frame, (_BLUR, _BLUR)), dtype=np.uint8)
    return frame
