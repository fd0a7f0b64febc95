"""Blurs that were put on a code come off again."""

import numpy as np
import pytest

from bench.optics import defocus, expose, move
from drivers import Picture
from drivers.codes.deblur import deblurred
from drivers.codes.reader import QrReader
from drivers.codes.zxing import read_zxing
from tests.drivers.qr_pictures import qr_picture

TEXT = "GP1:" + "A1B2" * 42


def photographed(picture: Picture) -> Picture:
    return expose(picture, 0.9, 3, np.random.default_rng(1))


def texts(picture: Picture) -> list[str]:
    return [code.text for code in read_zxing(picture)[0]]


@pytest.mark.parametrize(
    "blurred",
    [
        defocus(qr_picture(TEXT, 5), 4.6),
        move(qr_picture(TEXT, 5), 11.0, 0.0),
        move(qr_picture(TEXT, 5), 11.0, np.pi / 4),
    ],
    ids=["out of focus", "moved", "moved aslant"],
)
def test_a_blurred_code_that_nothing_else_reads_is_read_once_its_blur_is_taken_back(
    blurred: Picture,
) -> None:
    picture = photographed(blurred)
    assert texts(picture) == []
    found = [texts(each) for each in deblurred(picture)]
    assert [TEXT] in found
    assert all(each in ([], [TEXT]) for each in found)
    wall = np.full((720, 1280), 120, np.uint8)
    height, width = picture.shape
    wall[100 : 100 + height, 300 : 300 + width] = picture
    reader = QrReader()
    try:
        assert reader.read_still(photographed(wall)) == (TEXT,)
    finally:
        reader.close()


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (40, 2), (17, 31)])
def test_every_size_comes_out_twice_as_large(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, size).astype(np.uint8)
    height, width = size
    assert {each.shape for each in deblurred(noise)} == {(2 * height, 2 * width)}
