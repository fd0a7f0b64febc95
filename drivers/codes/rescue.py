"""What makes a code readable that was not: where to look, and four ways to prepare what is there.

A code is the place with the densest edges. Cutting it out makes every further try cheap (a seventh of
the guide square on average), and tells a gate with nobody before it that there is nothing to try.

Measured on 196 of 720 frames of ./run bench decode's kinds that zxing-cpp did not read by itself: sharpened
72, enlarged 58, smoothed 58, levelled 66; 120 by one of the four. zbar read 78 of them when given
``for_zbar``'s picture, and 35 that none of the four had helped zxing-cpp to. Each try costs about half
of zxing-cpp's time for the whole 720p frame.
"""

from collections.abc import Callable

import cv2
import numpy as np

from drivers import Picture

_LARGEST_SIDE = 1000
"""Pixels. What is as large as this is not enlarged: its modules are large already."""
_BLOCK = 8
_MARGIN = 24


def guide_square(picture: Picture) -> Picture:
    """The square in the middle, as high as the picture, in which people are asked to hold their codes."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side]


def densest(grey: Picture) -> "Picture | None":
    """The part with the densest edges, with a margin; None where no part stands out."""
    if min(grey.shape) < 4 * _BLOCK:
        return None
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    edges = cv2.morphologyEx(half, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    height, width = edges.shape
    blocks = (max(1, width // _BLOCK), max(1, height // _BLOCK))
    density = cv2.blur(
        cv2.resize(edges, blocks, interpolation=cv2.INTER_AREA).astype(np.float32), (3, 3)
    )
    usual, highest = float(np.median(density)), float(np.max(density))
    if highest < 1.5 * usual + 2:
        return None
    dense = (density > (usual + highest) / 2).astype(np.uint8)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(dense)
    y, x = np.unravel_index(int(np.argmax(density)), density.shape)
    left, top, across, down = (int(2 * _BLOCK * v) for v in boxes[labels[y, x]][:4])
    return grey[
        max(0, top - _MARGIN) : top + down + _MARGIN,
        max(0, left - _MARGIN) : left + across + _MARGIN,
    ]


def sharpened(part: Picture) -> Picture:
    """Against defocus: twice the size, with local contrast tripled."""
    double = _enlarged(_smooth(part, 1.0), 2)
    return _levels(cv2.addWeighted(double, 3, cv2.boxFilter(double, -1, (13, 13)), -2, 0))


def enlarged(part: Picture) -> Picture:
    """Against small modules: three times the size."""
    return _enlarged(part, 3)


def smoothed(part: Picture) -> Picture:
    """Against little light and a screen's grid: full contrast, noise and grid blurred away."""
    darkest, lightest = np.percentile(part[::4, ::4], (1, 99))
    gain = 255 / max(float(lightest - darkest), 8.0)
    full = cv2.convertScaleAbs(part, alpha=gain, beta=-float(darkest) * gain)
    return _enlarged(_smooth(_levels(full), 1.5), 2)


def levelled(part: Picture) -> Picture:
    """Against shadows and glare: twice the size, black or white against the light around."""
    return _against_surroundings(_enlarged(part, 2), 0)


def for_zbar(part: Picture) -> Picture:
    """What zbar makes most of: smoothed a little, twice the size, black or white."""
    return _against_surroundings(_enlarged(_smooth(part, 1.0), 2), 1)


RESCUES: tuple[Callable[[Picture], Picture], ...] = (sharpened, enlarged, smoothed, levelled)


def _enlarged(part: Picture, scale: float) -> Picture:
    scale = max(1.0, min(scale, _LARGEST_SIDE / max(part.shape)))
    return _levels(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))


def _smooth(part: Picture, deviation: float) -> Picture:
    return _levels(cv2.GaussianBlur(part, (0, 0), deviation))


def _against_surroundings(part: Picture, darker: int) -> Picture:
    """White where a pixel is not ``darker`` than the mean around it, over some 10 pixels each way."""
    height, width = part.shape
    # On a quarter of the size, the mean over a wide window costs next to nothing.
    quarter_size = (max(1, width // 4), max(1, height // 4))
    quarter = cv2.resize(part, quarter_size, interpolation=cv2.INTER_AREA)
    around = cv2.resize(cv2.GaussianBlur(quarter, (0, 0), 2.5), (width, height))
    limit = cv2.subtract(around, np.full(4, darker, np.float64))
    return _levels(cv2.compare(part, limit, cv2.CMP_GT))


def _levels(picture: object) -> Picture:
    return np.asarray(picture, dtype=np.uint8)
