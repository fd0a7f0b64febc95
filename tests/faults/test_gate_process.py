"""The gate's own process killed, stopped, and without room to write."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checkpoint.ids import Revision
from checkpoint.records import Result, Stamp
from checkpoint.rules import JournalHealth
from kiosk.notebook import Notebook
from sync.journal import JournalDown
from sync.journal_opening import open_journal
from sync.journal_reader import JournalReader
from tests.kiosk.one_gate import OneGate
from tests.kiosk.test_page import PASSAGE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_faults_14_22_a_gate_that_ends_with_the_relay_on_is_shut_by_its_end_or_by_lock_secure(
    tmp_path: Path, number: signal.Signals
) -> None:
    gate = OneGate(
        tmp_path, lambda text: text.replace("unlock_seconds = 0.3", "unlock_seconds = 30")
    )
    config = str(gate.compound.gate_config("east-in"))
    process = subprocess.Popen(
        [sys.executable, "-m", "gatepost", "gate", "run", "--config", config]
    )
    try:
        gate.play(gate.pass_of(0))
        gate.wait(lambda: gate.lock_changes()[-1:] == [True], 40)
    finally:
        process.send_signal(number)
        process.wait(20)
    assert gate.lock_changes()[-1] is (number is signal.SIGKILL)
    assert [passage.result for passage in gate.passages()] == [Result.ADMIT]
    command = [sys.executable, "-m", "gatepost", "lock", "secure", "--config", config]
    assert subprocess.run(command, timeout=30, check=False).returncode == 0
    assert gate.lock_changes()[-1] is False
    gate.store.close()


def _stamp() -> Stamp:
    return Stamp(
        at_us=time.time_ns() // 1000,
        boot_id="b",
        uptime_ms=1,
        clock_synced=True,
        policy_revision=Revision(0),
        roster_revision=None,
    )


def test_fault_16_without_room_the_policys_number_is_admitted_in_memory_then_nobody(
    tmp_path: Path,
) -> None:
    path = tmp_path / "not-there-yet" / "journal.db"
    path.parent.write_text("a file where the folder should be")
    notebook = Notebook(lambda: open_journal(path, None), _stamp, admit_without_journal=3)
    assert [notebook.keep(PASSAGE) for _ in range(5)] == [True, True, True, False, False]
    assert notebook.health == JournalHealth(writable=False, unwritten_admissions=3)
    assert notebook.trouble
    with pytest.raises(JournalDown):
        open_journal(path, None)
    path.parent.unlink()
    notebook.mend()
    assert notebook.health == JournalHealth(writable=True, unwritten_admissions=0)
    assert notebook.keep(PASSAGE)
    notebook.close()
    reader = JournalReader.on(path)
    assert len(list(reader.everything())) == 4
    reader.close()
