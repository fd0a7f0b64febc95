"""Whether a live camera's pictures can show anything: black, frozen or blurred ones are noticed here.

Four times a second a picture is looked at. Black: not even the brightest place is grey. Frozen: the same to the
last bit, which no living sensor gives. Blurred: no edge anywhere is steep. The steepness is the slope of
the edge to the contrast around it, so that neither light nor a plain wall matters; where there is no
contrast nothing is said. Each must last for its time; a code that was read shows that all is well.

Measured on ./run bench decode's wall and passes at 720 lines, 5 pixels a module: 0.23 to 0.35 in focus, 0.20 to
0.25 at a blur of 4 pixels, where codes cease to be read, 0.15 to 0.21 at 8, 0.09 to 0.13 at 16.
"""

import enum
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from drivers import Picture

EVERY_MS: Final = 250
BLACK: Final = 24
"""Of 255, averaged over 4 x 4 pixels: sensors call 0 to 16 black."""
BLURRED: Final = 0.14
_CONTRAST: Final = 24
_REACH: Final = 25
_FEWEST_EDGES: Final = 0.002


@dataclass(frozen=True, slots=True)
class Quality:
    """What can be measured of one picture."""

    brightness: float
    """Mean of 0 to 255."""
    brightest: float
    """Of its places of 4 x 4 pixels."""
    sharpness: float | None
    """The steepest edges' slope a half-size pixel, as a share of their contrast; None: there is no edge."""

    @property
    def is_black(self) -> bool:
        """Whether nothing is lit."""
        return self.brightest < BLACK

    @property
    def is_blurred(self) -> bool:
        """Whether there are edges, and none is steep."""
        return self.sharpness is not None and self.sharpness < BLURRED


def quality_of(picture: Picture) -> Quality:
    """Takes grey or BGR; some milliseconds at 720 lines."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    quarter = cv2.resize(half, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return Quality(float(quarter.mean()), float(np.max(quarter)), _sharpness(np.asarray(half)))


def _sharpness(half: Picture) -> float | None:
    smooth = cv2.GaussianBlur(half, (0, 0), 0.8)
    around = np.ones((_REACH, _REACH), np.uint8)
    contrast = cv2.subtract(cv2.dilate(smooth, around), cv2.erode(smooth, around))
    edges = contrast > _CONTRAST
    if np.count_nonzero(edges) < _FEWEST_EDGES * edges.size:
        return None
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=1 / 8)
    return float(np.percentile(cv2.magnitude(across, down)[edges] / contrast[edges], 99.5))


class Trouble(enum.Enum):
    """What is wrong with a camera's pictures; the values are for the person who must mend it."""

    FROZEN = "the camera repeats the same picture; unplug it and plug it in again"
    BLACK = "the camera's picture is black; is it covered, or is its lamp off?"
    BLURRED = "the camera's picture is blurred; wipe its lens, or set its focus"


LASTS_MS: Final = {Trouble.FROZEN: 3000, Trouble.BLACK: 3000, Trouble.BLURRED: 20_000}
"""Before it is said. Somebody who holds something before the lens goes away again."""


class PictureWatch:
    """Looks at a camera's pictures as they come; belongs to one thread."""

    def __init__(self) -> None:
        self._due_ms = 0
        self._before: Picture | None = None
        self._since_ms: dict[Trouble, int] = {}

    def take(self, picture: Picture, at_ms: int, *, shows_code: bool) -> Trouble | None:
        """One more picture, at a monotonic time in ms; what is wrong by now, if anything is."""
        if at_ms >= self._due_ms:
            self._due_ms = at_ms + EVERY_MS
            before, self._before = self._before, picture
            same = before is not None and np.array_equal(before, picture)
            self._note(Trouble.FROZEN, at_ms, is_so=same)
            quality = None if shows_code else quality_of(picture)
            self._note(Trouble.BLACK, at_ms, is_so=quality is not None and quality.is_black)
            self._note(Trouble.BLURRED, at_ms, is_so=quality is not None and quality.is_blurred)
        lasting = (
            trouble
            for trouble, lasts_ms in LASTS_MS.items()
            if at_ms - self._since_ms.get(trouble, at_ms) >= lasts_ms
        )
        return next(lasting, None)

    def _note(self, trouble: Trouble, at_ms: int, *, is_so: bool) -> None:
        if is_so:
            self._since_ms.setdefault(trouble, at_ms)
        else:
            self._since_ms.pop(trouble, None)
