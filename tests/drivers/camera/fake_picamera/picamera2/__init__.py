"""Picamera2 as its manual describes it (and version 0.3.38 has it), that misbehaves as FAKE_CAMERA says.

What it was told goes to the file FAKE_CAMERA_LOG. Like the real one it takes no keyword and no control that it does
not know, wants even sizes, and gives nothing before it was configured and started.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

_BEHAVES = os.environ.get("FAKE_CAMERA", "well")


class Picamera2:
    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        found = {"Model": "imx708", "Location": 2, "Rotation": 180, "Id": "/base/soc", "Num": 0}
        return [] if _BEHAVES == "absent" else [found]

    def __init__(
        self,
        camera_num: int = 0,
        verbose_console: int | None = None,
        tuning: dict[str, Any] | None = None,
        allocator: object = None,
    ) -> None:
        del verbose_console, tuning, allocator
        if _BEHAVES == "busy":
            raise RuntimeError("Camera __init__ sequence did not complete.")
        self._told: dict[str, Any] = {"camera_num": camera_num}
        self._size: tuple[int, int] | None = None
        self._started = False
        self._frames = 0

    @property
    def camera_controls(self) -> dict[str, tuple[Any, Any, Any]]:
        known = {"AeEnable": (False, True, None), "ExposureTime": (13, 77193582, None)}
        moves = {"AfMode": (0, 2, 0), "LensPosition": (0.0, 32.0, 1.0)}
        return known if _BEHAVES == "fixed lens" else known | moves

    def create_video_configuration(
        self,
        main: dict[str, Any] = {},  # noqa: B006 - as the real one
        lores: dict[str, Any] | None = None,
        raw: dict[str, Any] | None = {},  # noqa: B006
        transform: object = None,
        colour_space: object = None,
        buffer_count: int = 6,
        controls: dict[str, Any] = {},  # noqa: B006
        sensor: dict[str, Any] = {},  # noqa: B006
        display: str | None = "main",
        encode: str | None = "main",
        queue: bool = True,
        use_case: str = "video",
    ) -> dict[str, Any]:
        del lores, raw, transform, colour_space, sensor, display, encode, use_case
        return {
            "main": main,
            "buffer_count": buffer_count,
            "queue": queue,
            "controls": {"NoiseReductionMode": 1} | controls,
        }

    def configure(self, camera_config: dict[str, Any] | str | None = None) -> None:
        assert isinstance(camera_config, dict)
        width, height = camera_config["main"]["size"]
        if width % 2 or height % 2:
            raise RuntimeError("width and height should be even")
        for name in camera_config["controls"]:
            if name not in {*self.camera_controls, "NoiseReductionMode"}:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
        self._size = (width, height)
        self._told |= camera_config

    def start(self, config: object = None, show_preview: bool = False) -> None:
        del config, show_preview
        if self._size is None:
            raise RuntimeError("Camera has not been configured")
        self._started = True
        print("a library that talks on stdout")
        Path(os.environ["FAKE_CAMERA_LOG"]).write_text(json.dumps(self._told))

    def capture_array(
        self, name: str = "main", wait: bool | None = None, signal_function: object = None
    ) -> np.ndarray[Any, np.dtype[np.uint8]]:
        del wait, signal_function
        assert self._started
        assert self._size is not None
        assert name == "main"
        self._frames += 1
        if _BEHAVES == "hangs" and self._frames > 3:
            time.sleep(3600)
        if _BEHAVES == "breaks" and self._frames > 3:
            raise RuntimeError("Camera frontend has timed out!")
        time.sleep(0.01)
        width, height = self._size
        picture = np.zeros((height, width + 32, 3), np.uint8)  # rows are longer than the picture
        picture[:, :, 0] = 200
        picture[:, :, 1] = self._frames % 256
        return picture[:, :width]

    def close(self) -> None:
        self._started = False
