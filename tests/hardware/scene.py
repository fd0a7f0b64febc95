"""What the camera looks at: a wall, or a person's hand with one or more passes, as BGR frames."""

import base64
import zlib

import cv2
import numpy as np
import segno

from drivers import Picture
from tests.hardware.guest.camera import HEIGHT, WIDTH

_WALL = 120
_PAPER = 225
_INK = 40
_QUIET_MODULES = 4


def dark() -> str:
    """The agent's form of a frame in which nothing is lit."""
    return _packed(np.zeros((HEIGHT, WIDTH), np.uint8))


def frame(*texts: str, module_pixels: int = 6, blur: float = 0.0, tilt_degrees: float = 0.0) -> str:
    """The agent's form of a frame with these texts held up side by side; without any, the wall."""
    picture = np.full((HEIGHT, WIDTH), _WALL, np.uint8)
    for place, text in enumerate(texts):
        card = _card(text, module_pixels)
        centre = round(WIDTH * (place + 0.5) / len(texts))
        _paste(picture, card, centre)
    if tilt_degrees:
        turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), tilt_degrees, 1.0)
        turned = cv2.warpAffine(picture, turn, (WIDTH, HEIGHT), borderValue=(_WALL,))
        picture = np.asarray(turned, dtype=np.uint8)
    if blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), dtype=np.uint8)
    return _packed(picture)


def _packed(grey: Picture) -> str:
    colour = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    return base64.b64encode(zlib.compress(colour.tobytes(), 1)).decode()


def _card(text: str, module_pixels: int) -> Picture:
    modules = np.array([list(row) for row in segno.make_qr(text, error="m").matrix], np.uint8)
    modules = np.pad(modules, _QUIET_MODULES)
    inked = np.where(modules, _INK, _PAPER).astype(np.uint8)
    return np.kron(inked, np.ones((module_pixels, module_pixels), np.uint8))


def _paste(picture: Picture, card: Picture, centre: int) -> None:
    height, width = card.shape
    if height > HEIGHT or width > WIDTH:
        raise ValueError(f"a card of {width} x {height} does not fit; use smaller modules")
    top, left = (HEIGHT - height) // 2, centre - width // 2
    left = min(max(left, 0), WIDTH - width)
    picture[top : top + height, left : left + width] = card
