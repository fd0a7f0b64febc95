"""Whoever serves a page ends when it is told to, as systemd tells it, with a hundred event streams open.

Half of them belong to browsers that have stopped reading: the server stands in the middle of a message to them.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.broker import Broker
from tests.collector.centre import Centre
from tests.collector.journals import admitted, batch, journal
from tests.collector.site import Site, line_with
from tests.collector.web.staff import staff
from tests.drivers.waiting import eventually, is_alive
from tests.kiosk.one_gate import OneGate
from tests.patience import PATIENCE_S
from tests.streams import Streams

_READ, _SILENT = 50, 50
_LINES, _AT_ONCE = 400, 50


@contextmanager
def a_hundred(url: str, cookie: str, go_on: Callable[[], object]) -> Iterator[None]:
    """Streams as above; what they show changes as long as somebody still has to be filled."""
    streams = Streams(url, cookie)
    streams.open(_READ, _SILENT)

    def all_stand() -> bool:
        go_on()
        return streams.all_are_read() and streams.all_silent_ones_stand()

    try:
        eventually(all_stand)
        yield
    finally:
        streams.close()


@pytest.fixture
def centre(tmp_path: Path, broker: Broker) -> Iterator[Site]:
    """A collector with a log that is longer than a visitor's buffers."""
    stored = Centre(tmp_path)
    rows = journal(admitted(_LINES))
    for first in range(0, _LINES, _AT_ONCE):
        stored.acked(batch(rows[first : first + _AT_ONCE]))
    stored.close()
    site = Site(tmp_path, broker)
    site.let_staff_in()
    yield site
    site.close()


@pytest.mark.parametrize("command", ["web", "run"])
def test_the_centre_ends(centre: Site, command: str) -> None:
    process = centre.start(command)
    address = line_with(process, "staff page:").split()[-1]
    with staff(address) as client:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        events = f"{address}events?room=live&after=0"
        with a_hundred(events, cookie, lambda: None):
            children = _children(process.pid)
            process.send_signal(signal.SIGTERM)
            said = "".join(process.communicate(timeout=PATIENCE_S))
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert [pid for pid in children if is_alive(pid)] == []


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_gate_ends(tmp_path: Path) -> None:
    gate = OneGate(tmp_path)
    config = str(gate.compound.gate_config("east-in"))
    command = [sys.executable, "-m", "gatepost", "gate", "run", "--config", config]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        told = eventually(lambda: _told(gate.settings.gate.data / "desk-token"))
        address = told["address"]
        headers = {"X-Gatepost-Token": told["token"], "Origin": address.rstrip("/")}
        with httpx.Client(base_url=address, headers=headers, timeout=PATIENCE_S) as scanner:
            codes = iter(range(1_000_000))

            def somebody_scans() -> None:
                assert scanner.post("codes", content=f"no pass {next(codes)}").status_code == 200

            with a_hundred(f"{address}events", "", somebody_scans):
                process.send_signal(signal.SIGTERM)
                said, _ = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        gate.store.close()
    assert process.returncode == 0, said
    assert "visitors of a page did not go and were cut off" in said
    assert "Traceback" not in said


def _told(file: Path) -> dict[str, str] | None:
    try:
        told: dict[str, str] = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return told
