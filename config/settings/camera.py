"""The tables of the camera, one for each kind."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from config.settings.table import Table


def _number_or_node(given: object) -> int | str:
    if type(given) is int and 0 <= given <= 63:
        return given
    if isinstance(given, str) and given.startswith("/dev/"):
        return given
    raise ValueError(f"use 0 to 63, or a path such as /dev/v4l/by-id/..., not {given!r}")


class DeviceCameraTable(Table):
    """A USB or built-in camera, by its number or its path under /dev."""

    kind: Literal["device"]
    device: Annotated[int | str, BeforeValidator(_number_or_node)]
    width: int = Field(default=1280, strict=True, ge=160, le=4096)
    height: int = Field(default=720, strict=True, ge=120, le=4096)
    exposure_ms: float = Field(default=0.0, ge=0, le=1000)
    """0: as the camera finds right."""
    focus: int = Field(default=-1, strict=True, ge=-1, le=1023)
    """In the camera's own steps; -1: it focuses by itself."""
    torch: bool = False


class CsiCameraTable(Table):
    """A Raspberry Pi's own camera, through Debian's picamera2."""

    kind: Literal["csi"]
    device: int = Field(default=0, strict=True, ge=0, le=7)
    width: int = Field(default=1280, strict=True, ge=160, le=4096, multiple_of=2)
    height: int = Field(default=720, strict=True, ge=120, le=4096, multiple_of=2)
    exposure_ms: float = Field(default=0.0, ge=0, le=1000)
    """0: as the camera finds right."""
    focus_cm: float = Field(default=0.0, ge=0, le=1000)
    """How far away things are sharp; 0: it focuses by itself, where its lens moves."""
    python: Path = Path("/usr/bin/python3")
    """The Python that has picamera2."""


class VideoCameraTable(Table):
    """A video file, played once at its own pace."""

    kind: Literal["video"]
    path: Path


class PicturesCameraTable(Table):
    """Image files, or all images of a folder in the order of their names, each held for a while."""

    kind: Literal["pictures"]
    paths: tuple[Path, ...] = Field(min_length=1)
    seconds_each: float = Field(default=4.0, gt=0)


class SimulatedCameraTable(Table):
    """Rendered frames of what the world folder's scene.json holds up."""

    kind: Literal["simulated"]
    world: Path
    width: int = Field(default=1280, strict=True, ge=320, le=1920)
    height: int = Field(default=720, strict=True, ge=240, le=1080)
    frames_per_second: float = Field(default=12.0, gt=0, le=60)


class ScannerCameraTable(Table):
    """No camera but a scanner on a serial port, which reads codes by itself."""

    kind: Literal["scanner"]
    port: str = Field(pattern=r"^/dev/\S+$")
    baud: int = Field(default=9600, strict=True, ge=300, le=921_600)


Camera = Annotated[
    DeviceCameraTable
    | CsiCameraTable
    | ScannerCameraTable
    | VideoCameraTable
    | PicturesCameraTable
    | SimulatedCameraTable,
    Field(discriminator="kind"),
]
