"""The gate's own process killed, stopped, and without room to write."""

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from checkpoint.gate.commands import answer
from checkpoint.gate.state import GateState
from checkpoint.ids import CompoundId, Revision
from checkpoint.records import (
    Crossing,
    Device,
    DeviceChange,
    DeviceState,
    DownlinkRefused,
    JournalReplaced,
    Passage,
    Record,
    Result,
    Stamp,
    decode,
)
from checkpoint.rules.facts import JournalHealth
from checkpoint.verdict import Flag
from config.trust import Trust
from kiosk.files.inbox import Inbox
from kiosk.files.journal_buffer import JournalBuffer
from kiosk.files.trusted_state import TrustedState
from sync.journal.opening import open_journal
from sync.journal.reader import JournalReader
from sync.journal.writer import JournalDown
from sync.store.inbox import ContradictedItem
from sync.store.reader import SyncReader
from sync.store.writer import SyncStore
from tests.checkpoint.examples import POLICY, context
from tests.kiosk.one_gate import OneGate
from tests.kiosk.screen.gate_page import PASSAGE
from tests.patience import PATIENCE_S
from tests.sync.journal.journal_files import ROOT, head, is_whole, write


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
        gate.wait(lambda: gate.lock_changes()[-1:] == [True])
    finally:
        process.send_signal(number)
        process.wait(PATIENCE_S)
    assert gate.lock_changes()[-1] is (number is signal.SIGKILL)
    assert [passage.result for passage in gate.passages()] == [Result.ADMIT]
    command = [sys.executable, "-m", "gatepost", "lock", "secure", "--config", config]
    assert subprocess.run(command, timeout=PATIENCE_S, check=False).returncode == 0
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
    journal_buffer = JournalBuffer(
        lambda: open_journal(path, None), _stamp, admit_without_journal=3
    )
    assert [journal_buffer.keep(PASSAGE) for _ in range(5)] == [True, True, True, False, False]
    assert journal_buffer.health == JournalHealth(writable=False, unwritten_admissions=3)
    assert journal_buffer.trouble
    with pytest.raises(JournalDown):
        open_journal(path, None)
    path.parent.unlink()
    journal_buffer.mend()
    assert journal_buffer.health == JournalHealth(writable=True, unwritten_admissions=0)
    assert journal_buffer.keep(PASSAGE)
    journal_buffer.close()
    reader = JournalReader.on(path)
    assert len(list(reader.everything())) == 4
    reader.close()


def test_fault_16_what_fits_memory_is_journalled_in_order_once_there_is_room(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.db"
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.journal_without_room", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
        cwd=ROOT,
        check=True,
    )
    *kept, down, up = done.stdout.splitlines()
    assert kept == ["kept"] * 3 + ["refused"] * 2 + ["kept"]
    assert (down, up) == ("False 3", "True 0")
    assert is_whole(path)
    records = everything(path)
    assert [each.code for each in records if isinstance(each, Passage)] == [
        f"{number:016}" for number in range(8)
    ]
    assert isinstance(records[-1], DeviceChange)


def test_fault_16_a_gate_without_room_goes_on_says_so_and_writes_all_of_it_down_later(
    tmp_path: Path,
) -> None:
    gate = OneGate(tmp_path)
    config = str(gate.compound.gate_config("east-in"))
    journal = gate.settings.gate.data / "journal.db"
    process = subprocess.Popen(
        [sys.executable, "-m", "gatepost", "gate", "run", "--config", config]
    )
    try:
        gate.play(gate.pass_of(0))
        gate.wait_for_passages(1)
        gate.quiet()
        gate.wait(lambda: gate.lock_changes() == [True, False])
        # The relock is a passage, and its record needs room too.
        gate.wait(lambda: any(isinstance(each, Crossing) for each in gate.records()))
        soft, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        room = journal.with_name("journal.db-wal").stat().st_size
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (room, hard))
        gate.play(gate.pass_of(1))
        gate.wait(lambda: gate.pulses() == 2 and not gate.lock_changes()[-1])
        gate.quiet()
        gate.wait(lambda: "Journal does not answer" in page_text(gate))
        gate.play(gate.pass_of(2))
        gate.wait(lambda: gate.pulses() == 3 and not gate.lock_changes()[-1])
        gate.quiet()
        assert len(gate.passages()) == 1
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (soft, hard))
        gate.wait_for_passages(3)
        gate.wait(lambda: journal_changes(gate.records()) == [DeviceState.GONE, DeviceState.OK])
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        gate.store.close()
    assert [each.result for each in gate.passages()] == [Result.ADMIT] * 3
    assert [Flag.DEGRADED in each.flags for each in gate.passages()] == [False, False, True]
    assert is_whole(journal)


def page_text(gate: OneGate) -> str:
    address = f"http://127.0.0.1:{gate.settings.screen.port}/"
    return httpx.get(address, params={"lang": "en"}, timeout=PATIENCE_S).text


def journal_changes(records: list[Record]) -> list[DeviceState]:
    return [
        each.state
        for each in records
        if isinstance(each, DeviceChange) and each.device is Device.JOURNAL
    ]


def everything(path: Path) -> list[Record]:
    reader = JournalReader.on(path)
    records = [decode(row.body) for _, row in reader.everything()]
    reader.close()
    return records


def test_fault_17_a_journal_that_turns_out_damaged_in_the_middle_of_the_work_is_replaced(
    tmp_path: Path,
) -> None:
    path = tmp_path / "journal.db"
    write(path, 800)
    before = head(path)
    journal_buffer = JournalBuffer(
        lambda: open_journal(path, before), _stamp, admit_without_journal=3
    )
    with path.open("r+b") as file:
        start = path.stat().st_size // 2
        file.seek(start)
        file.write(b"\xa5" * (path.stat().st_size - start))
    for _ in range(4):
        assert journal_buffer.keep(PASSAGE)
    assert journal_buffer.trouble
    journal_buffer.mend()
    assert journal_buffer.health == JournalHealth(writable=True, unwritten_admissions=0)
    journal_buffer.close()
    records = everything(path)
    assert sum(isinstance(each, Passage) for each in records) == 4
    [story] = [each for each in records if isinstance(each, JournalReplaced)]
    assert (story.cause, story.old_epoch) == ("damaged", before.epoch)
    assert story.rows_kept > 300


def test_a_contradicted_epoch_is_over_before_its_contradiction_is_written_down(
    tmp_path: Path,
) -> None:
    store = SyncStore.on(tmp_path / "sync.db")
    journal_buffer = JournalBuffer(lambda: open_journal(tmp_path / "journal.db", None), _stamp, 3)
    journal_buffer.keep(PASSAGE)
    old = head(tmp_path / "journal.db").epoch
    store.put(ContradictedItem(old, "the collector has another row"))
    trusted_state = TrustedState(
        Trust({}, {}), SyncReader(tmp_path / "sync.db"), CompoundId(1), POLICY
    )
    inbox = Inbox(
        journal_buffer,
        trusted_state,
        _stamp,
        lambda command: answer(GateState(), command, context()),
    )
    for _ in range(2):
        assert list(inbox.commands()) == []
    journal_buffer.close()
    trusted_state.close()
    store.close()
    reader = JournalReader.on(tmp_path / "journal.db")
    rows = [(epoch == old, decode(row.body)) for epoch, row in reader.everything()]
    reader.close()
    # Nothing more is sent of the old epoch, so the alarm must not stand there.
    assert [(is_old, type(record)) for is_old, record in rows] == [
        (True, Passage),
        (False, JournalReplaced),
        (False, DownlinkRefused),
    ]
