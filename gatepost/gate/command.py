"""gatepost gate run | sync: the two processes of a gate; and beside them what the centre tells it."""

import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from config.version import VERSION
from gatepost.cli.options import DEFAULT_GATE_CONFIG, GateConfig
from gatepost.cli.sole import GATE_LOCK, SYNC_LOCK, Claimed, sole
from gatepost.gate.from_the_centre import lift, lock_out, open_, remeasure, restart

if TYPE_CHECKING:  # annotations only: the command line starts without all this
    from config.gate_files import GateFiles
    from kiosk.parts import Parts
    from kiosk.screen.board import Board
    from kiosk.screen.preview import CameraPreview
    from ui.page_server import PageServer

app = typer.Typer(
    help="Run a gate: the scan loop, and the sync process beside it. At the centre: tell one what to do.",
    no_args_is_help=True,
)
app.command("open")(open_)
app.command("lock-out")(lock_out)
app.command()(lift)
app.command()(remeasure)
app.command()(restart)


@app.command()
def run(config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Scan, decide, open and journal, and serve the gate's page.

    Missing devices are shown and journalled, and taken back when they come; without its lock the gate
    opens nothing. Ends in order, with the lock shut, on SIGTERM or Ctrl-C.
    """
    from config.gate_files import load_gate_files
    from config.log_lines import logger
    from kiosk.assemble import assemble
    from kiosk.devices.thermometers import accuracy_celsius
    from kiosk.files.last_run import records_of
    from kiosk.loop import Loop, stamp_now
    from kiosk.screen.board import Board
    from kiosk.screen.preview import CameraPreview
    from kiosk.screen.request_queue import RequestQueue

    files = load_gate_files(config)
    settings = files.settings
    stop = _stop_on_signals()
    with _alone(config, settings.gate.data / GATE_LOCK):
        board = Board(settings.gate.id, files.policy.timezone, accuracy_celsius(settings))
        preview = CameraPreview()
        parts = assemble(settings, files.policy, board, RequestQueue(), preview)
        stamp = stamp_now(parts.clock, parts.trusted_state)
        for record in records_of(parts.last_run.ending(), stamp):
            parts.journal_buffer.keep(record)
        loop = Loop(parts)
        page = _serve_page(files, parts, board, preview)
        address = None if page is None else page.address
        logger().info("gate runs", gate=settings.gate.id, page=address)
        with parts.last_run.traced():
            starts_anew = loop.run(stop)
        if page is not None:
            page.stop()
    if starts_anew and "NOTIFY_SOCKET" not in os.environ:
        # Under systemd it has said that it stops: the unit starts it again.
        os.execv(sys.executable, [sys.executable, "-m", "gatepost", *sys.argv[1:]])  # noqa: S606


def _serve_page(
    files: "GateFiles", parts: "Parts", board: "Board", preview: "CameraPreview"
) -> "PageServer | None":
    """The gate's page on a thread of its own, and what it shows beside the scans; None: its port is taken."""
    from kiosk.screen.choices import Choices
    from kiosk.screen.fragments import Surface
    from kiosk.screen.request_routes import RequestRoutes, leave_token, new_token
    from kiosk.screen.residents import Residents
    from kiosk.screen.server import serve
    from kiosk.screen.surroundings import watch

    screen, data, known = files.settings.screen, files.settings.gate.data, parts.trusted_state
    asking = RequestRoutes(parts.request_queue, files.trust.sealing, new_token())
    surface = Surface(screen, preview, Residents(known.roster), Choices(screen, data))
    page = serve(board, asking, screen.port, surface)
    watch(data, known, board.surround)
    if page is not None:
        leave_token(data, page.address, asking.token)
    return page


@app.command()
def sync(config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Bring the journal to the collector, and rosters to the gate.

    Never needs the gate process, the broker or the collector to be there; picks up wherever the
    collector's last acknowledgement was.
    """
    from checkpoint.ids import CompoundId, GateId
    from config.settings.error import ConfigError
    from config.settings.load import load_gate
    from config.trust import load_trust
    from sync.program import Place, SyncProgram, introduction
    from sync.wire.link import Link
    from sync.wire.session import Address

    settings = load_gate(config)
    gate, compound = GateId(settings.gate.id), CompoundId(settings.gate.compound)
    place = Place(gate, compound, settings.gate.data, VERSION)
    trust = load_trust(settings.gate.trust)
    address = Address(settings.broker.host, settings.broker.port)
    stop = _stop_on_signals()
    with _alone(config, settings.gate.data / SYNC_LOCK):
        try:
            program = SyncProgram(place, trust, Link(address, introduction(place)))
        except (OSError, sqlite3.Error) as error:
            problem = f"gate.data: {settings.gate.data} cannot be used: {error}"
            raise ConfigError(config, [problem]) from None
        program.run(stop)


@contextmanager
def _alone(config: Path, lock: Path) -> Iterator[None]:
    """Raises ConfigError where another process serves this data folder already."""
    from config.settings.error import ConfigError

    try:
        with sole(lock):
            yield
    except Claimed:
        problem = f"gate.data: another process has {lock}; end it, or name another folder"
        raise ConfigError(config, [problem]) from None


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
