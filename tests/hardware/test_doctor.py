"""gatepost doctor on real kernel devices: beside a running gate, and alone with the parts."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hardware.gate_on_bench import CONFIG, HEALTHY, GateOnBench

pytestmark = pytest.mark.hardware
Checks = dict[str, Any]


def examine(gate: GateOnBench, *options: str) -> Checks:
    done = gate.gatepost("doctor", "--json", "--config", CONFIG, *options)
    assert done["code"] in {0, 1}, done
    return {check["code"]: check for check in json.loads(done["out"])["checks"]}


@pytest.fixture
def parts(gate: GateOnBench) -> Iterator[GateOnBench]:
    """The devices with no program on them."""
    gate.signal_gate(signal.SIGTERM)
    gate.wait_for_gate_to_end()
    yield gate
    gate.sensor(answers=True)
    gate.start_gate()


def test_beside_a_running_gate_nothing_is_taken_from_it(gate: GateOnBench) -> None:
    before = len(gate.relay.pulses)
    checks = examine(gate, "--click")
    assert checks["gate.running"]["figures"]["lock"] == "ok"
    assert "thermometer.ok" in checks
    assert "camera.ok" not in checks
    assert len(gate.relay.pulses) == before


def test_every_real_part_is_measured_and_the_relay_clicks_when_told(parts: GateOnBench) -> None:
    parts.show(parts.centre.new_pass(), celsius=HEALTHY)
    before = len(parts.relay.pulses)
    checks = examine(parts, "--click")
    camera = next(check for code, check in checks.items() if code.startswith("camera."))
    assert (camera["figures"]["width"], camera["figures"]["height"]) == (640, 480)
    sensor = checks["thermometer.ok"]["figures"]
    assert sensor["readings"] == 20
    assert abs(sensor["mean_celsius"] - HEALTHY) < 0.5
    assert "lock.clicked" in checks
    parts.wait(lambda: len(parts.relay.pulses) == before + 1, "the click")
    parts.wait(lambda: not parts.relay.is_high, "a shut lock")
    for code in ("decode.ok", "decode.slow", "disk.ok", "disk.full", "disk.slow", "broker.ok"):
        print(code, checks.get(code, {}).get("figures"))
    print("camera", camera["figures"])


def test_fault_30_a_sensor_that_does_not_answer_is_named_by_the_kernels_own_words(
    parts: GateOnBench,
) -> None:
    parts.sensor(answers=False)
    gone = examine(parts)["thermometer.gone"]
    assert gone["outcome"] == "fail"
    assert "0x5a does not answer" in gone["detail"]
    assert gone["mend"]
