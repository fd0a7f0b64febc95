"""A gate with a door contact, an exit button, lamps and a buzzer, in a world where people walk through."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from checkpoint.gate import door
from checkpoint.records import (
    Cause,
    Crossing,
    Device,
    DeviceChange,
    DeviceState,
    DoorChange,
    DoorState,
    Evidence,
    Opened,
    Result,
)
from drivers.door.lamps_buzzer import LampsAndBuzzer
from drivers.simulated.door import DOOR_FILE
from drivers.simulated.world import SIGNALS_FILE, Scene, play_scene
from kiosk.screen import board
from kiosk.screen.fragments import Surface
from kiosk.screen.request_routes import RequestRoutes
from kiosk.screen.server import serve
from tests.kiosk.one_gate import OneGate, running_gate
from tests.patience import PATIENCE_S

KINDS = ("door", "exit_button", "annunciator")


def with_parts(config: str) -> str:
    tables = "".join(f'[{kind}]\nkind = "simulated"\nworld = "east-in/world"\n\n' for kind in KINDS)
    # Whoever pushes the door after 100 ms must find it unlocked, however busy the machine is.
    config = config.replace("unlock_seconds = 0.3", "unlock_seconds = 1.5")
    return config.replace("[screen]\n", f"{tables}[screen]\n")


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[OneGate]:
    with running_gate(tmp_path, with_parts) as gate:
        yield gate


def crossings(gate: OneGate) -> list[Evidence]:
    return [record.how for record in gate.records() if isinstance(record, Crossing)]


def door_states(gate: OneGate) -> list[DoorState]:
    return [record.state for record in gate.records() if isinstance(record, DoorChange)]


def signals(gate: OneGate) -> list[tuple[str, bool]]:
    """The parts that were switched on and off."""
    path = gate.world / SIGNALS_FILE
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [(line["part"], line["on"]) for line in lines]


def sounds(gate: OneGate) -> int:
    """How often the buzzer has begun to sound."""
    return signals(gate).count(("buzzer", True))


def was_lit(gate: OneGate, part: str) -> bool:
    """Whether it ever was; it may be dark again before a busy test looks."""
    return (part, True) in signals(gate)


def lit(gate: OneGate) -> set[str]:
    return {part for part, on in dict(signals(gate)).items() if on}


def doors_own_moves(gate: OneGate) -> list[bool]:
    path = gate.world / DOOR_FILE
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line)["open"] for line in lines]


def test_who_is_let_in_walks_through_and_the_contact_says_so(gate: OneGate) -> None:
    gate.play(gate.pass_of(0))
    [passage] = gate.wait_for_passages(1)
    assert passage.result is Result.ADMIT
    gate.wait(lambda: crossings(gate) == [Evidence.DOOR])
    gate.wait(lambda: doors_own_moves(gate) == [True, False])
    assert door_states(gate) == []


def test_who_is_let_in_and_does_not_go_has_not_gone(gate: OneGate) -> None:
    gate.play(gate.pass_of(0), door="stuck")
    gate.wait_for_passages(1)
    gate.wait(lambda: crossings(gate) == [Evidence.ANNULLED])


def test_fault_24_a_door_that_does_not_move_for_three_admissions_is_stuck_until_it_moves(
    gate: OneGate,
) -> None:
    for number in range(door.STUCK_AFTER):
        assert door_states(gate) == []
        gate.play(gate.pass_of(number + 4), door="stuck")
        gate.wait(lambda count=number + 1: crossings(gate) == [Evidence.ANNULLED] * count)  # type: ignore[misc]
        gate.quiet()
    gate.wait(lambda: door_states(gate) == [DoorState.STUCK])
    gate.play(gate.pass_of(7))
    gate.wait(lambda: door_states(gate) == [DoorState.STUCK, DoorState.MOVES])


def test_fault_25_a_door_that_is_left_open_is_held_until_it_shuts(
    gate: OneGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "HELD_OPEN_MS", 900)
    gate.play(gate.pass_of(0), door="held")
    gate.wait(lambda: door_states(gate) == [DoorState.HELD])
    assert crossings(gate) == [Evidence.DOOR]
    gate.wait(lambda: sounds(gate) >= 3)
    gate.quiet()
    gate.wait(lambda: door_states(gate) == [DoorState.HELD, DoorState.SHUT])


@pytest.mark.parametrize("how", ["forced", "unplugged"])
def test_fault_26_a_door_that_opens_while_nothing_opened_it_was_forced(
    gate: OneGate, how: str
) -> None:
    gate.wait_until_it_serves()
    play_scene(gate.world, Scene(door=how))  # type: ignore[arg-type]
    gate.wait(lambda: door_states(gate) == [DoorState.FORCED])
    gate.wait(lambda: sounds(gate) >= 3)
    gate.quiet()
    gate.wait(lambda: door_states(gate) == [DoorState.FORCED, DoorState.SHUT])
    assert gate.pulses() == 0


def test_fault_25_a_door_that_stands_open_when_the_gate_starts_is_held_and_not_forced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "HELD_OPEN_MS", 900)
    gate = OneGate(tmp_path, with_parts)
    monkeypatch.setattr("drivers.door.door_contact.DoorContact.is_open", lambda _: True)
    gate.start()
    try:
        gate.wait(lambda: door_states(gate) == [DoorState.HELD])
    finally:
        gate.stop()
        gate.store.close()


def test_the_exit_button_opens_for_whoever_is_inside_and_that_is_recorded(gate: OneGate) -> None:
    gate.wait_until_it_serves()
    play_scene(gate.world, Scene(exit_button="pressed"))
    gate.wait(lambda: gate.lock_changes() == [True, False])
    opened = [record for record in gate.records() if isinstance(record, Opened)]
    assert [record.cause for record in opened] == [Cause.EXIT_BUTTON]
    gate.wait(lambda: doors_own_moves(gate) == [True, False])
    assert door_states(gate) == []


def test_lamps_say_what_the_screen_says(gate: OneGate) -> None:
    gate.play(gate.pass_of(0))
    gate.wait(lambda: was_lit(gate, "green"))
    assert not was_lit(gate, "red")
    gate.quiet()
    gate.wait(lambda: lit(gate) == set())
    gate.play("no pass at all")
    gate.wait(lambda: was_lit(gate, "red"))


def test_while_no_page_is_shown_the_buzzer_speaks(gate: OneGate) -> None:
    gate.play(gate.pass_of(0))
    gate.wait(lambda: sounds(gate) >= 3)  # taken, and two for go


def test_while_a_page_is_shown_the_buzzer_leaves_the_word_to_it(
    gate: OneGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(gate.board, RequestRoutes(gate.request_queue, None, "token"), 0, Surface())
    assert served is not None
    with served:
        with (
            httpx.stream("GET", f"{served.address}events", timeout=PATIENCE_S) as page,
            monkeypatch.context() as patient,
        ):
            # A busy machine may keep the page's server from its turn for longer than a second.
            patient.setattr(board, "SHOWN_FOR_S", PATIENCE_S)
            next(page.iter_raw())
            gate.wait(gate.board.is_shown)
            before = sounds(gate)
            gate.play(gate.pass_of(0))
            gate.wait(lambda: was_lit(gate, "green"))
            gate.wait(lambda: crossings(gate) == [Evidence.DOOR])
            assert sounds(gate) == before
        gate.wait(lambda: not gate.board.is_shown())
        gate.quiet()
        gate.play("no pass at all")
        gate.wait(lambda: sounds(gate) > before)


def test_parts_that_the_config_does_not_name_have_no_lamp_on_the_page(tmp_path: Path) -> None:
    with running_gate(tmp_path) as gate:
        gate.wait_until_it_serves()
        assert gate.lamps().isdisjoint({"Door contact", "Exit button", "Lamps and buzzer"})


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this machine has pins")
def test_a_gate_whose_pins_are_missing_says_so_and_serves_on(tmp_path: Path) -> None:
    def on_pins(config: str) -> str:
        return with_parts(config).replace(
            '[door]\nkind = "simulated"\nworld = "east-in/world"', '[door]\nkind = "gpio"\npin = 27'
        )

    with running_gate(tmp_path, on_pins) as gate:
        gate.play(gate.pass_of(0))
        gate.wait_for_passages(1)
        gate.wait(lambda: crossings(gate) == [Evidence.RELOCK])
        changes = [
            (record.device, record.state)
            for record in gate.records()
            if isinstance(record, DeviceChange)
        ]
    assert (Device.DOOR, DeviceState.GONE) in changes


class WornPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that cannot be switched while it is worn."""

    worn = False

    def _set_state(self, value: bool) -> None:
        if type(self).worn:
            raise OSError(5, "Input/output error")
        super()._set_state(value)


def test_lamps_that_fail_stop_nothing_and_are_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = MockFactory(pin_class=WornPin)
    gate = OneGate(tmp_path, with_parts)
    gate.start(
        lambda parts: replace(
            parts, find_annunciator=lambda: LampsAndBuzzer(23, 24, 25, pin_factory=pins)
        )
    )

    def changes() -> list[DeviceState]:
        return [
            record.state
            for record in gate.records()
            if isinstance(record, DeviceChange) and record.device is Device.ANNUNCIATOR
        ]

    try:
        gate.wait_until_it_serves()
        monkeypatch.setattr(WornPin, "worn", True)
        gate.play(gate.pass_of(0))
        gate.wait(lambda: changes() == [DeviceState.GONE])
        gate.wait(lambda: crossings(gate) == [Evidence.DOOR])
        monkeypatch.setattr(WornPin, "worn", False)
        gate.wait(lambda: changes() == [DeviceState.GONE, DeviceState.OK])
    finally:
        gate.stop()
        gate.store.close()
