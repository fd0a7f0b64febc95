"""gatepost roster apply: a signed roster handed to this gate, and the answer waited for."""

import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatepost.cli.options import DEFAULT_GATE_CONFIG, GateConfig
from gatepost.cli.roster_json import read_whole
from gatepost.cli.sole import GATE_LOCK, is_claimed

if TYPE_CHECKING:
    from checkpoint.ids import Revision
    from config.settings import GateSettings

ANSWER_WITHIN_S = 10.0


def apply(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A roster signed with gatepost roster sign.")
    ],
    config: GateConfig = DEFAULT_GATE_CONFIG,
) -> None:
    """Hand a signed roster to this gate, by the way that sync itself takes.

    Waits up to ten seconds for the answer. Exit code 0: in force, and where a gate runs it obeys; 1: refused,
    and the refusal is journalled; 3: handed over, but gatepost gate sync does not run, or the gate does not answer.
    """
    from checkpoint.ids import CompoundId
    from config.settings.load import load_gate
    from config.trust import load_trust
    from sync.downlink.decisions import Denied, Known, consider_roster

    settings = load_gate(config)
    message = read_whole(file, "FILE")
    compound = CompoundId(settings.gate.compound)
    keys = load_trust(settings.gate.trust).operations
    stored = _stored(settings)
    answer = consider_roster(message, keys, compound, stored)
    spooled = _spool(config, settings.gate.data, message)
    taken = _wait_until(lambda: not spooled.exists())
    if isinstance(answer, Denied):
        print(f"{file}: refused: {answer.why}", file=sys.stderr)
        raise typer.Exit(1)
    if not taken:
        print("handed over; it comes into force when gatepost gate sync runs", file=sys.stderr)
        raise typer.Exit(3)
    revision = stored if isinstance(answer, Known) else answer.value.revision
    if not _wait_until(lambda: _is_obeyed(settings, revision)):
        print("handed over, but the gate has not said that it obeys; see its log", file=sys.stderr)
        raise typer.Exit(3)
    print(
        "this roster is in force already"
        if isinstance(answer, Known)
        else f"in force: revision {revision}, {len(answer.value.residents)} residents"
    )


def _is_obeyed(settings: "GateSettings", revision: "Revision | None") -> bool:
    """Whether sync has stored this roster or a later one, and a gate that runs has left word that it obeys."""
    newest = _stored(settings)
    if is_claimed(settings.gate.data / GATE_LOCK):
        newest = _obeyed(settings)
    return newest is not None and revision is not None and newest >= revision


def _obeyed(settings: "GateSettings") -> "Revision | None":
    import sqlite3

    from sync.journal.reader import JournalReader

    try:
        with closing(JournalReader.on(settings.gate.data / "journal.db")) as reader:
            return reader.roster_obeyed()
    except (sqlite3.Error, OSError):  # being made, or damaged
        return None


def _stored(settings: "GateSettings") -> "Revision | None":
    import sqlite3

    from sync.store.reader import SyncReader

    with closing(SyncReader(settings.gate.data / "sync.db")) as reader:
        try:
            return reader.roster_revision()
        except sqlite3.Error:  # sync has not run yet
            return None


def _spool(config: Path, data: Path, message: bytes) -> Path:
    """Raises ConfigError where the data folder cannot be written."""
    from config.settings.error import ConfigError

    unfinished = data / "spool" / f"{time.time_ns()}.part"
    try:
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(message)
        return unfinished.rename(unfinished.with_suffix(".json"))
    except OSError as error:
        problem = f"gate.data: {data} cannot be written: {error.strerror}"
        raise ConfigError(config, [problem]) from None


def _wait_until(what: Callable[[], bool]) -> bool:
    until_s = time.monotonic() + ANSWER_WITHIN_S
    while not what():
        if time.monotonic() >= until_s:
            return False
        time.sleep(0.05)
    return True
