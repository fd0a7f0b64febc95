"""A gate that did not end in order says so in its journal once it runs again."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from checkpoint.records import Device, DeviceChange, DeviceState
from kiosk.files.last_run import RUN_FILE, WORDS_FILE, LastRun
from tests.kiosk.one_gate import OneGate
from tests.patience import PATIENCE_S
from tests.programs import Program


class KilledGate:
    """One gate's program, started as often as the test likes."""

    def __init__(self, folder: Path) -> None:
        self.gate = OneGate(folder)
        self.data = self.gate.settings.gate.data
        self._config = self.gate.compound.gate_config("east-in")
        self._passes = 0

    def run_until_it_serves(self) -> subprocess.Popen[bytes]:
        process = Program("gate", "run", "--config", self._config)
        before = len(self.gate.passages())
        self.gate.play(self.gate.pass_of(self._passes))
        self._passes += 1
        self.gate.wait(lambda: len(self.gate.passages()) > before, PATIENCE_S)
        self.gate.quiet()
        return process

    def changes(self) -> list[tuple[DeviceState, str]]:
        """What the journal says of the program itself."""
        return [
            (record.state, record.detail)
            for record in self.gate.records()
            if isinstance(record, DeviceChange) and record.device is Device.PROGRAM
        ]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[KilledGate]:
    program = KilledGate(tmp_path)
    yield program
    program.gate.store.close()


def end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    process.send_signal(number)
    process.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (signal.SIGABRT, "the last run hung; in "),  # what systemd's watchdog sends
        (signal.SIGSEGV, "the last run crashed: Fatal Python error: Segmentation fault in "),
        (signal.SIGKILL, "the last run was killed"),
    ],
)
def test_fault_23_how_a_gate_ended_is_journalled_after_the_restart(
    program: KilledGate, number: signal.Signals, says: str
) -> None:
    end(program.run_until_it_serves(), number)
    assert program.changes() == []
    end(program.run_until_it_serves(), signal.SIGTERM)
    (faulty, detail), ok = program.changes()
    assert (faulty, ok) == (DeviceState.FAULTY, (DeviceState.OK, ""))
    assert detail.startswith(says)
    if number is not signal.SIGKILL:
        assert re.search(r"\w+ \(\w+/\w+\.py:\d+\)", detail), "where it was"
    assert not (program.data / RUN_FILE).exists()
    assert not (program.data / WORDS_FILE).exists()
    end(program.run_until_it_serves(), signal.SIGTERM)
    assert len(program.changes()) == 2


def test_fault_15_a_power_cut_is_told_from_a_kill_by_the_boot(program: KilledGate) -> None:
    end(program.run_until_it_serves(), signal.SIGKILL)
    run = program.data / RUN_FILE
    run.write_text(json.dumps({**json.loads(run.read_text()), "boot_id": "another"}))
    end(program.run_until_it_serves(), signal.SIGTERM)
    assert program.changes()[0][1] == "the last run lost its power or was reset"


def ending(folder: Path, boot_id: str = "this") -> str:
    return LastRun(folder, boot_id).ending()


def test_a_run_that_never_was_ended_in_order(tmp_path: Path) -> None:
    assert ending(tmp_path) == ""


def test_a_run_that_raised_says_what(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), LastRun(tmp_path, "this").traced():
        raise RuntimeError("a bolt is loose")
    assert ending(tmp_path) == "crashed: RuntimeError('a bolt is loose')"


WORDS_BEFORE: Final = """Fatal Python error: Aborted

Thread 0x0000000000000000 (most recent call first):
  <no Python frame>

Thread 0x00007f23199fa6c0 (most recent call first):
  File "/usr/lib/python3.13/threading.py", line 363 in wait
  File "/opt/gatepost/drivers/relay_lock.py", line 95 in _relock

"""


@pytest.mark.parametrize(
    "thread",
    ["Current thread", "Thread"],
    ids=["python knows which thread took the signal", "a thread was just beginning"],
)
def test_fault_23_where_a_gate_hung_is_said_whichever_thread_took_the_signal(
    tmp_path: Path, thread: str
) -> None:
    LastRun(tmp_path, "this").note_late(())
    stack = (
        f"{thread} 0x00007f7178fbab80 (most recent call first):\n"
        '  File "/opt/gatepost/kiosk/loop.py", line 131 in turn\n'
        '  File "/opt/gatepost/kiosk/loop.py", line 114 in run\n'
    )
    modules = "\nExtension modules: numpy._core._multiarray_umath (total: 1)\n"
    (tmp_path / WORDS_FILE).write_text(WORDS_BEFORE + stack + modules)
    place = "in turn (kiosk/loop.py:131) < run (kiosk/loop.py:114)"
    assert ending(tmp_path) == f"hung; {place}"


def test_fault_23_whose_loop_hung_outlives_the_machines_reset(tmp_path: Path) -> None:
    LastRun(tmp_path, "before").note_late(("lock", "journal"))
    assert ending(tmp_path, "before") == "hung: lock and journal did not come round"
    assert ending(tmp_path).startswith("hung: lock and journal did not come round; then lost its")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_note_that_was_being_written_is_a_power_cut(tmp_path: Path, content: bytes) -> None:
    (tmp_path / RUN_FILE).write_bytes(content)
    assert ending(tmp_path) == "lost its power or was reset"


def test_without_room_a_run_leaves_no_trace_and_is_not_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    with LastRun(folder, "this").traced():
        pass
    assert not folder.exists()
