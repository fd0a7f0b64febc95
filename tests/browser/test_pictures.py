"""docs/screens.md shows the pages as they are."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser

from checkpoint.gate.context import Face
from tests.browser.pictures import FOLDER, Picture, gate_pictures, staff_pictures
from ui.words import LANGUAGES, Language

_DOCUMENT: Final = (FOLDER.parents[1] / "screens.md").read_text(encoding="utf-8")
_LARGEST_BYTES: Final = 60_000
_LARGEST_SUM_BYTES: Final = 1_200_000
_GRID: Final = (32, 20)
_MOST_APART: Final = 14.0
"""Of 255, as a mean over the grid: other fonts and other times of day stay below, another state does not."""


def test_the_document_shows_every_picture_once_and_none_that_is_not_there() -> None:
    shown = re.findall(r"images/screens/(\S+\.webp)", _DOCUMENT)
    assert sorted(shown) == sorted(path.name for path in FOLDER.iterdir())


def test_every_state_is_shown_in_both_languages() -> None:
    for language in LANGUAGES:
        for face in Face:
            assert f"{language}-{face.value}.webp" in _DOCUMENT


def test_the_pictures_are_small() -> None:
    sizes = [path.stat().st_size for path in FOLDER.iterdir()]
    assert max(sizes) < _LARGEST_BYTES
    assert sum(sizes) < _LARGEST_SUM_BYTES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("of", [gate_pictures, staff_pictures])
def test_they_show_what_the_pages_show_today(
    chromium: Browser,
    of: Callable[[Browser, Language, Callable[[str, Picture], None]], None],
    language: Language,
) -> None:
    stale: dict[str, float] = {}

    def compare(name: str, picture: Picture) -> None:
        apart = _apart(picture, FOLDER / f"{name}.webp")
        if apart > _MOST_APART:
            stale[name] = apart

    of(chromium, language, compare)
    assert stale == {}, "take them anew: ./run pictures"


def _apart(picture: Picture, path: Path) -> float:
    kept = cv2.imread(str(path))
    assert kept is not None, path
    return float(np.abs(_coarse(picture) - _coarse(kept)).mean())


def _coarse(picture: NDArray[np.generic]) -> NDArray[np.float32]:
    small = cv2.resize(np.asarray(picture, np.uint8), _GRID, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32)
