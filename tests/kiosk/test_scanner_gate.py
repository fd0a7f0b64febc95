"""A gate whose codes come from a scanner on a serial port and not from a camera."""

import os
import re
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint.gate.context import Face
from checkpoint.records import Device, DeviceChange, DeviceState, Result
from drivers.codes.serial_scanner import SerialScanner
from tests.kiosk.one_gate import running_gate
from tests.patience import PATIENCE_S


@pytest.fixture
def listens(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once the port is open; what comes before that is thrown away."""
    listens, lines = threading.Event(), SerialScanner._lines

    def listening(scanner: SerialScanner, port: object) -> Iterator[str]:
        listens.set()
        return lines(scanner, port)

    monkeypatch.setattr(SerialScanner, "_lines", listening)
    return listens


def test_passes_are_scanned_one_by_one_and_a_scanner_that_is_pulled_out_is_a_fault(
    tmp_path: Path, listens: threading.Event
) -> None:
    scanner, kept = os.openpty()
    tty.setraw(kept)
    table = f'[camera]\nkind = "scanner"\nport = "{os.ttyname(kept)}"\n\n[thermometer]'
    change = re.compile(r"\[camera\].*?\[thermometer\]", re.DOTALL)
    with running_gate(tmp_path, lambda text: change.sub(table, text)) as gate:
        gate.play()
        gate.wait_until_it_serves()
        assert listens.wait(PATIENCE_S)
        for number in range(3):
            os.write(scanner, f"{gate.pass_of(number)}\r\n".encode())
            gate.wait_for_passages(number + 1)
            gate.wait_for_face(Face.READY)
        assert [passage.result for passage in gate.passages()] == [Result.ADMIT] * 3
        assert gate.pulses() == 3
        os.close(scanner)
        os.close(kept)
        gate.wait_for_face(Face.FAULT)
        changes = [record for record in gate.records() if isinstance(record, DeviceChange)]
        assert (changes[-1].device, changes[-1].state) == (Device.CAMERA, DeviceState.GONE)
        assert "camera.port" in changes[-1].detail
