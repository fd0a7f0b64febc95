"""What a camera at a gate sees: a boom and a wall, and passes held up on cards and phones.

A held thing is drawn flat and put into the gate's uneven light once. For each frame it is warped to where
the hand has drifted by then and blurred as by a cheap lens, and the whole picture gets sensor noise. Only
the rectangle around it is worked on, and noise is a random cut out of one noise sheet, so that a 720p
frame costs a few milliseconds.
"""

import math
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

from drivers import Picture

_QUIET_MODULES = 4
_COMFORTABLE_HEIGHT = 0.42
"""Share of the picture's height that a code fills; more if its modules get too small."""
_SMALLEST_MODULE_PIXELS = 3.4
_FILLED = 0.8
"""Largest share of its place that a code with its quiet zone fills."""
_NOISE_LEVEL = 16
_NOISE_DEVIATION = 4.0
_NOISE_MARGIN = 128
_PAPER, _GLASS, _INK = (232, 236, 238), (250, 246, 240), (38, 34, 32)


@dataclass(frozen=True, slots=True)
class _Held:
    """A flat card or phone as BGR, its size in the picture, and where and how it is held."""

    flat: Picture
    width_pixels: float
    centre: tuple[float, float]
    roll: float
    yaw: float
    pitch: float
    phase: float


class SimulatedView:
    """Renders frames of ``width`` x ``height`` pixels, BGR. ``seed`` fixes poses and noise."""

    def __init__(self, width: int, height: int, seed: int | None = None) -> None:
        self._width, self._height = width, height
        self._random = np.random.default_rng(seed)
        self._light = _light(width, height)
        self._gate = _lit(_gate(width, height), self._light)
        shape = (height + _NOISE_MARGIN, width + _NOISE_MARGIN, 3)
        noise = self._random.normal(_NOISE_LEVEL, _NOISE_DEVIATION, shape)
        self._noise = noise.clip(0, 255).astype(np.uint8)
        self._codes: tuple[str, ...] = ()
        self._held: list[_Held] = []

    def frame(self, codes: tuple[str, ...], at_s: float) -> Picture:
        """The picture at a time in seconds with these texts held up as QR codes, side by side.

        A text that no QR code can hold is shown as an empty card.
        """
        if codes != self._codes:
            self._codes = codes
            self._held = [self._hold(code, place, len(codes)) for place, code in enumerate(codes)]
        picture = self._gate.copy()
        for held in self._held:
            self._paste(held, at_s, picture)
        top, left = self._random.integers(0, _NOISE_MARGIN, 2)
        noise = self._noise[top : top + self._height, left : left + self._width]
        cv2.add(picture, noise, dst=picture)
        cv2.subtract(picture, np.full(3, _NOISE_LEVEL, np.float64), dst=picture)
        return picture

    def _hold(self, text: str, place: int, places: int) -> _Held:
        modules = _modules(text)
        side = modules.shape[0]
        room = _FILLED * min(self._height, self._width / places)
        code_pixels = min(
            max(_COMFORTABLE_HEIGHT * self._height, _SMALLEST_MODULE_PIXELS * side),
            room * side / (side + 2 * _QUIET_MODULES),
        )
        module_pixels = code_pixels / side
        phone = zlib.crc32(text.encode("utf-8", "replace")) & 1 == 1
        flat = _flat(modules, max(2, math.ceil(module_pixels)), phone=phone)
        scale = module_pixels / max(2, math.ceil(module_pixels))
        x, y = self._random.uniform(-0.02, 0.02, 2)
        centre = self._width * ((place + 0.5) / places + x), self._height * (0.5 + y)
        roll, yaw, pitch = self._random.uniform(-1, 1, 3)
        return _Held(
            flat=self._lit_at(centre, scale, flat),
            width_pixels=flat.shape[1] * scale,
            centre=centre,
            roll=math.radians(7) * roll,
            yaw=0.05 * yaw,
            pitch=0.05 * pitch,
            phase=self._random.uniform(0, 2 * math.pi),
        )

    def _lit_at(self, centre: tuple[float, float], scale: float, flat: Picture) -> Picture:
        """The flat thing in the light of the place where it is held."""
        height, width = flat.shape[:2]
        half_x, half_y = width * scale / 2, height * scale / 2
        (x, y), (left, top) = (
            centre,
            (max(0, int(centre[0] - half_x)), max(0, int(centre[1] - half_y))),
        )
        light = cv2.resize(
            self._light[top : int(y + half_y), left : int(x + half_x)], (width, height)
        )
        return _lit(flat, np.asarray(light, dtype=np.uint8))

    def _paste(self, held: _Held, at_s: float, picture: Picture) -> None:
        corners = self._corners(held, at_s)
        left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 3, 0)
        right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 3
        part = picture[top:bottom, left:right]
        height, width = held.flat.shape[:2]
        flat_corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        there = (corners - (left, top)).astype(np.float32)
        warp = cv2.getPerspectiveTransform(flat_corners, there)
        size = (part.shape[1], part.shape[0])
        cv2.warpPerspective(held.flat, warp, size, dst=part, borderMode=cv2.BORDER_TRANSPARENT)
        blur = 0.6 + 0.04 * min(held.width_pixels / 100, 10)
        cv2.GaussianBlur(part, (5, 5), blur, dst=part)

    def _corners(self, held: _Held, at_s: float) -> NDArray[np.float64]:
        """Top left, top right, bottom right, bottom left in the picture, in pixels."""
        sway = math.sin(1.9 * at_s + held.phase)
        tremor = math.sin(11.0 * at_s + 2 * held.phase)
        height, width = held.flat.shape[:2]
        half_x = held.width_pixels / 2
        half_y = half_x * height / width
        unit = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
        yaw, pitch = held.yaw + 0.01 * sway, held.pitch - 0.01 * sway
        depth = 1 + yaw * unit[:, 0] + pitch * unit[:, 1]
        roll = held.roll + math.radians(0.8) * sway
        turn = np.array([(math.cos(roll), math.sin(roll)), (-math.sin(roll), math.cos(roll))])
        moved = np.array([0.006 * sway, 0.004 * sway + 0.0006 * tremor]) * self._height
        corners = (unit * (half_x, half_y) / depth[:, None]) @ turn
        return np.asarray(corners + np.array(held.centre) + moved, dtype=np.float64)


