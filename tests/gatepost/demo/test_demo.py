"""The demo, which is also the whole product end to end: real broker, processes, files, frames and pins."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulation.stage import START_WITHIN_S
from tests.drivers.waiting import eventually
from tests.ending import killed
from tests.patience import PATIENCE_S
from tests.said import Said
from tests.streams import Streams

pytestmark = pytest.mark.timeout(
    900
)  # each step is waited for by itself; a minute where nothing else runs

EXPECTED = {
    "resident": ("admit", "OK", []),
    "fever": ("hold", "FEVER", ["FEVER"]),
    "unknown QR": ("refuse", "UNKNOWN_CODE", ["UNKNOWN_VISITOR"]),
    "forged pass": ("refuse", "FORGED", ["FORGED_PASS"]),
    "expired pass": ("hold", "EXPIRED", []),
    "revoked pass": ("refuse", "REVOKED", ["REVOKED_PASS_USED"]),
    "not in the roster": ("hold", "UNKNOWN_PERSON", ["UNKNOWN_VISITOR"]),
    "thermometer unplugged": ("hold", "NO_READING", []),
    "same pass for 100 frames": ("admit", "OK", []),
    "broker away": ("admit", "OK", []),
}


def _marked(mark: str) -> list[int]:
    """Processes that carry this mark in their environment: the demo's and all that came of it."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if mark.encode() in environment and b"State:\tZ" not in _status(folder):
                found.append(int(folder.name))
    return found


def _nothing_is_left(mark: str) -> None:
    """The kernel may still be at ending the last of them."""
    until_s = time.monotonic() + PATIENCE_S
    while _marked(mark) and time.monotonic() < until_s:
        time.sleep(0.05)
    assert _marked(mark) == []


def _status(folder: Path) -> bytes:
    try:
        return (folder / "status").read_bytes()
    except OSError:
        return b"State:\tZ"


@contextmanager
def _started(mark: str, *arguments: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo that is killed, with all that came of it, when the block is left before it has ended."""
    environment = {**os.environ, "GATEPOST_TEST_MARK": mark, "TMPDIR": str(folder)}
    command = [sys.executable, "-m", "gatepost", "demo", *arguments]
    demo = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield demo
    finally:
        killed(demo)


def test_the_fixed_scenario_comes_out_as_expected_and_loses_nothing(tmp_path: Path) -> None:
    report_file = tmp_path / "demo.json"
    with _started("scripted", "--exit", "--json", str(report_file), folder=tmp_path) as demo:
        said, _ = demo.communicate(timeout=2 * PATIENCE_S)
    assert demo.returncode == 0, said
    report = json.loads(report_file.read_text())
    assert (report["lost"], report["duplicated"]) == (0, 0)
    seen = {
        each["name"]: (each["outcome"], each["reason"], each["alerts"])
        for each in report["arrivals"]
    }
    assert seen == EXPECTED
    for each in report["arrivals"]:
        assert each["expected"] == {"outcome": each["outcome"], "reason": each["reason"]}
        assert each["lock_pulses"] == (each["outcome"] == "admit")
        assert each["journal_records"] == each["collector_records"] == 1
    assert report["arrivals"][1]["celsius"] == pytest.approx(38.2, abs=0.15)
    assert report["arrivals"][2]["celsius"] is None
    _nothing_is_left("GATEPOST_TEST_MARK=scripted")
    assert list(tmp_path.glob("gatepost-demo-*")) == []


def test_the_world_is_played_from_its_page(tmp_path: Path) -> None:
    with _started("played", folder=tmp_path) as demo:
        said = Said(demo)
        address = _address(said)
        _post(address, "/switch", what="pace", value="off")
        _post(address, "/switch", what="network", value="off")
        assert "FEVER" in _verdict(said, address, "east-in", "fever")
        _post(address, "/switch", what="network", value="on")
        _post(address, "/switch", what="east-out", value="off")
        _post(address, "/switch", what="east-out", value="on")
        assert "ISOLATING" in _verdict(said, address, "east-out", "isolating")
        demo.send_signal(signal.SIGINT)
        said.until_ended()


def _address(said: Said) -> str:
    """Of the page; the demo says nothing while its processes start, and gives up by itself."""
    line = said.line_with("play the world", within_s=2 * START_WITHIN_S)
    return next(word for word in line.split() if word.startswith("http")).rstrip("/")


def _verdict(said: Said, address: str, gate: str, act: str) -> str:
    """Send somebody until the gate has decided: one that is slow or still starting may not do so the first time."""
    while True:
        _post(address, "/arrive", gate=gate, act=act)
        line = said.line_with(f" {gate} ", f" {act} ")
        if "no verdict" not in line:
            return line


def _post(address: str, path: str, **fields: str) -> None:
    body = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(address + path, body, {"Origin": address})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        assert answer.status in {200, 204}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_demo_leaves_no_process_behind(number: signal.Signals, tmp_path: Path) -> None:
    mark = f"GATEPOST_TEST_MARK=lively-{number.name}"
    with _started(mark.partition("=")[2], folder=tmp_path) as demo:
        said = Said(demo)
        visitors = Streams(f"{_address(said)}/now")
        visitors.open(reading=50, silent=50)
        try:
            eventually(visitors.all_are_read)
            said.line_with(" admit ")
            # Broker, collector with its two, and for each of two gates: the gate and its sync.
            assert len(_marked(mark)) >= 9
            demo.send_signal(number)
            said.until_ended()
            _nothing_is_left(mark)
        finally:
            visitors.close()
    if number is not signal.SIGKILL:
        assert list(tmp_path.glob("gatepost-demo-*")) == []
