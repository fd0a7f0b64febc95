from collections.abc import Callable

import cv2
import numpy as np
import pytest

from bench.code_pictures import HEIGHT, KINDS, WIDTH, scenes
from bench.optics import expose, gate_wall
from drivers import Picture
from drivers.codes.rescue import (
    RESCUES,
    densest,
    enlarged,
    guide_square,
    levelled,
    sharpened,
    smoothed,
)
from drivers.codes.zxing import read_zxing
from tests.drivers.qr_pictures import qr_picture

TEXT = "GP1:" + "A1B2" * 42


def texts(picture: Picture) -> list[str]:
    return [code.text for code in read_zxing(picture)[0]]


@pytest.mark.parametrize(
    "shape", [(720, 1280), (480, 640), (1280, 720), (500, 500), (720, 1280, 3)]
)
def test_the_guide_square_is_the_largest_square_in_the_middle(shape: tuple[int, ...]) -> None:
    picture = np.zeros(shape, np.uint8)
    square = guide_square(picture)
    side = min(shape[:2])
    assert square.shape[:2] == (side, side)
    picture[shape[0] // 2, shape[1] // 2] = 255
    assert square[side // 2, side // 2].max() == 255


@pytest.mark.parametrize("seed", range(6))
def test_a_code_before_a_wall_is_the_densest_part_and_is_cut_out_whole(seed: int) -> None:
    random = np.random.default_rng(seed)
    wall, code = gate_wall(WIDTH, HEIGHT, random), qr_picture(TEXT, 5)
    side = code.shape[0]
    top, left = int(random.integers(0, HEIGHT - side)), int(random.integers(0, WIDTH - side))
    wall[top : top + side, left : left + side] = code
    part = densest(expose(wall, 0.8, 3, random))
    assert part is not None
    assert texts(part) == [TEXT]
    assert part.size < 3 * code.size


def test_a_plain_wall_has_no_part_that_stands_out() -> None:
    wall = np.full((HEIGHT, WIDTH), 120, np.uint8)
    assert densest(wall) is None
    assert densest(expose(wall, 1.0, 5, np.random.default_rng(1))) is None


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (40, 2), (17, 31), (1100, 1100)])
def test_no_size_of_picture_is_too_odd(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, size).astype(np.uint8)
    part = densest(noise)
    assert part is None or part.size
    for rescue in RESCUES:
        assert max(rescue(noise).shape) <= max(1000, *size)


@pytest.mark.parametrize(
    ("rescue", "kind"),
    [(sharpened, "blur"), (enlarged, "small"), (smoothed, "dim"), (levelled, "glare")],
)
def test_each_rescue_brings_to_light_what_it_is_for(
    rescue: Callable[[Picture], Picture], kind: str
) -> None:
    assert rescue in RESCUES
    assert kind in KINDS
    for scene in scenes(kind, 3, 40, 1):
        part = densest(guide_square(scene.frames[0]))
        if texts(scene.frames[0]) or part is None:
            continue
        found = texts(rescue(part))
        assert found in ([], [scene.text])
        if found:
            return
    raise AssertionError("none of 40 passes was rescued")


def test_a_rescue_leaves_its_picture_as_it_was() -> None:
    picture = cv2.resize(qr_picture(TEXT, 2), (300, 300))
    kept = picture.copy()
    for rescue in RESCUES:
        rescue(np.asarray(picture, np.uint8))
    assert np.array_equal(picture, kept)