def _modules(text: str) -> Picture:
    """The code's modules, 0 dark and 255 light, without quiet zone; all light if it cannot be."""
    try:
        code = segno.make(text, error="m", micro=False, boost_error=False)
    except ValueError:
        return np.full((45, 45), 255, np.uint8)
    return np.where(np.array(code.matrix, np.uint8) > 0, 0, 255).astype(np.uint8)


def _flat(modules: Picture, scale: int, *, phone: bool) -> Picture:
    """A card or a phone that shows the code, seen straight on, BGR."""
    code = cv2.resize(modules, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    light, dark = np.array(_GLASS if phone else _PAPER), np.array(_INK)
    side = code.shape[0]
    quiet = _QUIET_MODULES * scale
    bezel = max(2, side // 24) if phone else 0
    above, below = (side // 3, side // 2) if phone else (side // 6, side // 12)
    width = side + 2 * (quiet + bezel)
    height = side + 2 * (quiet + bezel) + above + below
    flat = np.empty((height, width, 3), np.uint8)
    flat[:] = _INK if phone else _PAPER
    flat[bezel : height - bezel, bezel : width - bezel] = light
    top, left = bezel + above + quiet, bezel + quiet
    flat[top : top + side, left : left + side] = np.where(code[:, :, None] > 0, light, dark)
    band = slice(bezel + above // 4, bezel + above * 3 // 4)
    flat[band, left : left + side * 2 // 3] = (150, 110, 60)
    return flat


def _gate(width: int, height: int) -> Picture:
    """Wall, paving and a red and white boom, out of focus."""
    shades = np.linspace(120, 165, height)[:, None, None] * np.array([1.0, 0.99, 0.96])
    gate = np.repeat(shades, width, axis=1).astype(np.uint8)
    brick = max(8, height // 14)
    for row, y in enumerate(range(0, height * 3 // 5, brick)):
        cv2.line(gate, (0, y), (width, y), (105, 112, 118), 1)
        for x in range(row % 2 * brick, width, 2 * brick):
            cv2.line(gate, (x, y), (x, y + brick), (105, 112, 118), 1)
    cv2.rectangle(gate, (0, height * 3 // 5), (width, height), (96, 100, 102), -1)
    thick = max(4, height // 16)
    y = height * 7 // 10
    for stripe, x in enumerate(range(0, width, 3 * thick)):
        colour = (40, 40, 190) if stripe % 2 else (215, 215, 215)
        cv2.rectangle(gate, (x, y), (x + 3 * thick, y + thick), colour, -1)
    return np.asarray(cv2.GaussianBlur(gate, (0, 0), max(1.0, height / 300)), dtype=np.uint8)


def _light(width: int, height: int) -> Picture:
    """How much of the light reaches each pixel, 0 to 255: a lamp at the upper left."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    share = 0.62 + 0.38 * np.exp(-1.4 * ((x - 0.25) ** 2 + (y - 0.2) ** 2))
    return np.repeat((255 * share).astype(np.uint8)[:, :, None], 3, axis=2)


def _lit(picture: Picture, light: Picture) -> Picture:
    return np.asarray(cv2.multiply(picture, light, scale=1 / 255), dtype=np.uint8)
