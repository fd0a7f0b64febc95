"""Blur taken back: Wiener filters for a lens out of focus and for a hand that moved.

How a picture was blurred is not known, so some radii and some movements are tried. Each takes two Fourier transforms,
too long for a live frame, which has the next one instead; a still picture has not.

N. Wiener, Extrapolation, Interpolation, and Smoothing of Stationary Time Series (1949); the filter in the frequency
domain as in Gonzalez and Woods, Digital Image Processing, 5.8.
"""

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers import Picture

RADII: Final = (2.5, 3.5, 4.5, 5.5, 7.0)
"""Pixels. Below, zxing-cpp needs no help; above, nothing is left of a code."""
LENGTHS: Final = (6.0, 8.0, 10.0, 13.0)
ANGLES: Final = 8
_NOISE: Final = 0.01
"""Power of the noise as a share of the picture's."""
_MARGIN: Final = 16


def deblurred(part: Picture) -> Iterator[Picture]:
    """The grey part at twice its size, after each of the filters."""
    height, width = part.shape
    padded = cv2.copyMakeBorder(
        part,
        _MARGIN,
        cv2.getOptimalDFTSize(height + 2 * _MARGIN) - height - _MARGIN,
        _MARGIN,
        cv2.getOptimalDFTSize(width + 2 * _MARGIN) - width - _MARGIN,
        cv2.BORDER_REPLICATE,
    )
    spectrum = np.fft.rfft2(padded)
    for blur in _blurs(padded.shape):
        spread = np.fft.rfft2(blur / blur.sum())
        undone = np.conj(spread) / (np.abs(spread) ** 2 + _NOISE)
        sharp = np.fft.irfft2(spectrum * undone, s=padded.shape)
        sharp = sharp[_MARGIN : _MARGIN + height, _MARGIN : _MARGIN + width]
        levels = sharp.clip(0, 255).astype(np.uint8)
        double = cv2.resize(levels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        yield np.asarray(double, dtype=np.uint8)


def _blurs(shape: tuple[int, ...]) -> Iterator[NDArray[np.float64]]:
    """What becomes of a point in the corner, which wraps around the edges: discs, then lines."""
    y, x = (np.fft.fftfreq(size, 1 / size) for size in shape)
    distance = np.hypot(y[:, None], x[None, :])
    for radius in RADII:
        yield np.clip(radius + 0.5 - distance, 0, 1)
    for length in LENGTHS:
        for angle in np.arange(ANGLES) * np.pi / ANGLES:
            along = y[:, None] * np.sin(angle) + x[None, :] * np.cos(angle)
            beside = y[:, None] * np.cos(angle) - x[None, :] * np.sin(angle)
            inside = np.clip(length / 2 + 0.5 - np.abs(along), 0, 1)
            yield inside * np.clip(1 - np.abs(beside), 0, 1)
