"""Two parts on one pin: refused at the start, with both keys named."""

from pathlib import Path

import pytest

from config.settings import GateSettings
from config.settings.error import ConfigError
from config.settings.load import load_gate

EXAMPLE = Path(__file__).parents[2] / "config" / "gate.toml"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("pin = 27", "pin = 17"), "door: pin must not be lock.pin's"),
        (("pin = 22", "pin = 27"), "exit_button: pin must not be door.pin's"),
        (
            ("red_pin = 24", "red_pin = 23"),
            "annunciator: red_pin must not be annunciator.green_pin's",
        ),
        (
            ("buzzer_pin = 25", "buzzer_pin = 22"),
            "annunciator: buzzer_pin must not be exit_button.pin's",
        ),
    ],
)
def test_a_pin_has_one_part(tmp_path: Path, change: tuple[str, str], problem: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count(f"\n{change[0]}\n") == 1
    config = tmp_path / "gate.toml"
    config.write_text(text.replace(f"\n{change[0]}\n", f"\n{change[1]}\n"), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_gate(config)
    assert [each.split(", not ")[0] for each in refused.value.problems] == [problem]


def test_a_gate_without_door_button_or_lamps_says_nothing_of_them() -> None:
    without = {
        name: table
        for name, table in load_gate(EXAMPLE).model_dump().items()
        if name not in {"door", "exit_button", "annunciator"}
    }
    settings = GateSettings.model_validate(without)
    assert {settings.door.kind, settings.exit_button.kind, settings.annunciator.kind} == {"none"}
