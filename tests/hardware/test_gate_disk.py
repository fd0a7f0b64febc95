"""The gate's disk fails and comes back; ext4 does not forgive, and the gate says so meanwhile."""

import signal

import pytest

from tests.hardware.gate_on_bench import DATA, JOURNAL, GateOnBench

pytestmark = pytest.mark.hardware


def give_the_disk(gate: GateOnBench, table: str) -> None:
    """Change what the device mapper makes of the disk, under whoever uses it."""
    gate.run("dmsetup", "suspend", "--noflush", "--nolockfs", "sd")
    gate.run("dmsetup", "load", "sd", "--table", f"0 {gate.sectors} {table}")
    gate.run("dmsetup", "resume", "sd")


def test_fault_19_a_disk_that_fails_is_said_and_admissions_are_flagged_until_it_is_mounted_anew(
    gate: GateOnBench,
) -> None:
    gate.load("dm_flakey")
    kept = gate.hashes()
    before = len(gate.relay.pulses)
    give_the_disk(gate, "flakey /dev/vda 0 0 3600 1 error_writes")
    gate.show(gate.centre.new_pass(), celsius=36.6)
    gate.wait(lambda: len(gate.relay.pulses) == before + 1, "admitted in memory")
    gate.show()
    gate.wait(lambda: "nothing can be journalled" in gate.log("gate"), "the gate's own words")
    page = gate.page()
    give_the_disk(gate, "linear /dev/vda 0")
    assert "journal" in page.lower()

    # The disk works again, and ext4 still refuses: only a new mount, on a Pi a reboot, mends it.
    gate.signal_gate(signal.SIGTERM)
    gate.wait_for_gate_to_end()
    gate.guest.ask("signal", name="sync", number=signal.SIGTERM)
    assert gate.guest.ask("exit_code", name="sync", within_s=30) is not None
    gate.run("umount", "/mnt/sd")
    gate.run("mount", "-t", "ext4", "/dev/mapper/sd", "/mnt/sd")
    assert gate.run("ls", DATA)
    assert gate.gatepost("journal", "verify", JOURNAL)["code"] == 0
    assert gate.hashes()[: len(kept)] == kept
    gate.start_gate()
    gate.start_sync()
    gate.wait_until_ready()
    assert gate.pass_by()["result"] == "admit"
