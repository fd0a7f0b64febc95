"""The demo, which is also the whole product end to end: real broker, processes, files, frames and pins.

A whole compound on a busy machine takes its time: each step is waited for by itself, for as long as tests are patient,
and whatever came of a demo is ended with its test.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path
from queue import Empty, Queue
from typing import Self

import pytest

from tests.ending import ended, joined, killed
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.timeout(900)  # a minute at most where nothing else runs

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


class Demo:
    """One that runs, told apart from others by its mark; killed with all that came of it when the block is left."""

    def __init__(self, mark: str, *arguments: str, folder: Path) -> None:
        self.mark = f"GATEPOST_TEST_MARK={mark}"
        environment = {**os.environ, "GATEPOST_TEST_MARK": mark, "TMPDIR": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gatepost", "demo", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read, name="reader of the demo", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        killed(self.process)
        _nothing_is_left(self.mark)
        joined(self._reader)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def says(self, *words: str) -> str:
        """The next line with one of these; each line is waited for by itself."""
        heard: list[str] = []
        while True:
            try:
                heard.append(self._lines.get(timeout=PATIENCE_S))
            except Empty:
                pytest.fail(f"said nothing more before {words}: {''.join(heard)}")
            if any(word in heard[-1] for word in words):
                return heard[-1]

    def ended(self) -> str:
        """All that it said since; it has ended."""
        ended(self.process, 2 * PATIENCE_S)
        joined(self._reader)
        return "".join(self._lines.queue)


def test_the_fixed_scenario_comes_out_as_expected_and_loses_nothing(tmp_path: Path) -> None:
    report_file = tmp_path / "demo.json"
    with Demo("scripted", "--exit", "--json", str(report_file), folder=tmp_path) as demo:
        said = demo.ended()
        assert demo.process.returncode == 0, said
        _nothing_is_left(demo.mark)
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
    assert list(tmp_path.glob("gatepost-demo-*")) == []


def test_the_world_is_played_from_its_page(tmp_path: Path) -> None:
    with Demo("played", folder=tmp_path) as demo:
        address = re.findall(r"http://[0-9.:]+", demo.says("play the"))[0]
        _post(address, "/switch", what="pace", value="off")
        _post(address, "/switch", what="network", value="off")
        _post(address, "/arrive", gate="east-in", act="fever")
        assert "hold" in demo.says("FEVER")
        _post(address, "/switch", what="network", value="on")
        _post(address, "/switch", what="east-out", value="off")
        _post(address, "/switch", what="east-out", value="on")
        _post(address, "/arrive", gate="east-out", act="isolating")
        assert "refuse" in demo.says("ISOLATING")


def _post(address: str, path: str, **fields: str) -> None:
    body = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(address + path, body, {"Origin": address})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        assert answer.status in {200, 204}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_demo_leaves_no_process_behind(number: signal.Signals, tmp_path: Path) -> None:
    with Demo(f"lively-{number.name}", folder=tmp_path) as demo:
        demo.says(" admit ", " hold ", " refuse ")
        # Broker, collector with its two, and for each of two gates: the gate and its sync.
        assert len(_marked(demo.mark)) >= 9
        demo.process.send_signal(number)
        ended(demo.process)
        _nothing_is_left(demo.mark)
    if number is not signal.SIGKILL:
        assert list(tmp_path.glob("gatepost-demo-*")) == []
