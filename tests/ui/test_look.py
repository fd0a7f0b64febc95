"""The shared look: contrasts computed from the tokens, and icons."""

import re
from typing import Final

import pytest

from ui import STATIC
from ui.templating import icon

_CSS: Final = (STATIC / "tokens.css").read_text(encoding="utf-8")
_COLOURS: Final = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", _CSS
    )
}
_FACES: Final = ("ready", "checking", "pass", "stop-fever", "stop", "fault")
_MARKS: Final = ("pass", "hold", "stop", "fault", "info")
_PAIRS: Final = [
    *((f"face-{face}-ink", f"face-{face}") for face in _FACES),
    *((mark, f"{mark}-ground") for mark in _MARKS),
    *((ink, ground) for ink in ("ink", "ink-quiet") for ground in ("ground", "surface", "raised")),
    ("stop", "surface"),
    ("pass", "surface"),
]


@pytest.mark.parametrize("look", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize(("ink", "ground"), _PAIRS)
def test_every_ink_has_a_contrast_of_seven_on_its_ground(ink: str, ground: str, look: int) -> None:
    assert _contrast(_COLOURS[ink][look], _COLOURS[ground][look]) >= 7


def test_an_icon_takes_the_texts_colour_and_says_nothing_to_a_screen_reader() -> None:
    svg = icon("hand")
    assert 'stroke="currentColor"' in svg
    assert 'aria-hidden="true"' in svg
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def _contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
