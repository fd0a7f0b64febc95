"""gatepost screen: the gate's page in a window of its own, or over the whole screen of a gate."""

import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gatepost.cli.options import DEFAULT_GATE_CONFIG, GateConfig

if TYPE_CHECKING:
    from config.settings import GateSettings

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    # Nobody touches a gate's screen before it may speak.
    "--autoplay-policy=no-user-gesture-required",
    "--no-first-run",
    "--no-default-browser-check",
    # It asks no other machine for anything of its own.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
    "--password-store=basic",
    # A crash or a power cut is no reason to ask whether pages shall be restored.
    "--hide-crash-restore-bubble",
    "--noerrdialogs",
    # Two fingers neither zoom the page nor turn it back.
    "--disable-pinch",
    "--overscroll-history-navigation=0",
)
KIOSK_FLAGS: Final = ("--kiosk", "--ozone-platform-hint=auto")
_LOOK_EVERY_S: Final = 0.5
WRITES_ON_S = 5.0
GOODBYE_S: Final = 2.0
_SAY_EVERY_S: Final = 30.0


def screen(
    config: GateConfig = DEFAULT_GATE_CONFIG,
    kiosk: Annotated[
        bool,
        typer.Option(
            "--kiosk", help="Fill the screen and offer no way out; on a gate, inside cage."
        ),
    ] = False,
    more: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- FLAG...]", help="Flags for the browser, after --."),
    ] = None,
) -> None:
    """Open the gate's page in a Chromium window of its own; without --kiosk for a laptop.

    Waits for as long as no gate answers, and ends when the window is closed. The browser keeps nothing: its
    profile is a folder that is thrown away.
    """
    from config.settings.load import load_gate

    address = _wait_for_page(load_gate(config))
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        print("screen: Chromium is not installed: apt-get install chromium", file=sys.stderr)
        raise typer.Exit(1)
    with _profile() as profile:
        flags = [*FLAGS, *(KIOSK_FLAGS if kiosk else ()), *(more or ())]
        command = [browser, f"--user-data-dir={profile}", f"--app={address}", *flags]
        raise typer.Exit(_run(command))


def _wait_for_page(settings: "GateSettings") -> str:
    """The page's address, once it answers."""
    import socket

    said_s = -_SAY_EVERY_S
    while True:
        port = settings.screen.port or _port_told(settings.gate.data)
        with socket.socket() as probe:
            if port and probe.connect_ex(("127.0.0.1", port)) == 0:
                return f"http://127.0.0.1:{port}/"
        if time.monotonic() - said_s >= _SAY_EVERY_S:
            said_s = time.monotonic()
            where = f"screen.port {port}" if port else f"gate.data {settings.gate.data}"
            print(f"screen: waiting for a gate on {where}: gatepost gate run", file=sys.stderr)
        time.sleep(_LOOK_EVERY_S)


def _port_told(data: Path) -> int:
    """Where screen.port is 0 the running gate says which it took; 0: it has not said so yet."""
    import json
    from urllib.parse import urlsplit

    from kiosk.screen.request_routes import TOKEN_FILE

    try:
        told = json.loads((data / TOKEN_FILE).read_text(encoding="ascii"))
        return urlsplit(told["address"]).port or 0
    except (OSError, ValueError, KeyError):
        return 0


@contextmanager
def _profile() -> Iterator[str]:
    """Thrown away afterwards; Chromium may still be writing when its window is gone."""
    folder = tempfile.mkdtemp(prefix="gatepost-screen-")
    try:
        yield folder
    finally:
        until_s = time.monotonic() + WRITES_ON_S
        while Path(folder).exists() and time.monotonic() < until_s:
            shutil.rmtree(folder, ignore_errors=True)
            time.sleep(_LOOK_EVERY_S)


def _run(command: list[str]) -> int:
    """The browser's exit code; told to end, it ends too."""
    import signal

    browser, told = subprocess.Popen(command), threading.Event()

    def end(*_: object) -> None:
        told.set()
        browser.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while not told.is_set():
        with suppress(subprocess.TimeoutExpired):
            return browser.wait(_LOOK_EVERY_S)
    try:
        return browser.wait(GOODBYE_S)
    except subprocess.TimeoutExpired:
        print(f"screen: {command[0]} does not end and is killed", file=sys.stderr)
        browser.kill()
        return browser.wait(GOODBYE_S)
