"""Pictures in which nothing can be seen, and those that only look so."""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from bench.optics import defocus, expose, gate_wall
from drivers import DeviceFaulty, Frame, Picture
from drivers.camera.picture_watch import BLURRED, LASTS_MS, PictureWatch, Trouble, quality_of
from drivers.codes.camera_codes import CameraCodes
from drivers.simulated.view import SimulatedView
from tests.drivers.qr_pictures import qr_picture

RANDOM = np.random.default_rng(1)
WALL = gate_wall(640, 480, RANDOM)


def noisy(picture: Picture, light: float = 1.0) -> Picture:
    return expose(picture, light, 3, RANDOM)


def coloured(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def after(ms: int, *pictures: Picture, shows_code: bool = False, fps: int = 10) -> Trouble | None:
    """What a watch says that has seen these pictures in turn for so long."""
    watch, trouble = PictureWatch(), None
    for number, at_ms in enumerate(range(1000, 1001 + ms, 1000 // fps)):
        trouble = watch.take(pictures[number % len(pictures)], at_ms, shows_code=shows_code)
    return trouble


# What a camera gives in turn; made where it is needed, and not where the tests are only collected.
SEEN: dict[str, Callable[[], list[Picture]]] = {
    "black": lambda: [noisy(np.zeros((480, 640), np.uint8)) for _ in range(7)],
    "a wall": lambda: [noisy(WALL) for _ in range(7)],
    "frozen": lambda: [noisy(WALL)],
    "blurred": lambda: [noisy(defocus(WALL, 14)) for _ in range(7)],
    "a wall in the dusk": lambda: [noisy(WALL, 0.15) for _ in range(7)],
    "a plain wall": lambda: [noisy(np.full((480, 640), 120, np.uint8)) for _ in range(7)],
    "blinded": lambda: [noisy(np.full((480, 640), 255, np.uint8)) for _ in range(7)],
    "in colour": lambda: [coloured(noisy(WALL)) for _ in range(7)],
}


@cache
def seen(what: str) -> list[Picture]:
    return SEEN[what]()


@pytest.mark.parametrize(
    ("what", "trouble"),
    [("black", Trouble.BLACK), ("frozen", Trouble.FROZEN), ("blurred", Trouble.BLURRED)],
)
def test_fault_28_a_black_frozen_or_blurred_picture_is_said_once_it_has_lasted(
    what: str, trouble: Trouble
) -> None:
    lasts_ms = LASTS_MS[trouble]
    assert after(lasts_ms - 600, *seen(what)) is None
    assert after(lasts_ms + 600, *seen(what)) is trouble


def test_fault_28_black_and_frozen_are_said_within_5_s() -> None:
    assert max(LASTS_MS[Trouble.BLACK], LASTS_MS[Trouble.FROZEN]) + 1000 < 5000


@pytest.mark.parametrize(
    "what", ["a wall", "a wall in the dusk", "a plain wall", "blinded", "in colour"]
)
def test_what_may_well_be_so_is_no_fault(what: str) -> None:
    assert after(30_000, *seen(what)) is None


def test_whoever_covers_the_lens_for_a_moment_raises_nothing() -> None:
    watch = PictureWatch()
    for number in range(300):
        covered = number % 30 > 5  # two and a half of every three seconds
        picture = seen("black" if covered else "a wall")[number % 7]
        assert watch.take(picture, 1000 + number * 100, shows_code=False) is None


@pytest.mark.parametrize("what", ["black", "blurred"])
def test_a_code_that_is_read_shows_that_all_is_well(what: str) -> None:
    assert after(30_000, *seen(what), shows_code=True) is None


def test_one_pixel_of_noise_is_enough_to_live() -> None:
    other = seen("a wall")[0].copy()
    other[0, 0] ^= 1
    assert after(10_000, seen("a wall")[0], other, fps=4) is None


def test_fault_28_it_is_over_as_soon_as_it_is_over() -> None:
    watch = PictureWatch()
    for at_ms in range(0, 5000, 100):
        said = watch.take(seen("black")[at_ms // 100 % 7], at_ms, shows_code=False)
    assert said is Trouble.BLACK
    assert watch.take(seen("a wall")[0], 5300, shows_code=False) is None


@pytest.mark.parametrize("light", [1.0, 0.3])
@pytest.mark.parametrize(("radius", "blurred"), [(0, False), (2, False), (16, True), (30, True)])
def test_sharpness_is_that_of_the_edges_whatever_the_light(
    radius: float, blurred: bool, light: float
) -> None:
    for seed in range(3):
        wall = gate_wall(1280, 720, np.random.default_rng(seed))
        soft = defocus(wall, radius) if radius else wall
        sharpness = quality_of(noisy(soft, light)).sharpness
        assert sharpness is not None
        assert (sharpness < BLURRED) is blurred


def test_the_simulated_gate_is_sharp() -> None:
    quality = quality_of(SimulatedView(1280, 720, 1).frame((), 0.0))
    assert quality.sharpness is not None
    assert quality.sharpness > BLURRED


class OneFrame:
    """A camera and a reader that a test tells what to give."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.codes: tuple[str, ...] = ()
        self.closed = 0

    def newest(self) -> Frame | None:
        return self.frame

    def read(self, picture: Picture) -> tuple[str, ...]:
        del picture
        return self.codes

    def close(self) -> None:
        self.closed += 1


def look_for(source: CameraCodes, camera: OneFrame, pictures: list[Picture], ms: int) -> object:
    seen: object = None
    for at_ms in range(0, ms, 100):
        camera.frame = Frame(pictures[at_ms // 100 % len(pictures)], at_ms)
        try:
            seen = source.look()
        except DeviceFaulty as error:
            seen = str(error)
    return seen


def test_fault_28_a_code_in_a_frozen_picture_is_not_given_out_any_more() -> None:
    camera = OneFrame()
    camera.codes = ("GP1:HELD",)
    source = CameraCodes(camera, camera, PictureWatch())
    frozen = [qr_picture("GP1:HELD", 4)]
    assert look_for(source, camera, frozen, 2000) == ("GP1:HELD",)
    assert look_for(source, camera, frozen, 5000) == Trouble.FROZEN.value
    source.close()
    assert camera.closed == 2


def test_fault_28_what_is_read_in_the_dark_is_given_out_and_its_absence_is_a_fault() -> None:
    camera = OneFrame()
    source = CameraCodes(camera, camera, PictureWatch())
    assert look_for(source, camera, seen("black"), 5000) == Trouble.BLACK.value
    camera.codes = ("GP1:HELD",)
    assert look_for(source, camera, seen("black"), 5000) == ("GP1:HELD",)


def test_pictures_from_files_may_be_black_and_the_same() -> None:
    camera = OneFrame()
    assert look_for(CameraCodes(camera, camera), camera, seen("black")[:1], 9000) == ()
    camera.frame = None
    assert CameraCodes(camera, camera, PictureWatch()).look() is None
