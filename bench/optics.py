"""What stands between a flat code and the decoder, one function each. Pictures are grey, 8 bits."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers import Picture

_OVERSAMPLING = 3


def pixel_grid(flat: Picture, pitch: int, depth: float) -> Picture:
    """A screen's pixels: each ``pitch`` flat pixels wide, with a gap that is darker by ``depth``."""
    y, x = np.indices(flat.shape)
    gap = (x % max(2, pitch) == 0) | (y % max(2, pitch) == 0)
    return _levels(np.where(gap, flat * (1 - depth), flat))


def fold(flat: Picture, random: np.random.Generator) -> Picture:
    """Along a random line: beyond it the paper faces the light differently and is foreshortened.

    On the line itself the ink has worn off.
    """
    distance, normal = _beyond_line(flat, random)
    beyond = np.maximum(distance, 0)
    shaded = flat * np.where(distance > 0, random.uniform(0.7, 1.0), 1.0)
    shaded[np.abs(distance) < random.uniform(0.5, 5)] = random.uniform(190, 235)
    shift = beyond * random.uniform(-0.03, 0.03)
    y, x = np.indices(flat.shape)
    return _levels(
        cv2.remap(
            shaded.astype(np.float32),
            (x + shift * normal[0]).astype(np.float32),
            (y + shift * normal[1]).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


def stain(flat: Picture, random: np.random.Generator) -> Picture:
    """A spot as dark as ink or as light as paper."""
    side = flat.shape[0]
    centre = tuple(int(v) for v in random.uniform(0.15, 0.85, 2) * side)
    axes = tuple(int(v) for v in random.uniform(0.01, 0.06, 2) * side)
    shade = int(random.choice([30, 230]))
    spotted = flat.copy()
    cv2.ellipse(spotted, centre, axes, random.uniform(0, 180), 0, 360, shade, -1)
    return spotted


def gate_wall(width: int, height: int, random: np.random.Generator) -> Picture:
    """What is behind: bricks, people's coats, one of them checked, leaves, a lettered notice."""
    wall = np.repeat(np.linspace(90, 165, height)[:, None], width, axis=1).astype(np.uint8)
    brick = int(random.integers(30, 70))
    for row, y in enumerate(range(0, height, brick)):
        cv2.line(wall, (0, y), (width, y), 110, 2)
        for x in range(row % 2 * brick, width, 2 * brick):
            cv2.line(wall, (x, y), (x, y + brick), 110, 2)
    for _ in range(5):
        _place(wall, np.full((1, 1), random.integers(20, 235), np.uint8), random)
    check = np.kron(random.integers(30, 220, (2, 2)), np.ones((6, 6))).astype(np.uint8)
    leaves = random.integers(20, 200, (40, 40)).astype(np.uint8)
    for texture in (np.tile(check, (20, 20)), leaves, _notice(random)):
        if random.random() < 0.5:
            _place(wall, texture, random)
    return _levels(cv2.GaussianBlur(wall, (0, 0), random.uniform(0.8, 3.0)))


def _place(wall: Picture, texture: Picture, random: np.random.Generator) -> None:
    """Put it somewhere at some size."""
    height, width = wall.shape
    size = (random.uniform(0.08, 0.35, 2) * (width, height)).astype(int)
    left, top = (random.uniform(0, 1, 2) * ((width, height) - size)).astype(int)
    resized = cv2.resize(texture, (int(size[0]), int(size[1])), interpolation=cv2.INTER_NEAREST)
    wall[top : top + size[1], left : left + size[0]] = resized


def _notice(random: np.random.Generator) -> Picture:
    notice = np.full((300, 400), 220, np.uint8)
    for y in range(30, 300, 30):
        words = "".join(chr(int(letter)) for letter in random.integers(0x41, 0x5B, 18))
        cv2.putText(notice, words, (8, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 30, 2)
    return notice


@dataclass(frozen=True, slots=True)
class Pose:
    """How a flat thing is held before the camera; angles in radians."""

    centre: NDArray[np.float64]
    scale: float
    """Pixels of the picture for one of the thing."""
    roll: float
    """In the picture's plane."""
    tilt: float
    """Out of it, about an axis in it."""
    axis: float


def warp(flat: Picture, wall: Picture, pose: Pose, *, point_pixels: bool) -> Picture:
    """The flat thing before the wall, seen from six of its sides away.

    Each pixel is the mean of nine samples, or the one in its middle.
    """
    side = flat.shape[0]
    unit = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64) / 2
    turn = np.array(
        [(np.cos(pose.roll), np.sin(pose.roll)), (-np.sin(pose.roll), np.cos(pose.roll))]
    )
    along = np.array([np.cos(pose.axis), np.sin(pose.axis)])
    across = np.array([-along[1], along[0]])
    turned = unit @ turn
    u, v = turned @ along, turned @ across
    depth = 1 + v * np.sin(pose.tilt) / 6
    flattened = (np.outer(u, along) + np.outer(v * np.cos(pose.tilt), across)) / depth[:, None]
    corners = pose.centre + flattened * side * pose.scale
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, wall.shape[::-1])
    size = np.array([right - left, bottom - top])
    source = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    there = ((corners - (left, top)) * _OVERSAMPLING).astype(np.float32)
    part = cv2.resize(wall[top:bottom, left:right], None, fx=_OVERSAMPLING, fy=_OVERSAMPLING)
    cv2.warpPerspective(
        flat,
        cv2.getPerspectiveTransform(source, there),
        tuple(int(v) for v in size * _OVERSAMPLING),
        dst=part,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    picture = wall.copy()
    middle = _OVERSAMPLING // 2
    picture[top:bottom, left:right] = (
        part[middle::_OVERSAMPLING, middle::_OVERSAMPLING]
        if point_pixels
        else cv2.resize(part, tuple(int(v) for v in size), interpolation=cv2.INTER_AREA)
    )
    return picture


def glare(picture: Picture, centre: NDArray[np.float64], radius: float) -> Picture:
    """A lamp mirrored in glass: saturated inside the radius, fading over as much again."""
    y, x = np.indices(picture.shape)
    distance = np.hypot(x - centre[0], y - centre[1]) / radius
    return _levels(picture + 400 * np.exp(-(distance**2)))


def defocus(picture: Picture, radius: float) -> Picture:
    """A lens out of focus: every point a disc of this radius in pixels."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return _levels(cv2.filter2D(picture, -1, disc / disc.sum()))


def move(picture: Picture, length: float, angle: float) -> Picture:
    """A hand that moves while the shutter is open: every point a line."""
    reach = int(np.ceil(length / 2))
    steps = np.linspace(-length / 2, length / 2, max(3, 4 * reach))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    for step in steps:
        kernel[round(reach + step * np.sin(angle)), round(reach + step * np.cos(angle))] += 1
    return _levels(cv2.filter2D(picture, -1, kernel / kernel.sum()))


def uneven(picture: Picture, random: np.random.Generator) -> Picture:
    """Light from one side."""
    height, width = picture.shape
    angle, depth = random.uniform(0, 2 * np.pi), random.uniform(0.0, 0.3)
    y, x = np.indices(picture.shape)
    slope = np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5)
    return _levels(picture * (1 - depth / 2 + depth * slope))


def expose(picture: Picture, light: float, noise: float, random: np.random.Generator) -> Picture:
    """So much of full light on a sensor with a black level of 8, shot noise and noise of its own."""
    signal = picture * light
    deviation = np.sqrt(noise**2 + 0.06 * signal)
    return _levels(signal + 8 + random.standard_normal(picture.shape) * deviation)


def jpeg(picture: Picture, quality: int) -> Picture:
    """As USB cameras send their frames."""
    _, packed = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _beyond_line(
    flat: Picture, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far beyond a random line through the middle part every pixel is, and the line's normal."""
    side = flat.shape[0]
    angle = random.uniform(0, 2 * np.pi)
    normal = np.array([np.cos(angle), np.sin(angle)])
    through = random.uniform(0.2, 0.8, 2) * side
    y, x = np.indices(flat.shape)
    return (x - through[0]) * normal[0] + (y - through[1]) * normal[1], normal


def _levels(picture: object) -> Picture:
    return np.asarray(picture).clip(0, 255).round().astype(np.uint8)
