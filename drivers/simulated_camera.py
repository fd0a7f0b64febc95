"""A camera in the simulated world: real frames of what the scene holds up, for the real reader."""

import time
from collections.abc import Generator
from pathlib import Path

from drivers import DeviceGone, Picture
from drivers.capture import CapturedCamera
from drivers.simulated import read_scene
from drivers.simulated_view import SimulatedView


class SimulatedCamera(CapturedCamera):
    """Frames of ``width`` x ``height`` pixels, BGR, at the given rate while the scene has a camera."""

    def __init__(self, world: Path, width: int, height: int, frames_per_second: float) -> None:
        self._world = world
        self._view = SimulatedView(width, height)
        self._interval_s = 1 / frames_per_second
        super().__init__(f"camera.world {world}")

    def _pictures(self) -> Generator[Picture, None, None]:
        due_s = time.monotonic()
        while (scene := read_scene(self._world)).camera == "present":
            yield self._view.frame(scene.codes, time.monotonic())
            due_s = max(due_s + self._interval_s, time.monotonic())
            self._closing.wait(due_s - time.monotonic())
        raise DeviceGone(f"{self._name}: the scene has no camera; plug it in there")
