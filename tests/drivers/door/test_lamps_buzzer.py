import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from drivers import DeviceGone, Signal
from drivers.door.lamps_buzzer import SCORES, LampsAndBuzzer
from drivers.simulated.world import SIGNALS_FILE, simulated_annunciator
from tests.drivers.waiting import eventually

GREEN, RED, BUZZER = 23, 24, 25


class BrokenPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that fails to switch so many times."""

    failures = 0

    def _set_state(self, value: bool) -> None:
        if self.failures > 0:
            self.failures -= 1
            raise OSError(5, "Input/output error")
        super()._set_state(value)


@pytest.fixture
def pins() -> MockFactory:
    return MockFactory(pin_class=BrokenPin)


@pytest.fixture
def annunciator(pins: MockFactory) -> Iterator[LampsAndBuzzer]:
    annunciator = LampsAndBuzzer(GREEN, RED, BUZZER, pin_factory=pins)
    yield annunciator
    annunciator.close()


def lit(pins: MockFactory) -> tuple[bool, bool]:
    """Green, red."""
    return bool(pins.pin(GREEN).state), bool(pins.pin(RED).state)


def sounds(pins: MockFactory) -> int:
    """How many times the buzzer has begun to sound."""
    return sum(state.state for state in pins.pin(BUZZER).states)


def test_a_new_one_is_dark_and_silent(annunciator: LampsAndBuzzer, pins: MockFactory) -> None:
    assert [pins.pin(pin).state for pin in (GREEN, RED, BUZZER)] == [False] * 3
    annunciator.announce(Signal.QUIET, aloud=True)
    assert all(len(pins.pin(pin).states) == 1 for pin in (GREEN, RED, BUZZER))


@pytest.mark.parametrize(
    ("signal", "lamps", "beeps"),
    [
        (Signal.QUIET, (False, False), 0),
        (Signal.TAKEN, (False, False), 1),
        (Signal.PASS, (True, False), 2),
        (Signal.STOP, (False, True), 1),
    ],
)
def test_each_signal_has_its_lamp_and_its_sound(
    annunciator: LampsAndBuzzer,
    pins: MockFactory,
    signal: Signal,
    lamps: tuple[bool, bool],
    beeps: int,
) -> None:
    annunciator.announce(signal, aloud=True)
    eventually(lambda: sounds(pins) == beeps and not pins.pin(BUZZER).state)
    assert lit(pins) == lamps


@pytest.mark.parametrize("signal", Signal)
def test_what_is_not_said_aloud_is_lit_only(
    annunciator: LampsAndBuzzer, pins: MockFactory, signal: Signal
) -> None:
    annunciator.announce(signal, aloud=False)
    # From the pins' own record: an alarm's lamp is off again after 200 ms.
    was_lit = tuple(any(each.state for each in pins.pin(pin).states) for pin in (GREEN, RED))
    assert was_lit == (SCORES[signal][0].green, SCORES[signal][0].red)
    assert sounds(pins) == 0


def test_an_alarm_flashes_and_sounds_until_another_signal_takes_its_place(
    annunciator: LampsAndBuzzer, pins: MockFactory
) -> None:
    annunciator.announce(Signal.ALARM, aloud=True)
    eventually(lambda: sounds(pins) >= 3)
    annunciator.announce(Signal.QUIET, aloud=False)
    assert lit(pins) == (False, False)
    assert not pins.pin(BUZZER).state


def test_every_score_ends_in_silence() -> None:
    assert not any(score[-1].buzzer for score in SCORES.values())
    assert {score[-1].for_ms for score in SCORES.values()} == {0}


def test_a_pin_that_cannot_be_switched_is_said(
    annunciator: LampsAndBuzzer, pins: MockFactory
) -> None:
    pins.pin(GREEN).failures = 1
    with pytest.raises(DeviceGone, match=r"annunciator\.green_pin"):
        annunciator.announce(Signal.PASS, aloud=False)
    annunciator.announce(Signal.PASS, aloud=False)
    assert lit(pins) == (True, False)


def test_a_buzzer_that_does_not_fall_silent_is_tried_until_it_does(
    annunciator: LampsAndBuzzer, pins: MockFactory
) -> None:
    annunciator.announce(Signal.TAKEN, aloud=True)
    pins.pin(BUZZER).failures = 3
    eventually(lambda: not pins.pin(BUZZER).state)


def test_parts_that_are_on_when_low_are_off_at_the_start(pins: MockFactory) -> None:
    annunciator = LampsAndBuzzer(GREEN, RED, BUZZER, active_high=False, pin_factory=pins)
    assert [pins.pin(pin).state for pin in (GREEN, RED, BUZZER)] == [True] * 3
    annunciator.announce(Signal.STOP, aloud=False)
    assert lit(pins) == (True, False)
    annunciator.close()


def test_close_is_dark_and_silent_and_may_come_twice(pins: MockFactory) -> None:
    annunciator = LampsAndBuzzer(GREEN, RED, BUZZER, pin_factory=pins)
    annunciator.announce(Signal.ALARM, aloud=True)
    annunciator.close()
    annunciator.close()
    assert [pins.pin(pin).state for pin in (GREEN, RED, BUZZER)] == [False] * 3


def test_one_that_failed_closes_all_the_same_and_the_next_can_take_its_pins(
    pins: MockFactory,
) -> None:
    annunciator = LampsAndBuzzer(GREEN, RED, BUZZER, pin_factory=pins)
    annunciator.announce(Signal.STOP, aloud=False)
    pins.pin(RED).failures = 1000
    annunciator.close()
    pins.pin(RED).failures = 0
    LampsAndBuzzer(GREEN, RED, BUZZER, pin_factory=pins).close()


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has pins")
def test_without_a_gpio_chip_there_is_none_and_the_message_names_the_table() -> None:
    with pytest.raises(DeviceGone, match="annunciator"):
        LampsAndBuzzer(GREEN, RED, BUZZER)


def test_a_pin_that_does_not_exist_is_named_and_the_others_are_let_go(pins: MockFactory) -> None:
    with pytest.raises(DeviceGone, match=r"annunciator\.buzzer_pin: GPIO 99"):
        LampsAndBuzzer(GREEN, RED, 99, pin_factory=pins)
    LampsAndBuzzer(GREEN, RED, BUZZER, pin_factory=pins).close()


def test_the_world_records_what_the_simulated_parts_did(tmp_path: Path) -> None:
    annunciator = simulated_annunciator(tmp_path)
    annunciator.announce(Signal.STOP, aloud=True)

    def changes() -> list[dict[str, Any]]:
        return [json.loads(line) for line in (tmp_path / SIGNALS_FILE).read_text().splitlines()]

    eventually(lambda: len(changes()) == 3)
    annunciator.close()
    assert [(line["part"], line["on"]) for line in changes()] == [
        ("red", True),
        ("buzzer", True),
        ("buzzer", False),
        ("red", False),
    ]
