"""People at the gate, on real kernel devices, seen from outside and on the disk."""

import signal
from typing import Any

import pytest

from tests.hardware.centre import Centre
from tests.hardware.gate_on_bench import EVENTS, FEVERISH, HEALTHY, GateOnBench

pytestmark = pytest.mark.hardware


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
    gate.guest.ask("start", name="pages", command=["busybox", "wget", "-q", "-O", "-", EVENTS])
    gate.wait(lambda: "event: resident" in gate.log("pages"), "the page's first state")
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
    # Of the epoch that is being written: before it the journal may have been damaged.
    now = gate.hashes()[-1][0]
    acknowledged = [row for row in centre.records() if row[0] == now]
    assert acknowledged == [row for row in gate.hashes() if row[0] == now]
