"""Pictures for the decode bench, made from a seed: a pass before a camera in ten kinds of trouble.

A scene is one pass held up for some frames at 720p. It is drawn flat (paper with folds, or a phone with its
pixel grid), warped into the picture at three times its resolution, and then goes through what stands between
it and the decoder: defocus, movement, light, the sensor's pixels and noise, JPEG. Between two frames of a
scene the hand drifts, the movement changes, focus and light waver and noise is new, as they do.

Each kind draws its trouble evenly between little and too much, so that no reader gets everything and none
gets nothing. What the lot has to do with a real gate's mix of troubles is not claimed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.optics import (
    Pose,
    defocus,
    expose,
    fold,
    gate_wall,
    glare,
    jpeg,
    move,
    pixel_grid,
    stain,
    uneven,
    warp,
)
from checkpoint.entry_pass import Claims, Kind, issue_pass
from checkpoint.ids import CompoundId, PersonId
from drivers import Picture

WIDTH, HEIGHT = 1280, 720
QUIET_MODULES = 4
FLAT_PIXELS_A_MODULE = 12


@dataclass(frozen=True, slots=True)
class Trouble:
    """What befalls one scene. Lengths in the picture are in pixels unless they say modules."""

    module_pixels: float = 5.0
    screen: bool = False
    grid: float = 0.0
    """How dark the gaps between a screen's pixels are: 0 none, 1 black."""
    screen_pixels_a_module: int = 6
    point_pixels: bool = False
    """The sensor's pixels see points and not areas: a grid finer than they are turns into bands."""
    tilt_degrees: float = 8.0
    defocus_modules: float = 0.0
    move_modules: float = 0.0
    light: float = 1.0
    """Of full exposure."""
    noise: float = 3.0
    """Standard deviation of what the sensor adds, in grey levels."""
    glare: float = 0.0
    """Radius of the saturated spot as a share of the code's side."""
    folds: int = 0
    stains: int = 0
    jpeg_quality: int = 85


@dataclass(frozen=True, slots=True)
class Scene:
    """A pass's text and the frames in which it was held up."""

    kind: str
    text: str
    frames: tuple[Picture, ...]
    """Grey, HEIGHT x WIDTH."""


Draw = Callable[[np.random.Generator], Trouble]


def _common(random: np.random.Generator) -> Trouble:
    return Trouble(
        module_pixels=random.uniform(3.4, 6.0),
        tilt_degrees=random.uniform(0, 15),
        noise=random.uniform(2, 5),
        jpeg_quality=int(random.integers(70, 93)),
    )


def _screen(random: np.random.Generator) -> Trouble:
    return replace(_common(random), screen=True, grid=0.35)


KINDS: dict[str, Draw] = {
    "paper": _common,
    "screen": lambda r: replace(_screen(r), light=r.uniform(0.7, 1.3)),
    "tilt": lambda r: replace(_common(r), tilt_degrees=r.uniform(30, 68)),
    "blur": lambda r: replace(_common(r), defocus_modules=r.uniform(0.3, 0.95)),
    "motion": lambda r: replace(_common(r), move_modules=r.uniform(0.6, 2.4)),
    "glare": lambda r: replace(_screen(r), glare=r.uniform(0.05, 0.26)),
    "dim": lambda r: replace(_common(r), light=r.uniform(0.02, 0.12), noise=r.uniform(1.5, 4)),
    "small": lambda r: replace(_common(r), module_pixels=r.uniform(1.1, 2.6)),
    "creased": lambda r: replace(
        _common(r), folds=int(r.integers(1, 4)), stains=int(r.integers(0, 6))
    ),
    "moire": lambda r: replace(
        _screen(r),
        grid=r.uniform(0.15, 0.7),
        screen_pixels_a_module=int(r.integers(2, 5)),
        module_pixels=r.uniform(2.4, 5.0),
        point_pixels=True,
    ),
}


NOBODY = "nobody"
"""The kind of scene in which there is a wall and no pass."""


