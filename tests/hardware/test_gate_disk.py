"""The gate's disk fails and comes back; ext4 does not forgive, and the gate says so meanwhile."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.hardware.centre import Centre
from tests.hardware.gate_on_bench import DATA, JOURNAL, GateOnBench

pytestmark = pytest.mark.hardware
CARD = "/dev/mapper/sd"
BLOCK_BYTES = 1024
"""What mkfs.ext4 chooses for so small a disk."""
PASSAGES = 5


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
    end_programs(gate)
    with unmounted(gate):
        pass
    assert gate.run("ls", DATA)
    assert gate.newest_epoch_is_whole()
    assert gate.hashes()[: len(kept)] == kept
    work_again(gate)


def test_fault_17_a_block_of_the_disk_that_lost_its_content_is_told_and_the_journal_begun_anew(
    gate: GateOnBench, centre: Centre
) -> None:
    # The last of several: its page of the file is not the one that tells of the roster, by which a whole gate is known.
    code = [gate.pass_by()["code"] for _ in range(PASSAGES)][-1]
    gate.wait(lambda: set(gate.hashes()) <= set(centre.records()), "everything acknowledged")
    before = set(gate.hashes())
    end_programs(gate)
    place = int(gate.run("grep", "-obUa", code, JOURNAL).split(":")[0])
    with unmounted(gate):
        blocks = gate.run("debugfs", "-R", "blocks /gatepost/journal.db", CARD).split()
        gate.run(
            *("dd", "if=/dev/urandom", f"of={CARD}", f"bs={BLOCK_BYTES}", "count=1"),
            *("conv=notrunc,fsync", f"seek={blocks[place // BLOCK_BYTES]}"),
        )
    assert gate.gatepost("journal", "verify", JOURNAL)["code"] != 0
    work_again(gate)
    told = next(record for record in gate.records(0) if record["kind"] == "journal")
    print(f"kept {told['rows_kept']}, lost {told['rows_lost']} of {told['old_upto']} rows")
    assert told["cause"] == "damaged"
    assert told["rows_kept"] + told["rows_lost"] == told["old_upto"]
    assert told["rows_lost"] > 0
    assert gate.run("ls", f"{DATA}/{told['set_aside']}")
    assert gate.newest_epoch_is_whole()
    gate.wait(lambda: "JOURNAL_DAMAGED" in centre.alerts(), "the collector's alert")
    assert before <= set(centre.records())


def end_programs(gate: GateOnBench) -> None:
    # The gate last: whoever closes a database last empties its WAL, and sync may only read.
    gate.guest.ask("signal", name="sync", number=signal.SIGTERM)
    assert gate.guest.ask("exit_code", name="sync", within_s=60) is not None
    gate.signal_gate(signal.SIGTERM)
    gate.wait_for_gate_to_end()


@contextmanager
def unmounted(gate: GateOnBench) -> Iterator[None]:
    """The disk taken from its folder and put back."""
    gate.run("umount", "/mnt/sd")
    yield
    gate.run("mount", "-t", "ext4", CARD, "/mnt/sd")


def work_again(gate: GateOnBench) -> None:
    gate.start_gate()
    gate.start_sync()
    gate.wait_until_ready()
    assert gate.pass_by()["result"] == "admit"
