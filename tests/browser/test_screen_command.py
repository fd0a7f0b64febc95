"""gatepost screen: a real Chromium window under Xvfb, and over the whole screen of a real cage."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, expect

from checkpoint.gate.context import Face, Show
from config.settings import ScreenTable
from kiosk.screen.fragments import Surface
from simulation.compound import found
from simulation.processes import free_port
from tests.ending import joined
from tests.kiosk.screen.gate_page import ADMITTED, GateSite, gate_site
from tests.patience import PATIENCE_S

NOBODY = 65534
needs = {
    name: pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is missing")
    for name in ("Xvfb", "cage", "Xwayland", "grim")
}


@pytest.fixture
def site() -> Iterator[GateSite]:
    """By day at any hour, so that green is bright."""
    day = ScreenTable(night_from="00:00", night_until="00:00")
    with gate_site("en", Surface(day)) as site:
        yield site


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that others than the tests' own user may look into."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # Chromium ends slowly
        Path(name).chmod(0o755)
        yield Path(name)


def _config(folder: Path, port: int) -> Path:
    config = found(folder, 1, unlock_seconds=1).gate_config("east-in")
    text = config.read_text().splitlines()
    config.write_text("\n".join(f"port = {port}" if "port =" in li else li for li in text))
    return config


def _command(config: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "gatepost", "screen", "--config", str(config), *more]


@contextmanager
def _running(
    command: list[str], log: Path, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, env={**os.environ, **environment}
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait(until: Callable[[], bool], log: Path, seconds: float = 120) -> None:
    until_s = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < until_s, log.read_text(errors="replace")
        time.sleep(0.2)


def _display(folder: Path) -> tuple[list[str], Path]:
    return ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24"], folder / "xvfb.log"


def _pages_of(debug: int) -> str:
    """What the browser behind this port says of its pages."""
    with urllib.request.urlopen(
        f"http://127.0.0.1:{debug}/json/list", timeout=PATIENCE_S
    ) as answer:
        return str(answer.read().decode())


@needs["Xvfb"]
def test_on_a_laptop_it_waits_for_the_gate_and_is_a_window_of_its_own_that_leaves_nothing_behind(
    site: GateSite, chromium: Browser, open_folder: Path
) -> None:
    port = int(site.address.rstrip("/").rsplit(":", 1)[1])
    debug, log = free_port(), open_folder / "screen.log"
    command, display = _display(open_folder)
    with _running(command, display):
        _wait(lambda: display.read_text().strip().isdecimal(), display)
        name = f":{display.read_text().strip()}"
        flags = ["--no-sandbox", f"--remote-debugging-port={debug}"]
        mine = {"DISPLAY": name, "TMPDIR": str(open_folder)}
        with _running(_command(_config(open_folder, port), "--", *flags), log, **mine) as screen:
            _wait(lambda: "DevTools listening" in log.read_text(errors="replace"), log)
            # Whoever connects while Chromium still makes its window may wait for ever.
            _wait(lambda: site.address in _pages_of(debug), log)
            window = chromium.browser_type.connect_over_cdp(f"http://127.0.0.1:{debug}")
            page = window.contexts[0].pages[0]
            expect(page.get_by_role("heading", name="Show your pass")).to_be_visible()
            assert page.url == site.address
            alone = page.evaluate("matchMedia('(display-mode: standalone)').matches")
            assert alone, "no address bar and no tabs"
            window.close()
            assert list(open_folder.glob("gatepost-screen-*"))
        assert screen.returncode is not None
    assert list(open_folder.glob("gatepost-screen-*")) == []


def test_without_a_gate_it_waits_and_says_for_what(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "screen.log"
    with _running(_command(_config(tmp_path, port)), log) as screen:
        _wait(lambda: f"waiting for a gate on screen.port {port}" in log.read_text(), log)
        assert screen.poll() is None


@needs["cage"]
@needs["Xwayland"]  # cage starts only with one
@needs["grim"]
def test_on_a_gate_it_fills_the_screen_of_cage(site: GateSite, open_folder: Path) -> None:
    port = int(site.address.rstrip("/").rsplit(":", 1)[1])
    config, log = _config(open_folder, port), open_folder / "cage.log"
    runtime = open_folder / "runtime"
    runtime.mkdir(mode=0o700)
    command = ["cage", "--", *_command(config, "--kiosk")]
    if os.getuid() == 0:  # cage refuses root, and this Python may lie in root's home
        os.chown(runtime, NOBODY, NOBODY)
        reads = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        command = [*user, *reads, *command, "--", "--no-sandbox"]
    mine = {
        "XDG_RUNTIME_DIR": str(runtime),
        "HOME": str(runtime),
        "TMPDIR": str(runtime),
        "WLR_BACKENDS": "headless",
        "WLR_RENDERER": "pixman",
        "WLR_LIBINPUT_NO_DEVICES": "1",
    }
    with _running(command, log, **mine):
        _wait((runtime / "wayland-0").exists, log)
        _wait(site.board.is_shown, log)
        assert _greens(site, open_folder / "shot.png", runtime) > 0.5


def _greens(site: GateSite, shot: Path, runtime: Path) -> float:
    """How much of the screen is green at its best while pass and ready take turns.

    The software renderer of a headless cage gives grim only what has changed since the last frame.
    """
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "WAYLAND_DISPLAY": "wayland-0"}
    stop, until_s = threading.Event(), time.monotonic() + 120

    def take_turns() -> None:
        while not stop.wait(0.3):
            site.board.show(ADMITTED)
            stop.wait(0.3)
            site.board.show(Show(Face.READY))

    turns = threading.Thread(target=take_turns)
    turns.start()
    try:
        best = 0.0
        while best < 0.5 and time.monotonic() < until_s:
            subprocess.run(
                ["grim", str(shot)],
                env=environment,
                check=True,
                capture_output=True,
                timeout=PATIENCE_S,
            )
            picture = cv2.imread(str(shot))
            assert picture is not None
            blue, green, red = (picture[:, :, channel].astype(int) for channel in range(3))
            best = max(best, float(((green > red + 60) & (green > blue + 40)).mean()))
    finally:
        stop.set()
        joined(turns)
    return best
