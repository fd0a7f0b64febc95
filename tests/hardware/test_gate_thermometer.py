"""The thermometer fails, live: over the kernel's i2c-tiny-usb, with the kernel's packet error check."""

import pytest

from tests.hardware.gate_on_bench import HEALTHY, GateOnBench

pytestmark = pytest.mark.hardware


def person_is_held_for(gate: GateOnBench, reason: str) -> None:
    """A resident with a good pass: the door stays shut, and nothing is called a temperature."""
    before = len(gate.relay.pulses)
    held = gate.pass_by(celsius=HEALTHY)
    assert (held["result"], held["reason"]) == ("hold", reason), held
    assert "temperature_centicelsius" not in held
    assert len(gate.relay.pulses) == before


def comes_back_by_itself(gate: GateOnBench, mark: int) -> None:
    gate.wait(lambda: gate.device_states(mark, "thermometer")[-1:] == ["ok"], "the thermometer")
    assert gate.pass_by()["result"] == "admit"


def test_fault_31_every_single_bit_flip_is_discarded_by_the_kernels_check(
    gate: GateOnBench,
) -> None:
    mark, reads = gate.mark(), gate.guest.ask("sensor_reads")
    gate.sensor(flips_one_bit=True)
    gate.wait_for_device(mark, "thermometer", "gone")
    person_is_held_for(gate, "NO_READING")
    gate.wait(lambda: gate.guest.ask("sensor_reads") > reads + 48, "all 24 flips twice")
    assert gate.device_states(mark, "thermometer") == ["gone"]
    gate.sensor(flips_one_bit=False)
    comes_back_by_itself(gate, mark)


def test_fault_30_a_sensor_that_does_not_acknowledge(gate: GateOnBench) -> None:
    mark = gate.mark()
    gate.sensor(answers=False)
    gate.wait_for_device(mark, "thermometer", "gone")
    person_is_held_for(gate, "NO_READING")
    gate.sensor(answers=True)
    comes_back_by_itself(gate, mark)


def test_fault_30_the_adapter_pulled_out_and_put_back(gate: GateOnBench) -> None:
    mark = gate.mark()
    gate.guest.ask("pull_out_thermometer")
    gate.wait_for_device(mark, "thermometer", "gone")
    person_is_held_for(gate, "NO_READING")
    gate.guest.ask("plug_in_thermometer")
    comes_back_by_itself(gate, mark)


def test_a_bus_that_stalls_for_three_seconds_stops_neither_camera_nor_decision(
    gate: GateOnBench,
) -> None:
    mark = gate.mark()
    gate.sensor(late_s=3.0)
    person_is_held_for(gate, "NO_READING")
    gate.wait_for_device(mark, "thermometer", "gone")
    gate.sensor(late_s=0.0)
    comes_back_by_itself(gate, mark)


def test_fault_32_a_word_of_all_ones_is_a_fault_and_no_temperature(gate: GateOnBench) -> None:
    mark = gate.mark()
    gate.sensor(raw_object=0xFFFF)
    gate.wait_for_device(mark, "thermometer", "faulty")
    person_is_held_for(gate, "SENSOR_FAULT")
    gate.sensor(raw_object=None)
    comes_back_by_itself(gate, mark)


def test_fault_33_a_sensor_that_says_the_same_fifty_times_is_stuck(gate: GateOnBench) -> None:
    mark = gate.mark()
    gate.sensor(raw_object=14_858)  # 24.01 °C
    gate.wait_for_device(mark, "thermometer", "faulty")
    gate.sensor(raw_object=None)
    comes_back_by_itself(gate, mark)


def test_fault_34_an_ambient_temperature_out_of_range_is_not_trusted(gate: GateOnBench) -> None:
    gate.sensor(ambient_celsius=-5.0)
    held = gate.pass_by(celsius=HEALTHY)
    gate.sensor(ambient_celsius=24.0)
    assert (held["result"], held["reason"]) == ("hold", "AMBIENT_OUT_OF_RANGE")


@pytest.mark.parametrize(
    ("raw", "result", "reason"),
    [
        pytest.param(15_357, "hold", "TOO_LOW", id="fault_35_33.99"),
        pytest.param(15_358, "admit", None, id="fault_36_34.01"),
        pytest.param(15_522, "admit", None, id="fault_36_37.29"),
        pytest.param(15_523, "hold", "FEVER", id="fault_36_37.31"),
        pytest.param(15_783, "hold", "UNSURE", id="above_42.50"),
    ],
)
def test_the_limits_hold_to_the_sensors_last_bit(
    gate: GateOnBench, raw: int, result: str, reason: str | None
) -> None:
    gate.sensor(raw_object=raw)
    passage = gate.pass_by()
    gate.sensor(raw_object=None)
    assert (passage["result"], passage["reason"]) == (result, reason)
    assert passage["temperature_centicelsius"] == raw * 2 - 27_315
