"""A gate that hangs in the kernel: the hardware's watchdog resets the machine, and the next start says so."""

import pytest

from tests.hardware.gate_on_bench import GateOnBench, make_card
from tests.hardware.stand import Stand

pytestmark = pytest.mark.hardware
TIMEOUT_S = 8
WATCHDOG = f"""
[watchdog]
kind = "device"
device = "/dev/watchdog"
timeout_seconds = {TIMEOUT_S}
"""


def test_fault_23_a_loop_that_hangs_on_its_disk_is_reset_and_the_lock_was_shut_before(
    stand: Stand,
) -> None:
    stand.clear()
    card = make_card(stand.folder / "watchdog.img")
    gate = stand.frozen.thaw(card)
    try:
        start(gate)
        gate.hand_in_roster()
        gate.start_sync()
        gate.wait_until_ready()
        assert gate.ask_for_passage()["result"] == "admit"
        gate.wait(lambda: gate.relay.pulses, "the pulse")
        # From now on nothing that is written comes back: the loop hangs where no signal reaches it.
        gate.run("dmsetup", "suspend", "--noflush", "--nolockfs", "sd")
        gate.wait(lambda: not gate.relay.is_high, "the lock's own timer")
        assert gate.machine.wait_for_end(90), gate.story()
        assert gate.machine.verdict is None, "it has ended by itself, not by a reset"
    finally:
        gate.cut_power()

    gate = stand.frozen.thaw(card)
    try:
        start(gate)
        gate.wait(lambda: gate.device_states(0, "program") == ["faulty", "ok"], "the tale")
        told = next(r for r in gate.records(0) if r.get("device") == "program")["detail"]
        assert "lost its power or was reset" in told
        print(f"journalled after the reset: {told}")
    finally:
        gate.cut_power()


def start(gate: GateOnBench) -> None:
    gate.load("i6300esb")
    gate.configure(more=WATCHDOG)
    gate.start_gate()
