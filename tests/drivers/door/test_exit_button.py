import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers import DeviceGone
from drivers.door.exit_button import BOUNCE_MS, PushButton
from drivers.simulated.door import SimulatedExitButton
from drivers.simulated.pins import SwitchPins
from drivers.simulated.world import Scene, play_scene
from tests.drivers.waiting import eventually

LONG_S = 2 * BOUNCE_MS / 1000


@pytest.fixture
def pins() -> SwitchPins:
    """Nobody presses: the switch does not conduct."""
    return SwitchPins(starts_high=True)


@pytest.fixture
def button(pins: SwitchPins) -> Iterator[PushButton]:
    button = PushButton(22, pin_factory=pins)
    yield button
    button.close()


def test_a_press_is_told_once(button: PushButton, pins: SwitchPins) -> None:
    assert not button.was_pressed()
    pins.pin(22).drive_low()
    eventually(button.was_pressed)
    time.sleep(LONG_S)
    assert not button.was_pressed()  # held
    pins.pin(22).drive_high()
    time.sleep(LONG_S)
    assert not button.was_pressed()  # let go
    pins.pin(22).drive_low()
    eventually(button.was_pressed)


def test_a_press_between_two_looks_is_not_missed(button: PushButton, pins: SwitchPins) -> None:
    pins.pin(22).drive_low()
    time.sleep(LONG_S)
    pins.pin(22).drive_high()
    eventually(button.was_pressed)


def test_a_button_whose_wires_touch_at_the_start_is_not_pressed() -> None:
    button = PushButton(22, pin_factory=SwitchPins(starts_high=False))
    time.sleep(LONG_S)
    assert not button.was_pressed()
    button.close()


def test_a_button_that_opens_its_circuit_is_the_other_way_round() -> None:
    pins = SwitchPins(starts_high=False)
    button = PushButton(22, pressed_high=True, pin_factory=pins)
    assert not button.was_pressed()
    pins.pin(22).drive_high()
    eventually(button.was_pressed)
    button.close()


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has pins")
def test_without_a_gpio_chip_there_is_no_button_and_the_message_names_the_key() -> None:
    with pytest.raises(DeviceGone, match=r"exit_button\.pin"):
        PushButton(22)


def test_the_scene_presses_the_simulated_button(tmp_path: Path) -> None:
    button = SimulatedExitButton(tmp_path)
    assert not button.was_pressed()
    play_scene(tmp_path, Scene(exit_button="pressed"))
    eventually(button.was_pressed)
    time.sleep(LONG_S)
    assert not button.was_pressed()
    button.close()
