"""The screen's policy under a real Chromium: it opens the gate's page, and no other on this machine."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from tests.ending import came
from tests.patience import PATIENCE_S

_POLICY: Final = Path(__file__).parents[2] / "systemd" / "gatepost-screen.json"
_ALLOWED: Final = "http://127.0.0.1:8600"


def _can_mount() -> bool:
    if os.getuid() != 0 or shutil.which("Xvfb") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-m", "true"], check=False, capture_output=True, timeout=PATIENCE_S
    )
    return tried.returncode == 0


class _Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.asked = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.set()
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    told = tmp_path / "display"
    with told.open("wb") as file:
        xvfb = subprocess.Popen(["Xvfb", "-displayfd", "1"], stdout=file, stderr=subprocess.DEVNULL)
    until_s = time.monotonic() + PATIENCE_S
    while not told.read_text().strip():
        assert time.monotonic() < until_s
        time.sleep(0.1)
    yield f":{told.read_text().strip()}"
    xvfb.terminate()
    xvfb.wait(PATIENCE_S)


@pytest.mark.skipif(not _can_mount(), reason="only root can put a policy in place, in a namespace")
@pytest.mark.parametrize("locked_down", [False, True])
def test_another_page_is_opened_only_where_there_is_no_policy(
    display: str, tmp_path: Path, *, locked_down: bool
) -> None:
    gate, other, folder = _Server(), _Server(), tmp_path / "etc"
    policy = folder / "policies" / "managed" / "gatepost.json"
    policy.parent.mkdir(parents=True)
    if locked_down:
        text = _POLICY.read_text(encoding="utf-8")
        assert _ALLOWED in text
        policy.write_text(text.replace(_ALLOWED, gate.address))
    script = 'mount --bind "$0" /etc/chromium && exec chromium "$@"'
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    flags = ["--no-sandbox", "--no-first-run", profile, other.address, gate.address]
    browser = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", script, str(folder), *flags],
        env={**os.environ, "DISPLAY": display, "HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        came(gate.asked, "the browser to open the gate's page")
        assert other.asked.wait(5 if locked_down else 60) != locked_down
    finally:
        browser.terminate()
        browser.wait(PATIENCE_S)