def scenes(
    kind: str, seed: int, count: int, frames: int, *, covered: bool = False
) -> Iterator[Scene]:
    """``count`` scenes of a kind with ``frames`` frames each; the same for the same arguments.

    ``covered``: three thumbs on the corners by which a code is found, so that nobody can read it.
    """
    for number in range(count):
        random = np.random.default_rng([seed, (*KINDS, NOBODY).index(kind), number])
        if kind == NOBODY:
            yield Scene(kind, "", tuple(_walls(random, frames)))
            continue
        text = pass_text(seed, number)
        trouble = KINDS[kind](random)
        flat = _flat(text, trouble, random, covered=covered)
        yield Scene(kind, text, tuple(_held_up(flat, trouble, random, frames)))


def pass_text(seed: int, number: int) -> str:
    """A genuine resident's pass."""
    key = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
    person = PersonId(f"R{number:07}")
    return issue_pass(
        Claims(person, 1, CompoundId(1), 1_700_000_000, 1_900_000_000, Kind.RESIDENT), key
    )


def _walls(random: np.random.Generator, count: int) -> Iterator[Picture]:
    wall = gate_wall(WIDTH, HEIGHT, random)
    light, noise = random.uniform(0.03, 1.0), random.uniform(2, 5)
    for _ in range(count):
        yield jpeg(expose(uneven(wall, random), light, noise, random), 85)


def _held_up(
    flat: Picture, trouble: Trouble, random: np.random.Generator, count: int
) -> Iterator[Picture]:
    wall = gate_wall(WIDTH, HEIGHT, random)
    scale = trouble.module_pixels / FLAT_PIXELS_A_MODULE
    centre = np.array([WIDTH / 2, HEIGHT / 2]) + random.uniform(-1, 1, 2) * (90, 60)
    axis, roll = random.uniform(0, 2 * np.pi), np.radians(random.uniform(-20, 20))
    spot = random.uniform(-0.35, 0.35, 2)
    side = flat.shape[0] * scale
    for _ in range(count):
        centre = centre + random.normal(0, 0.6 * trouble.module_pixels, 2)
        roll += np.radians(random.normal(0, 0.8))
        tilt = np.radians(trouble.tilt_degrees + random.normal(0, 1.5))
        pose = Pose(centre, scale, roll, tilt, axis)
        picture = warp(flat, wall, pose, point_pixels=trouble.point_pixels)
        if trouble.glare:
            at = centre + (spot + random.normal(0, 0.03, 2)) * side
            picture = glare(picture, at, trouble.glare * side * random.uniform(0.9, 1.1))
        yield _photographed(picture, trouble, random)


def _photographed(picture: Picture, trouble: Trouble, random: np.random.Generator) -> Picture:
    waver = max(0.0, random.normal(1, 0.12))
    picture = defocus(picture, 0.5 + trouble.defocus_modules * trouble.module_pixels * waver)
    if trouble.move_modules:
        length = trouble.move_modules * trouble.module_pixels * random.uniform(0.6, 1.2)
        picture = move(picture, length, random.uniform(0, np.pi))
    light = trouble.light * random.uniform(0.93, 1.07)
    exposed = expose(uneven(picture, random), light, trouble.noise, random)
    return jpeg(exposed, trouble.jpeg_quality)


def _flat(text: str, trouble: Trouble, random: np.random.Generator, *, covered: bool) -> Picture:
    """The code with its quiet zone, straight on, FLAT_PIXELS_A_MODULE pixels a module."""
    dark = np.array(segno.make(text, error="m", micro=False, boost_error=False).matrix) > 0
    if covered:
        dark[:8, :8] = dark[:8, -8:] = dark[-8:, :8] = False
    dark = np.pad(dark, QUIET_MODULES)
    modules = np.where(dark, 20, 245 if trouble.screen else 225).astype(np.uint8)
    flat = np.kron(modules, np.ones((FLAT_PIXELS_A_MODULE, FLAT_PIXELS_A_MODULE), np.uint8))
    if trouble.screen:
        return pixel_grid(
            flat, FLAT_PIXELS_A_MODULE // trouble.screen_pixels_a_module, trouble.grid
        )
    for _ in range(trouble.stains):
        flat = stain(flat, random)
    for _ in range(trouble.folds):
        flat = fold(flat, random)
    return flat
