"""Gates that start with something missing: they run, say so, and never open a lock they cannot trust."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint.gate.context import Face
from checkpoint.records import ClockSet, Device, DeviceChange, DeviceState, Passage, Result
from checkpoint.verdict import Flag, Reason
from drivers import DeviceGone
from kiosk.screen.health_view import HealthLamp
from tests.kiosk.one_gate import OneGate, running_gate


def _without_lock(config: str) -> str:
    before, _, after = config.partition("[lock]")
    _, _, rest = after.partition("[screen]")
    return f'{before}[lock]\nkind = "gpio"\npin = 17\n\n[screen]{rest}'


def _with_missing_camera(config: str) -> str:
    before, _, after = config.partition("[camera]")
    _, _, rest = after.partition("[thermometer]")
    return f'{before}[camera]\nkind = "device"\ndevice = 63\n\n[thermometer]{rest}'


def _with_missing_bus(config: str) -> str:
    before, _, after = config.partition("[thermometer]")
    _, _, rest = after.partition("[lock]")
    return f'{before}[thermometer]\nkind = "mlx90614"\nbus = 250\nsensor = "s1"\n\n[lock]{rest}'


def _with_wrong_clock(config: str) -> str:
    return config.replace('source = "simulated"', 'source = "simulated"\nsynced = false')


def _with_system_clock(config: str) -> str:
    return config.replace('source = "simulated"', 'source = "timedatectl"')


def _lamp(gate: OneGate, name: str) -> HealthLamp | None:
    return next((lamp for lamp in gate.board.strip("en").lamps if lamp.name == name), None)


def _is_out(gate: OneGate, device: Device) -> bool:
    return any(
        isinstance(r, DeviceChange) and r.device is device and r.state is not DeviceState.OK
        for r in gate.records()
    )


def test_without_its_lock_the_gate_holds_everybody_and_names_the_config_key(tmp_path: Path) -> None:
    with running_gate(tmp_path, _without_lock) as gate:
        gate.wait(lambda: _is_out(gate, Device.LOCK))
        gate.play(gate.pass_of(0))
        passage = gate.wait_for_passages(1)[0]
        assert (passage.result, passage.reason) == (Result.HOLD, Reason.LOCK_DOWN)
        assert Flag.DEGRADED in passage.flags
        lamp = _lamp(gate, "Lock")
        assert lamp is not None
        assert "lock.pin" in lamp.detail


@pytest.mark.parametrize(
    ("edit", "device", "name", "key"),
    [
        (_with_missing_camera, Device.CAMERA, "Camera", "camera.device"),
        (_with_missing_bus, Device.THERMOMETER, "Thermometer", "thermometer.bus"),
    ],
)
def test_a_missing_device_is_journalled_and_shown_with_its_config_key(
    tmp_path: Path, edit: Callable[[str], str], device: Device, name: str, key: str
) -> None:
    with running_gate(tmp_path, edit) as gate:
        gate.wait(lambda: _is_out(gate, device))
        gate.wait(lambda: (lamp := _lamp(gate, name)) is not None and lamp.tone != "")
        lamp = _lamp(gate, name)
        assert lamp is not None
        assert key in lamp.detail
        assert gate.pulses() == 0


def _states(gate: OneGate) -> dict[Device, DeviceState]:
    changes = [record for record in gate.records() if isinstance(record, DeviceChange)]
    return {change.device: change.state for change in changes}


def test_a_part_that_was_mended_while_the_gate_was_off_is_journalled_as_working(
    tmp_path: Path,
) -> None:
    gate = OneGate(tmp_path)
    gate.start()
    try:
        out = {Device.CAMERA: DeviceState.GONE, Device.THERMOMETER: DeviceState.GONE}
        gate.play(celsius=None, thermometer="unplugged", camera="unplugged")
        gate.wait(lambda: _states(gate) == out)
        gate.stop()
        gate.quiet()
        gate.start()
        gate.wait(lambda: _states(gate) == dict.fromkeys(out, DeviceState.OK))
        count = len(gate.records())
        gate.stop()
        gate.start()
        gate.play(gate.pass_of(0))
        gate.wait_for_passages(1)
        assert isinstance(gate.records()[count], Passage), "nothing is told twice"
    finally:
        gate.stop()
        gate.store.close()


class RelayThatFails:
    """Claimed without complaint, and gone when it is needed."""

    def release_for(self, milliseconds: int) -> None:
        raise DeviceGone(f"the relay did not take {milliseconds} ms")

    def secure(self) -> None:
        return

    def timer_turned_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def close(self) -> None:
        return


def test_a_lock_that_fails_when_told_to_open_takes_the_admission_back(tmp_path: Path) -> None:
    gate = OneGate(tmp_path)
    gate.start(lambda parts: replace(parts, find_lock=RelayThatFails))
    try:
        gate.play(gate.pass_of(0))
        passages = gate.wait_for_passages(2)
        assert [p.result for p in passages] == [Result.ADMIT, Result.HOLD]
        assert passages[1].reason is Reason.LOCK_DOWN
        assert passages[1].code == passages[0].code
        gate.wait_until_shown(Face.STOP)
    finally:
        gate.stop()
        gate.store.close()


def test_a_clock_that_was_never_set_is_flagged_and_dates_are_not_judged(tmp_path: Path) -> None:
    with running_gate(tmp_path, _with_wrong_clock) as gate:
        gate.play(gate.pass_of(0, days_until=-1))
        passage = gate.wait_for_passages(1)[0]
        assert (passage.result, passage.flags) == (Result.ADMIT, (Flag.DEGRADED,))
        assert not passage.stamp.clock_synced
        clock = _lamp(gate, "Clock")
        assert clock is not None
        assert clock.value == "Clock not set"


def test_fault_21_a_roster_edited_in_the_gates_file_is_not_obeyed(tmp_path: Path) -> None:
    gate = OneGate(tmp_path)
    with closing(sqlite3.connect(gate.settings.gate.data / "sync.db")) as db, db:
        db.execute("UPDATE roster SET message = replace(message, 'R0000000', 'R0000099')")
    gate.start()
    try:
        gate.play(gate.pass_of(99))
        passage = gate.wait_for_passages(1)[0]
        assert (passage.result, passage.reason) == (Result.HOLD, Reason.UNKNOWN_PERSON)
    finally:
        gate.stop()
        gate.store.close()


def test_fault_17_a_gate_whose_journal_is_garbage_sets_it_aside_and_serves(tmp_path: Path) -> None:
    gate = OneGate(tmp_path)
    journal = gate.settings.gate.data / "journal.db"
    journal.write_bytes(b"this is no database " * 1000)
    gate.start()
    try:
        gate.play(gate.pass_of(0))
        passage = gate.wait_for_passages(1)[0]
        assert passage.result is Result.ADMIT
        kinds = [type(record).__name__ for record in gate.records()]
        assert kinds[0] == "JournalReplaced"
        assert len(list(journal.parent.glob("journal.db.set-aside-*"))) == 1
    finally:
        gate.stop()
        gate.store.close()


def test_a_gate_that_is_told_to_stop_while_the_door_is_open_shuts_it(tmp_path: Path) -> None:
    with running_gate(
        tmp_path, lambda c: c.replace("unlock_seconds = 0.3", "unlock_seconds = 30")
    ) as gate:
        gate.play(gate.pass_of(0))
        gate.wait(lambda: gate.lock_changes()[-1:] == [True])
        gate.wait_until_shown(Face.PASS)
    assert gate.lock_changes()[-1] is False


TIMEDATECTL = """#!/bin/sh
test -e {folder}/set && echo yes || echo no
"""


def test_fault_37_a_clock_that_is_set_while_the_gate_runs_is_journalled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "timedatectl").write_text(TIMEDATECTL.format(folder=tools))
    (tools / "timedatectl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    with running_gate(tmp_path, _with_system_clock) as gate:
        gate.play(gate.pass_of(0))
        [passage] = gate.wait_for_passages(1)
        (tools / "set").touch()
        gate.wait(lambda: any(isinstance(record, ClockSet) for record in gate.records()))
        [told] = [record for record in gate.records() if isinstance(record, ClockSet)]
    assert not passage.stamp.clock_synced
    assert told.stamp.clock_synced
    assert told.stamp.boot_id == passage.stamp.boot_id
    assert told.stamp.uptime_ms > passage.stamp.uptime_ms


def test_a_clock_that_is_right_from_the_beginning_is_no_news(tmp_path: Path) -> None:
    with running_gate(tmp_path) as gate:
        gate.play(gate.pass_of(0))
        gate.wait_for_passages(1)
        assert not any(isinstance(record, ClockSet) for record in gate.records())
