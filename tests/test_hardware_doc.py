"""docs/hardware.md says what the example settings say, and its drawings show the same pins."""

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from config.settings.load import load_gate
from drivers.thermometer import mlx90614, mlx90632

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "hardware.md").read_text(encoding="utf-8")
IMAGES = re.findall(r"\]\((images/[\w-]+\.svg)\)", TEXT)
# The 40-pin header as every Raspberry Pi since 2014 has it.
HEADER = {2: 3, 3: 5, 17: 11, 27: 13, 22: 15, 23: 16, 24: 18, 25: 22}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading's cell."""
    table = TEXT.split(f"| {heading} |", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def words(image: str) -> str:
    root = ElementTree.parse(ROOT / "docs" / image).getroot()
    return " ".join(text.strip() for text in root.itertext())


@pytest.mark.parametrize("row", rows("part | GPIO"), ids=lambda row: row[0])
def test_a_part_is_on_the_pin_that_the_example_settings_say(row: list[str]) -> None:
    _, gpios, pins, key = row
    numbers = [int(number) for number in gpios.split(",")]
    assert [HEADER[number] for number in numbers] == [int(pin) for pin in pins.split(",")]
    path, _, value = key.partition(" = ")
    table, name = path.strip("`").split(".")
    example = getattr(getattr(load_gate(ROOT / "config" / "gate.toml"), table), name)
    assert example == int(value or gpios)


def test_the_drawings_are_there_and_name_the_same_pins() -> None:
    assert IMAGES == ["images/wiring.svg", "images/lock-strike.svg", "images/lock-magnet.svg"]
    drawn = words("images/wiring.svg")
    assert {int(number) for number in re.findall(r"GPIO (\d+)", drawn)} == set(HEADER) - {2, 3}
    assert "GPIO 17" in words("images/lock-strike.svg")
    assert "GPIO 22" in words("images/lock-magnet.svg")


@pytest.mark.parametrize("image", IMAGES)
def test_a_drawing_can_be_read_by_those_who_do_not_see_it(image: str) -> None:
    root = ElementTree.parse(ROOT / "docs" / image).getroot()
    assert root.get("role") == "img"
    described = [child.tag.rpartition("}")[2] for child in root][:2]
    assert described == ["title", "desc"]


@pytest.mark.parametrize("row", rows("part | view"), ids=lambda row: row[0])
def test_a_spot_is_as_wide_as_the_view_makes_it(row: list[str]) -> None:
    part, view, accuracy, near, far = row
    width = 2 * math.tan(math.radians(float(view.rstrip("°")) / 2))
    assert [round(width * distance) for distance in (10, 30)] == [
        int(spot.removesuffix(" cm")) for spot in (near, far)
    ]
    if part == "MLX90632":
        stated = mlx90632.ACCURACY_CELSIUS
    else:
        stated = mlx90614.ACCURACY_CELSIUS["medical" if part.startswith("-D") else "generic"]
    assert accuracy == f"{stated} °C"


def test_the_addresses_are_those_that_the_drivers_ask_at() -> None:
    told = {int(address, 16) for address in re.findall(r"0x[0-9A-F]{2}\b", TEXT)}
    low = mlx90632.DEFAULT_ADDRESS  # its ADDR pin is the lowest bit
    assert told == {low, low | 1, mlx90614.DEFAULT_ADDRESS}
