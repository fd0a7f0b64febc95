"""The door's contact and the exit button by the kernel's own edges, the lock, lamps and alarms that follow."""

import pytest

from tests.hardware.centre import Centre
from tests.hardware.gate_on_bench import (
    FEVERISH,
    GREEN_LINE,
    RED_LINE,
    UNLOCK_SECONDS,
    GateOnBench,
)
from tests.hardware.machine.qtest import LineWatch

pytestmark = pytest.mark.hardware
SLACK_S = 0.75
"""What an emulated processor on a busy host may add to a pulse."""


def crossings(gate: GateOnBench, after: int) -> list[str]:
    return [record["how"] for record in gate.records(after) if record["kind"] == "crossing"]


def test_who_goes_through_is_seen_by_the_contact_and_nobody_can_follow(gate: GateOnBench) -> None:
    mark, before = gate.mark(), len(gate.relay.pulses)
    gate.pass_by()
    gate.wait(lambda: crossings(gate, mark) == ["door"], "the crossing")
    gate.wait(lambda: not gate.relay.is_high, "a shut lock")
    assert len(gate.relay.pulses) == before + 1
    assert gate.door_states(mark) == []


def test_fault_24_three_whole_pulses_and_a_door_that_never_moves_are_an_alarm(
    gate: GateOnBench, centre: Centre
) -> None:
    mark, before = gate.mark(), len(gate.relay.pulses)
    for number in range(3):
        assert gate.ask_for_passage()["result"] == "admit"
        gate.wait(lambda n=number: len(crossings(gate, mark)) == n + 1, "an annulled crossing")  # type: ignore[misc]
    assert crossings(gate, mark) == ["annulled"] * 3
    gate.wait(lambda: gate.door_states(mark) == ["stuck"], "the alarm")
    pulses = gate.relay.pulses[before:]
    lengths = [(round(p.at_least_s, 3), round(p.at_most_s, 3)) for p in pulses]
    print(f"pulses of {UNLOCK_SECONDS} s, at least and at most: {lengths}")
    assert len(pulses) == 3
    # The time counts from the call: what switching takes on a busy emulator is missing at the end.
    assert all(p.at_most_s > UNLOCK_SECONDS / 2 for p in pulses)
    assert all(p.at_least_s < UNLOCK_SECONDS + SLACK_S for p in pulses)
    gate.wait(lambda: "DOOR_STUCK" in centre.alerts(), "the collector's alert")
    gate.pass_by()
    gate.wait(lambda: gate.door_states(mark) == ["stuck", "moves"], "a door that moves again")


def test_fault_26_a_door_that_opens_by_itself_was_forced(gate: GateOnBench, centre: Centre) -> None:
    mark = gate.mark()
    gate.move_door(is_open=True)
    gate.wait(lambda: gate.door_states(mark) == ["forced"], "the alarm")
    gate.move_door(is_open=False)
    gate.wait(lambda: gate.door_states(mark) == ["forced", "shut"], "a shut door")
    gate.wait(lambda: "DOOR_FORCED" in centre.alerts(), "the collector's alert")


def test_fault_25_a_door_that_is_held_open_is_an_alarm(gate: GateOnBench, centre: Centre) -> None:
    mark = gate.mark()
    assert gate.ask_for_passage()["result"] == "admit"
    gate.move_door(is_open=True)
    gate.wait(lambda: gate.door_states(mark) == ["held"], "the alarm")
    gate.move_door(is_open=False)
    gate.wait(lambda: gate.door_states(mark) == ["held", "shut"], "a shut door")
    gate.wait(lambda: "DOOR_HELD_OPEN" in centre.alerts(), "the collector's alert")


def test_the_exit_button_opens_and_that_is_recorded(gate: GateOnBench) -> None:
    mark, before = gate.mark(), len(gate.relay.pulses)
    gate.press_exit_button()
    gate.wait(lambda: len(gate.relay.pulses) == before + 1, "the pulse")
    gate.wait(
        lambda: "exit_button" in [record.get("cause") for record in gate.records(mark)],
        "the record",
    )


def test_lamps_say_what_the_screen_says(gate: GateOnBench) -> None:
    pins = gate.machine.pins
    green, red = LineWatch(pins, GREEN_LINE), LineWatch(pins, RED_LINE)
    try:
        gate.pass_by()
        gate.wait(lambda: green.pulses, "the green lamp")
        assert not red.pulses
        gate.wait_until_ready()
        gate.pass_by(celsius=FEVERISH)
        gate.wait(lambda: red.pulses, "the red lamp")
        assert len(green.pulses) == 1
    finally:
        green.close()
        red.close()
