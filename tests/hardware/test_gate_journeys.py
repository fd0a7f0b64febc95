"""People at the gate, on real kernel devices, seen from outside and on the disk."""

import signal
from typing import Any

import pytest

from tests.hardware.centre import Centre
from tests.hardware.gate_on_bench import FEVERISH, HEALTHY, PAGE, UNLOCK_SECONDS, GateOnBench

pytestmark = pytest.mark.hardware
SLACK_S = 0.75
"""What an emulated processor on a busy host may add to a pulse."""


def test_a_healthy_resident_is_let_in_and_a_feverish_one_is_held(
    gate: GateOnBench, centre: Centre
) -> None:
    before = len(gate.relay.pulses)
    admitted = gate.pass_by(celsius=HEALTHY)
    assert (admitted["result"], admitted["reason"]) == ("admit", None)
    assert abs(admitted["temperature_centicelsius"] - 3660) <= 5
    assert admitted["readings"][0]["sensor"] == "mlx90614-bench"
    gate.wait(lambda: len(gate.relay.pulses) == before + 1, "the pulse")
    gate.wait_until_ready()
    held = gate.pass_by(celsius=FEVERISH)
    assert (held["result"], held["reason"]) == ("hold", "FEVER")
    assert abs(held["temperature_centicelsius"] - 3820) <= 5
    gate.wait(lambda: "FEVER" in centre.alerts(), "the collector's alert")
    assert len(gate.relay.pulses) == before + 1


def test_a_forged_pass_is_refused_and_opens_nothing(gate: GateOnBench, centre: Centre) -> None:
    before = len(gate.relay.pulses)
    refused = gate.pass_by(centre.forged_pass())
    assert (refused["result"], refused["reason"]) == ("refuse", "FORGED")
    assert "bearer" not in refused
    gate.wait(lambda: "FORGED_PASS" in centre.alerts(), "the collector's alert")
    assert len(gate.relay.pulses) == before


def test_the_lock_is_released_for_as_long_as_the_settings_say(gate: GateOnBench) -> None:
    before = len(gate.relay.pulses)
    for _ in range(3):
        gate.wait_until_ready()
        assert gate.pass_by()["result"] == "admit"
        gate.wait(lambda: gate.relay.is_high or len(gate.relay.pulses) > before, "the pulse")
    gate.wait(lambda: not gate.relay.is_high, "a shut lock")
    pulses = gate.relay.pulses[before:]
    lengths = [(round(p.at_least_s, 3), round(p.at_most_s, 3)) for p in pulses]
    print(f"pulses of {UNLOCK_SECONDS} s, at least and at most: {lengths}")
    assert len(pulses) == 3
    # The time counts from the call: what switching takes on a busy emulator is missing at the end.
    assert all(p.at_most_s > UNLOCK_SECONDS / 2 for p in pulses)
    assert all(p.at_least_s < UNLOCK_SECONDS + SLACK_S for p in pulses)


@pytest.mark.parametrize(
    "look",
    [
        {"module_pixels": 8},
        {"module_pixels": 3},
        {"blur": 2.0},
        {"tilt_degrees": 17.0},
        {"module_pixels": 4, "blur": 1.0, "tilt_degrees": -30.0},
    ],
    ids=str,
)
def test_a_pass_is_read_as_people_hold_it(gate: GateOnBench, look: dict[str, Any]) -> None:
    assert gate.pass_by(**look)["result"] == "admit"


def test_two_codes_in_one_frame_open_nothing(gate: GateOnBench, centre: Centre) -> None:
    mark, before = gate.mark(), len(gate.relay.pulses)
    look = f"while sleep 0.1; do busybox wget -q -O - '{PAGE}'; done"
    gate.guest.ask("start", name="pages", command=["sh", "-c", look])
    gate.show(centre.new_pass(), centre.new_pass(), celsius=HEALTHY, module_pixels=5)
    gate.wait(lambda: "One code at a time" in gate.log("pages"), "a request for one code alone")
    gate.guest.ask("signal", name="pages", number=signal.SIGKILL)
    assert gate.passages(mark) == []
    assert len(gate.relay.pulses) == before


def test_the_collector_has_exactly_what_stands_on_the_gates_disk(
    gate: GateOnBench, centre: Centre
) -> None:
    gate.pass_by()
    gate.wait(lambda: set(gate.hashes()) <= set(centre.records()), "everything acknowledged")
    rows = [row for row in centre.records() if row[0] in {epoch for epoch, *_ in gate.hashes()}]
    assert rows == sorted(gate.hashes())
