"""gatepost gate run | sync: the two processes of a gate."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from gatepost import VERSION
from gatepost.options import DEFAULT_GATE_CONFIG, GateConfig
from gatepost.sole import GATE_LOCK, SYNC_LOCK, Claimed, sole

app = typer.Typer(
    help="Run a gate: the scan loop, and the sync process beside it.", no_args_is_help=True
)


@app.command()
def run(config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Scan, decide, open and journal, and serve the gate's page.

    Missing devices are shown and journalled, and taken back when they come; without its lock the gate
    opens nothing. Ends in order, with the lock shut, on SIGTERM or Ctrl-C.
    """
    from zoneinfo import ZoneInfo

    import structlog

    from config.load import load_gate
    from config.trust import load_trust
    from kiosk.assemble import assemble, policy_of
    from kiosk.desk import Desk
    from kiosk.last_run import records_of
    from kiosk.loop import Loop, stamp_now
    from kiosk.screen.asking import Asking, leave_token, new_token
    from kiosk.screen.board import Board
    from kiosk.screen.fragments import Surface
    from kiosk.screen.preview import Preview
    from kiosk.screen.residents import Residents
    from kiosk.screen.server import serve
    from kiosk.surroundings import watch
    from kiosk.thermometers import accuracy_celsius

    settings = load_gate(config)
    policy = policy_of(settings)
    stop = _stop_on_signals()
    with _alone(config, settings.gate.data / GATE_LOCK):
        board = Board(settings.gate.id, policy.timezone, accuracy_celsius(settings))
        desk = Desk()
        preview = Preview()
        parts = assemble(settings, policy, board, desk, preview)
        stamp = stamp_now(parts.clock, parts.lane, parts.knowledge)
        for record in records_of(parts.last_run.ending(), stamp):
            parts.notebook.keep(record)
        loop = Loop(parts)
        asking = Asking(desk, load_trust(settings.gate.trust).sealing, new_token())
        screen = settings.screen
        surface = Surface(screen, preview, Residents(parts.knowledge.roster))
        address = serve(board, asking, screen.port, screen.language, surface)
        watch(
            settings.gate.data,
            ZoneInfo(policy.timezone),
            lambda: parts.knowledge.roster_revision,
            board.surround,
        )
        if address is not None:
            leave_token(settings.gate.data, address, asking.token)
        structlog.get_logger().info("gate runs", gate=settings.gate.id, page=address)
        with parts.last_run.traced():
            loop.run(stop)


@app.command()
def sync(config: GateConfig = DEFAULT_GATE_CONFIG) -> None:
    """Bring the journal to the collector, and rosters to the gate.

    Never needs the gate process, the broker or the collector to be there; picks up wherever the
    collector's last acknowledgement was.
    """
    from checkpoint.ids import CompoundId, GateId
    from config.load import load_gate
    from config.trust import load_trust
    from sync.program import Place, SyncProgram

    settings = load_gate(config)
    gate, compound = GateId(settings.gate.id), CompoundId(settings.gate.compound)
    place = Place(gate, compound, settings.gate.data, VERSION)
    trust = load_trust(settings.gate.trust)
    stop = _stop_on_signals()
    with _alone(config, settings.gate.data / SYNC_LOCK):
        SyncProgram(place, trust, settings.broker.host, settings.broker.port).run(stop)


@contextmanager
def _alone(config: Path, lock: Path) -> Iterator[None]:
    """Raises ConfigError where another process serves this data folder already."""
    from config.load import ConfigError

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
