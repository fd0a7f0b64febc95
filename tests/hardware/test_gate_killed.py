"""The gate's process ends while its lock is open. On this chip, too, a line stays as it was driven."""

import signal
import time

import pytest

from tests.hardware.gate_on_bench import CONFIG, LOCK_LINE, GateOnBench

pytestmark = pytest.mark.hardware
LONG_S = 30.0


def start_with_a_long_pulse(gate: GateOnBench) -> None:
    gate.signal_gate(signal.SIGTERM)
    gate.wait_for_gate_to_end()
    gate.configure(unlock_seconds=LONG_S)
    gate.start_gate()


def test_faults_14_22_a_line_outlives_its_killed_process_and_lock_secure_switches_it_off(
    gate: GateOnBench,
) -> None:
    start_with_a_long_pulse(gate)
    try:
        admitted = gate.ask_for_passage()
        gate.wait(lambda: gate.relay.is_high, "the pulse")
        gate.signal_gate(signal.SIGTERM)
        assert gate.wait_for_gate_to_end() == 0
        gate.wait(lambda: not gate.relay.is_high, "a shut lock after SIGTERM", 5)
        assert not gate.machine.pins.is_output(LOCK_LINE)

        gate.start_gate()
        before = len(gate.relay.pulses)
        admitted = gate.ask_for_passage()
        gate.wait(lambda: len(gate.relay.pulses) > before, "the pulse")
        gate.signal_gate(signal.SIGKILL)
        assert gate.wait_for_gate_to_end() == -signal.SIGKILL
        killed_s = time.monotonic()
        time.sleep(2)
        assert gate.relay.is_high, "this chip lets go by itself, so the rest shows nothing"

        secured_s = time.monotonic()
        done = gate.gatepost("lock", "secure", "--config", CONFIG)
        assert (done["code"], done["out"]) == (0, "lock: shut\n"), done
        gate.wait(lambda: not gate.relay.is_high, "a shut lock", 5)
        shut_s = gate.relay.pulses[-1].low_after or 0
        print(
            f"line driven for {secured_s - killed_s:.1f} s after kill -9; lock secure, told then,"
            f" had it low {shut_s - secured_s:.1f} s later (emulated)"
        )
        # What the lock did stands on the disk: the record is committed before the lock moves.
        assert gate.passages(0)[-1]["code"] == admitted["code"]
    finally:
        gate.signal_gate(signal.SIGKILL)
        gate.configure()
        gate.start_gate()
    assert gate.newest_epoch_is_whole()
